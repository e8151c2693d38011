from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from wence.processes import Child, stop_all

FOREVER = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


def child(folder: pathlib.Path, code: str, log: pathlib.Path | None = None) -> Child:
    return Child("test", [sys.executable, "-c", code], os.environ, folder, log)


def is_running(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(what, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_running_child_has_no_exit_code(tmp_path: pathlib.Path):
    running = child(tmp_path, FOREVER)
    assert running.poll() is None
    running.kill()


def test_a_child_that_ended_has_its_exit_code(tmp_path: pathlib.Path):
    ended = child(tmp_path, "import sys; sys.exit(2)")
    wait_for(lambda: ended.poll() is not None)

    assert ended.poll() == 2


def test_what_a_child_says_stands_in_its_log(tmp_path: pathlib.Path):
    log = tmp_path / "log"
    saying = child(tmp_path, "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr)", log)
    wait_for(lambda: saying.poll() is not None)

    assert log.read_text().split() == ["out", "err"]


def test_a_child_leads_a_process_group_of_its_own(tmp_path: pathlib.Path):
    running = child(tmp_path, FOREVER)
    assert os.getpgid(running.pid) == running.pid != os.getpgid(0)
    running.kill()


def test_all_children_have_ended_when_stop_all_returns(tmp_path: pathlib.Path):
    children = [child(tmp_path, FOREVER) for _ in range(3)]
    stop_all(children)

    assert not any(is_running(each.pid) for each in children)


def test_a_child_that_does_not_listen_is_killed(tmp_path: pathlib.Path):
    log = tmp_path / "log"
    deaf = child(tmp_path, STUBBORN, log)
    wait_for(lambda: log.read_text())
    stop_all([deaf], patience=0.2)

    assert deaf.poll() == -signal.SIGKILL


def test_what_a_child_started_ends_with_it(tmp_path: pathlib.Path):
    log = tmp_path / "log"
    code = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {FOREVER!r}]).pid, flush=True); {FOREVER}"
    parent = child(tmp_path, code, log)
    wait_for(lambda: log.read_text().strip())
    stop_all([parent])

    wait_for(lambda: not is_running(int(log.read_text())))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_die_with_their_parent_however_it_dies(tmp_path: pathlib.Path, number: signal.Signals):
    code = (
        "import os, pathlib, sys, time; from wence.processes import Child\n"
        f"child = Child('test', [sys.executable, '-c', {FOREVER!r}], os.environ, pathlib.Path('.'))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.send_signal(number)

    wait_for(lambda: not is_running(pid))
