"""Processes that we start, and that never outlive us.

    child = Child("动作服务", [sys.executable, "-m", "rasa_sdk"], environment)
    child.poll()     its exit code, None while it runs
    child.stop()     ask it to end, and after a while make it

Each child leads a process group of its own, so that Ctrl-C reaches only us, who then end them in order;
and the kernel kills it when we die without having been able to, also by `kill -9`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

REFUSED = 2  # the exit code of a process that refused to start and has said why, in one line
PATIENCE_SECONDS = 5.0
_SET_PARENT_DEATH_SIGNAL = 1
# Loaded here, because between fork and exec nothing may be imported or looked up.
_LIBC = ctypes.CDLL(None)


class Child:
    """A process that we started."""

    def __init__(
        self,
        title: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: pathlib.Path,
        log: pathlib.Path | None = None,
    ) -> None:
        self.title = title
        self.started = time.monotonic()
        with contextlib.ExitStack() as files:
            output = files.enter_context(log.open("wb")) if log else None
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_dies_with(os.getpid()),
            )

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send the process a polite signal and do not wait."""
        if self.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End the whole group at once, and take note of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def stop_all(children: Iterable[Child], patience: float = PATIENCE_SECONDS) -> None:
    """End these processes: all are asked at once, and killed if they have not ended in time."""
    children = list(children)
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and any(child.poll() is None for child in children):
        time.sleep(0.05)
    for child in children:
        child.kill()


def last_line(log: pathlib.Path, none: str = "") -> str:
    """The last thing that a process said in its log; `none` where it said nothing."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), none)


def _dies_with(parent: int) -> Callable[[], None]:
    """What a new process does first: ask the kernel to kill it together with its parent."""

    def before_exec() -> None:
        if hasattr(_LIBC, "prctl"):
            _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
