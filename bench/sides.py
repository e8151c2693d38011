"""The two assistants that are compared: how each is trained, started and ended.

side.train(tell)    trains from nothing; returns the seconds
side.start()        returns the seconds from cold processes to the first answer from the facts
side.stop()         ends every process
"""

from __future__ import annotations

import abc
import contextlib
import json
import os
import pathlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from bench import clients, share
from bench.clients import Address
from bench.memory import memory_mb
from bench.reference import project
from wence.knowledge import Knowledge
from wence.processes import Child, stop_all
from wence.settings import ACTION_PORT_OFFSET, PROJECT

HOST = "127.0.0.1"
FIRST_QUESTION = "试点目标是什么?"
TRAINING_LIMIT = 12 * 3600.0
TELL_EVERY_SECONDS = 60.0
START_LIMIT = 300.0
POLL_SECONDS = 0.05
WENCE = ["-m", "wence"]
#: Settings of whoever measures that must not reach the assistants; the last would slow every start.
_OWN_SETTINGS = (
    "PORT",
    "HOST",
    "WENCE_STATE",
    "WENCE_MODELS",
    "WENCE_KNOWLEDGE",
    "LOG_LEVEL",
    "PYTHONDONTWRITEBYTECODE",
)
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",
}


class SideError(Exception):
    """An assistant could not be trained or started; the message names the log."""


class Side(abc.ABC):
    """One of the assistants that are compared."""

    title: str

    def __init__(self, folder: pathlib.Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._children: list[Child] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def address(self) -> Address:
        """Where it answers."""
        return Address(HOST, self._port)

    @property
    def url(self) -> str:
        """Where it answers, as a URL."""
        return f"http://{HOST}:{self._port}"

    @property
    def memory(self) -> float:
        """Megabytes of all its processes."""
        return memory_mb(*(child.pid for child in self._children))

    @property
    def trained_seconds(self) -> float | None:
        """How long the training took that made the model; None when there is no model."""
        record = self._folder / "training.json"
        if not record.exists():
            return None
        return float(json.loads(record.read_text(encoding="utf-8")))

    def train(self, tell: Callable[[str], None]) -> float:
        """Train from nothing."""
        tell(f"{self.title} 正在训练……")
        self._forget_model()
        record = self._folder / "training.json"
        record.unlink(missing_ok=True)
        child = self._child("training", self._training())
        told = child.started
        try:
            while (code := child.poll()) is None and time.monotonic() - child.started < TRAINING_LIMIT:
                time.sleep(POLL_SECONDS)
                if time.monotonic() - told >= TELL_EVERY_SECONDS:
                    told = time.monotonic()
                    tell(f"{self.title} 正在训练……{(told - child.started) / 60:.0f} 分钟")
        finally:
            stop_all([child])
        seconds = time.monotonic() - child.started
        if code != 0:
            raise SideError(f"{self.title} 训练没有成功:见 {self._folder / 'training.log'}")
        record.write_text(json.dumps(seconds), encoding="utf-8")
        return seconds

    def start(self) -> float:
        """Start its processes and wait for the first answer."""
        began = time.monotonic()
        self._children = [self._child(name, command) for name, command in self._serving().items()]
        while time.monotonic() - began < START_LIMIT:
            if clients.answers(self.address, FIRST_QUESTION):
                return time.monotonic() - began
            if any(child.poll() is not None for child in self._children):
                break
            time.sleep(POLL_SECONDS)
        self.stop()
        raise SideError(f"{self.title} 没有启动成功:见 {self._folder} 里的记录")

    def stop(self) -> None:
        """End its processes and wait until they have ended."""
        stop_all(self._children)
        self._children = []

    @contextlib.contextmanager
    def serving(self) -> Iterator[float]:
        """Start, and end whatever happens; gives the seconds of the start."""
        try:
            yield self.start()
        finally:
            self.stop()

    def _child(self, name: str, command: list[str]) -> Child:
        environment = {name: value for name, value in os.environ.items() if name not in _OWN_SETTINGS}
        environment |= self._environment()
        log = self._folder / f"{name}.log"
        return Child(f"{self.title} {name}", [sys.executable, *command], environment, self._working_folder, log)

    @property
    @abc.abstractmethod
    def _working_folder(self) -> pathlib.Path: ...

    @abc.abstractmethod
    def _environment(self) -> Mapping[str, str]: ...

    @abc.abstractmethod
    def _forget_model(self) -> None: ...

    @abc.abstractmethod
    def _training(self) -> list[str]: ...

    @abc.abstractmethod
    def _serving(self) -> dict[str, list[str]]: ...


class Ours(Side):
    """This project, as `make run` serves it."""

    title = "问策"

    @property
    def _working_folder(self) -> pathlib.Path:
        return self._folder / "project"

    def _environment(self) -> Mapping[str, str]:
        return {
            "WENCE_STATE": str(self._folder / "state"),
            "PORT": str(self._port),
            "HOST": HOST,
            "PYTHONPATH": str(self._working_folder),
        }

    def _forget_model(self) -> None:
        shutil.rmtree(self._folder / "state", ignore_errors=True)
        share.lay_out(self._working_folder)

    def _training(self) -> list[str]:
        return [*WENCE, "train"]

    def _serving(self) -> dict[str, list[str]]:
        return {"run": [*WENCE, "run"]}


class Reference(Side):
    """The pipeline of Rasa's documentation behind stock Rasa, with a stock action server."""

    title = "参照"

    def __init__(self, folder: pathlib.Path, port: int, knowledge: Knowledge, epochs: int | None = None) -> None:
        super().__init__(folder, port)
        self._knowledge, self._epochs = knowledge, epochs
        self._project = folder / "project"
        self._endpoints, self._credentials = folder / "endpoints.yml", folder / "credentials.yml"
        self._endpoints.write_text(
            f"action_endpoint:\n  url: http://{HOST}:{self._action_port}/webhook\n"
            f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {folder / 'conversations.db'}\n",
            encoding="utf-8",
        )
        self._credentials.write_text("rest:\n", encoding="utf-8")

    @property
    def _action_port(self) -> int:
        return self._port + ACTION_PORT_OFFSET

    @property
    def _working_folder(self) -> pathlib.Path:
        return self._folder

    def _environment(self) -> Mapping[str, str]:
        cache = str(self._folder / "cache")
        return {**QUIET, "PYTHONPATH": str(PROJECT), "RASA_CACHE_DIRECTORY": cache, "SANIC_HOST": HOST}

    def _forget_model(self) -> None:
        for name in ("models", "cache"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        (self._folder / "conversations.db").unlink(missing_ok=True)
        examples = self._folder / "examples"
        share.lay_out(examples)
        project.lay_out(self._project, self._knowledge, examples / "data", self._epochs)

    def _training(self) -> list[str]:
        files = [
            f"--{name}={self._project / path}"
            for name, path in (("config", "config.yml"), ("domain", "domain.yml"), ("data", "data"))
        ]
        models = self._folder / "models"
        return ["-m", "rasa", "train", *files, f"--out={models}", "--fixed-model-name=reference", "--quiet"]

    def _serving(self) -> dict[str, list[str]]:
        model = self._folder / "models" / "reference.tar.gz"
        rasa = ["run", f"--model={model}", f"--endpoints={self._endpoints}", f"--credentials={self._credentials}"]
        return {
            "actions": [
                "-m",
                "rasa_sdk",
                "--actions=bench.reference.actions",
                f"--port={self._action_port}",
                "--quiet",
            ],
            "rasa": ["-m", "rasa", *rasa, f"--port={self._port}", f"--interface={HOST}", "--quiet"],
        }
