"""An assistant served for a test: `wence run` in a process of its own, on free ports, with a state of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from typing import Any

from wence.settings import ACTION_PORT_OFFSET, PROJECT

READY = "已就绪"
PATIENCE_SECONDS = 300.0
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclasses.dataclass
class Assistant:
    """A started assistant."""

    url: str
    action_url: str
    state: pathlib.Path
    log: pathlib.Path
    process: subprocess.Popen[bytes]

    def ask(self, message: object, sender: str = "test") -> list[dict[str, Any]]:
        """Rasa's list of messages in answer to a message."""
        body = json.dumps({"sender": sender, "message": message}).encode()
        request = urllib.request.Request(f"{self.url}/webhooks/rest/webhook", data=body)
        with _OPENER.open(request, timeout=30) as answer:
            return list(json.load(answer))

    def status(self, message: object, sender: str = "test") -> str:
        """The status of the reply to a message."""
        return next(str(reply["custom"]["status"]) for reply in self.ask(message, sender) if "custom" in reply)

    def words(self) -> str:
        """What the start has said so far."""
        return self.log.read_text(encoding="utf-8")

    def children(self) -> list[int]:
        """The processes that it has started."""
        listing = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listing.read_text().split()]

    def child(self, module: str) -> int:
        """The process that runs a module."""
        return next(
            pid for pid in self.children() if module in pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        )

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it as its user would; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


def start(folder: pathlib.Path, **environment: str) -> Assistant:
    """Start an assistant that keeps its state and its log in `folder`, and do not wait for it."""
    port = free_port()
    log = folder / "start.log"
    variables = {
        **os.environ,
        "WENCE_MODELS": str(PROJECT / "var" / "models"),
        "WENCE_STATE": str(folder / "state"),
        "PORT": str(port),
        # A test that wants the desk says so: its port is not looked for here.
        "WENCE_DESK": "off",
        **environment,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "wence", "run"],
            cwd=PROJECT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    urls = (f"http://127.0.0.1:{number}" for number in (port, port + ACTION_PORT_OFFSET))
    return Assistant(*urls, folder / "state", log, process)


def wait_until_ready(assistant: Assistant) -> Assistant:
    """Return when it answers; AssertionError with what it said when it does not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while READY not in assistant.words():
        assert assistant.process.poll() is None, assistant.words()
        assert time.monotonic() < deadline, assistant.words()
        time.sleep(0.1)
    return assistant


def free_port() -> int:
    """A port that is free together with the one for its action server."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + ACTION_PORT_OFFSET))
            except (OSError, OverflowError):
                continue
            return port
