"""Starting, watching and ending a served assistant. Each refusal is one line in Chinese."""

from __future__ import annotations

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time

import pytest

from tests import assistant
from tests.assistant import Assistant
from tests.test_processes import is_running, wait_for
from wence import run, settings, training
from wence.settings import PROJECT

QUESTION = "试点目标是什么?"


def refusal(folder: pathlib.Path, **environment: str) -> str:
    """The one line with which `wence run` refuses to start; what it said while training does not count."""
    started = assistant.start(folder, **environment)
    assert started.process.wait(120) == 2, started.words()
    lines = [line for line in started.words().splitlines() if not line.startswith("正在")]
    assert len(lines) == 1, started.words()
    assert lines[0].startswith("启动失败:")
    return lines[0]


def test_a_port_that_is_no_number_stops_the_start(tmp_path: pathlib.Path):
    assert "PORT=http" in refusal(tmp_path, PORT="http")


def test_a_taken_port_stops_the_start(tmp_path: pathlib.Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"端口 {port} 已被" in refusal(tmp_path, PORT=port)


def test_missing_knowledge_stops_the_start(tmp_path: pathlib.Path):
    assert "policy.yml" in refusal(tmp_path, WENCE_KNOWLEDGE=str(tmp_path), WENCE_MODELS=str(tmp_path))


def test_broken_knowledge_stops_the_start(tmp_path: pathlib.Path):
    (tmp_path / "policy.yml").write_text("facts: [", encoding="utf-8")

    assert "policy.yml 第" in refusal(tmp_path, WENCE_KNOWLEDGE=str(tmp_path), WENCE_MODELS=str(tmp_path))


def test_a_broken_model_stops_the_start(tmp_path: pathlib.Path):
    model = tmp_path / f"{training.fingerprint(settings.load({}))}.tar.gz"
    model.write_bytes(b"broken")

    assert model.name in refusal(tmp_path, WENCE_MODELS=str(tmp_path))


@pytest.mark.live
def test_a_model_that_does_not_load_stops_the_start(live: Assistant, tmp_path: pathlib.Path):
    whole = settings.load({}).model_file(training.fingerprint(settings.load({})))
    with tarfile.open(whole) as archive, tarfile.open(tmp_path / whole.name, "w:gz") as part:
        part.addfile(archive.getmember("metadata.json"), archive.extractfile("metadata.json"))

    assert whole.name in refusal(tmp_path, WENCE_MODELS=str(tmp_path))


@pytest.mark.live
def test_a_mistyped_tracker_store_stops_the_server(live: Assistant, tmp_path: pathlib.Path):
    configuration = live.state / "run" / live.url.rpartition(":")[2]
    endpoints = tmp_path / "endpoints.yml"
    text = (configuration / "endpoints.yml").read_text(encoding="utf-8")
    endpoints.write_text(text.replace("SqliteTrackerStore", "SqliteTrackerStroe"), encoding="utf-8")
    model = settings.load({}).model_file(training.fingerprint(settings.load({})))
    command = [sys.executable, "-m", "wence.server", model, endpoints, configuration / "credentials.yml"]
    environment = settings.load({"PORT": str(assistant.free_port())}).child_environment()
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert re.fullmatch(r"启动失败:endpoints\.yml .*SqliteTrackerStroe.*\n", ended.stdout + ended.stderr)


@pytest.mark.live
def test_a_started_assistant_says_what_to_open_and_what_to_ask(live: Assistant):
    assert live.url in live.words()
    assert "curl" in live.words()


@pytest.mark.live
def test_the_log_of_a_start_fits_a_screen(live: Assistant):
    assert len(live.words().splitlines()) <= 60


@pytest.mark.live
def test_a_started_assistant_answers(live: Assistant):
    assert live.status(QUESTION) == "answered"


@pytest.mark.live
def test_everything_listens_on_the_loopback_address(live: Assistant):
    listening = set()
    for pid in live.children():
        sockets = {
            os.readlink(link)[8:-1]
            for link in pathlib.Path(f"/proc/{pid}/fd").iterdir()
            if link.is_symlink() and os.readlink(link).startswith("socket:")
        }
        for table in ("tcp", "tcp6"):
            for row in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A" and fields[9] in sockets:
                    listening.add(fields[1].partition(":")[0])

    assert listening == {"0100007F"}


@pytest.mark.live
def test_a_second_start_neither_installs_nor_trains_and_answers_soon(live: Assistant, tmp_path: pathlib.Path):
    port = str(assistant.free_port())
    log = tmp_path / "log"
    environment = {**os.environ, "WENCE_STATE": str(tmp_path), "WENCE_MODELS": str(PROJECT / "var" / "models")}
    command = ["make", "run", f"PORT={port}"]
    began = time.monotonic()
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT) as make,
    ):
        try:
            wait_for(lambda: assistant.READY in log.read_text(encoding="utf-8"), 60)
            seconds = time.monotonic() - began
        finally:
            make.terminate()

    said = log.read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{port}" in said
    assert "安装" not in said
    assert "训练" not in said
    assert seconds < 15


@pytest.mark.live
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_ends_every_process(own: Assistant, number: signal.Signals):
    children = own.children()

    assert own.stop(number) == 0
    assert not any(is_running(pid) for pid in children)


@pytest.mark.live
def test_killed_it_leaves_no_process(own: Assistant):
    children = own.children()
    own.process.kill()
    own.process.wait()

    wait_for(lambda: not any(is_running(pid) for pid in children))


@pytest.mark.live
def test_a_dead_action_server_is_started_again(own: Assistant):
    os.kill(own.child("wence.action_server"), signal.SIGKILL)
    assert own.status(QUESTION) == "unavailable"

    wait_for(lambda: own.status(QUESTION) == "answered", 30)


@pytest.mark.live
def test_a_hanging_action_server_is_started_again(own: Assistant):
    os.kill(own.child("wence.action_server"), signal.SIGSTOP)

    wait_for(lambda: own.status(QUESTION) == "answered", 60)


@pytest.mark.live
def test_when_rasa_dies_everything_ends_with_a_clear_line(own: Assistant):
    children = own.children()
    os.kill(own.child("wence.server"), signal.SIGKILL)

    assert own.process.wait(30) == 1
    assert "Rasa 意外结束" in own.words()
    assert not any(is_running(pid) for pid in children)


def test_what_is_written_for_a_run_has_no_open_places(tmp_path: pathlib.Path):
    wanted = settings.load({"WENCE_STATE": str(tmp_path), "PORT": "5905"})
    run.write_configuration(wanted)

    written = wanted.endpoints_file.read_text(encoding="utf-8")
    assert "http://127.0.0.1:5955/webhook" in written
    assert "${" not in written.partition("\n\n")[2]
