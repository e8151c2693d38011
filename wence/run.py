"""Running the assistant: everything checked, trained where needed, started, watched and ended.

    run(settings)      from nothing to an assistant that answers; returns the exit code when it has ended

Two processes answer a question, Rasa and the action server. Both are started at once and are children of
this one. It says that the assistant is ready only after a real question has been answered. The action
server is started again when it dies or hangs; when Rasa ends, everything ends.
"""

from __future__ import annotations

import errno
import json
import signal
import socket
import string
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wence import training
from wence.processes import Child, stop_all
from wence.settings import PROJECT, Settings, SettingsError

TEMPLATES = ("endpoints.yml", "credentials.yml")
FIRST_QUESTION = "试点目标是什么?"
FIRST_SENDER = "wence-start"
START_SECONDS = 120.0
CHECK_EVERY_SECONDS = 2.0
HANGING_CHECKS = 4
RESTART_WAIT_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
SETTLED_SECONDS = 60.0


class RunError(Exception):
    """The assistant could not start or had to end; the message says why and how to mend it."""


def run(settings: Settings) -> int:
    """Serve until told to stop.

    Raises RunError, SettingsError, ModelError or TrainingError when it cannot start.
    """
    check_ports(settings)
    with _Stopped.on_signals() as stopped:
        try:
            model = training.ensure_model(settings, tell)
            training.check_model(model)
            write_configuration(settings)
            return _Assistant(settings, str(model)).serve(stopped)
        except KeyboardInterrupt:
            return 0


def tell(line: str) -> None:
    """Say something to whoever started us."""
    print(line, file=sys.stderr, flush=True)


def check_ports(settings: Settings) -> None:
    """Make sure that this run can listen at its ports; SettingsError when not."""
    for host, port in settings.ports:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            raise _port_error(settings, host, port, error) from error


def _port_error(settings: Settings, host: str, port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            "PORT", str(settings.port), f"端口 {port} 已被别的程序占用,请停掉那个程序,或换一个,例如 PORT=5905 make run"
        )
    if error.errno == errno.EACCES:
        return SettingsError("PORT", str(settings.port), "1024 以下的端口要管理员权限,请换一个,例如 PORT=5905")
    return SettingsError("HOST", host, f"本机没有这个地址({error.strerror}),请写 127.0.0.1 或本机的地址")


def write_configuration(settings: Settings) -> None:
    """Write the files that Rasa reads, with the values of this run; Rasa itself knows no defaults in `${…}`."""
    settings.run_folder.mkdir(parents=True, exist_ok=True)
    for name in TEMPLATES:
        text = string.Template((PROJECT / name).read_text(encoding="utf-8")).safe_substitute(settings.environment())
        (settings.run_folder / name).write_text(text, encoding="utf-8")


class _Stopped:
    """Whether somebody asked us to stop; a second request does not wait for the first."""

    def __init__(self) -> None:
        self.asked = False

    @classmethod
    @contextmanager
    def on_signals(cls) -> Iterator[_Stopped]:
        """Listen to the signals that end a program, for as long as the block lasts."""
        stopped = cls()

        def ask(*_: object) -> None:
            stopped.asked = True
            raise KeyboardInterrupt

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, ask) for number in numbers}
        try:
            yield stopped
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
