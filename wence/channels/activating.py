"""Follows the active version: loads its model beside the one that serves, tries it, and puts it in its place.

    follower = Follower(agent, settings)    `agent` gives the agent of the server
    follower.start()           looks every second whether another version is to be served
    await follower.stop()

Loading and trying happen in a thread of low priority, and that thread gives the interpreter up more often than
usual, so that replies hardly wait. The exchange is one assignment: a turn has taken its processor when it began
and ends with it. What cannot be loaded, or answers nothing, is said once, in the log and in serving.json, and
is tried again only when another version, or the same one anew, is made active.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import ctypes
import gc
import logging
import os
import pathlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore

from wence import activation, preflight, without_tensorflow
from wence.activation import Active, Serving
from wence.channels.action_endpoint import ActionEndpoint
from wence.replies import Status
from wence.settings import Settings

LOOK_EVERY_SECONDS = 1.0
#: The action server reads a new version of the knowledge at its first question.
TRY_SECONDS, TRY_FOR_SECONDS = 10.0, 60.0
#: How soon a thread that computes gives way to replies; usually 5 ms.
SWITCH_SECONDS = 0.0005
NICE = 5
#: Until then every turn that was under way has ended, answered or given up.
OLD_TURNS_SECONDS = 5.0
_LIBC = ctypes.CDLL(None)

logger = logging.getLogger(__name__)


class UnfitModelError(Exception):
    """A model cannot be served; the message, in Chinese, says why."""


class Follower:
    """Keeps what a server serves at the active version."""

    def __init__(self, agent: Callable[[], Agent], settings: Settings) -> None:
        self._agent = agent
        self._settings = settings
        self._seen: tuple[int, int] | None = None
        self._told_unreadable = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Say what is served now, and look from now on whether another version is to be."""
        served = _name(self._agent())
        wanted = self._wanted()
        self._note(Active(wanted.version if wanted and wanted.model == served else 0, served))
        if wanted is None or wanted.model == served:
            self._seen = self._mark()
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Look no longer."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(OSError):
            activation.serving_file(self._settings).unlink(missing_ok=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.look()
            # Whatever it is: this server goes on serving, and looks again.
            except Exception:
                logger.exception("查看启用的版本时出错，继续用现在的版本。")

    async def look(self) -> None:
        """Serve the active version if it is another one than was seen last."""
        mark = self._mark()
        if mark == self._seen:
            return
        wanted = self._wanted()
        self._seen = mark
        if wanted is None:
            return
        agent = self._agent()
        if _name(agent) != wanted.model:
            try:
                processor = await _in_background(lambda: prepare(agent, self._settings.models / wanted.model))
            except UnfitModelError as error:
                logger.error("第%d版没有启用，继续用现在的版本：%s", wanted.version, error)
                self._note(Active(self._served_version(), _name(agent)), str(error))
                return
            # What is loaded by now stays; so the collector need not look at it.
            gc.freeze()
            exchange(agent, processor)
            del processor
            asyncio.get_running_loop().call_later(OLD_TURNS_SECONDS, _return_memory)
        logger.info("已启用第%d版。", wanted.version)
        self._note(wanted)

    def _mark(self) -> tuple[int, int] | None:
        """What changes whenever the file of the active version is replaced."""
        try:
            status = activation.active_file(self._settings).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def _wanted(self) -> Active | None:
        try:
            return activation.active(self._settings)
        except activation.ActivationError as error:
            logger.error("%s。现在的版本继续服务。", error)
            return None

    def _served_version(self) -> int:
        note = activation.servings(self._settings).get(self._settings.port)
        return note.version if note else 0

    def _note(self, served: Active, error: str = "") -> None:
        try:
            activation.note_serving(
                self._settings, Serving(os.getpid(), served.version, served.model, time.time(), error)
            )
        except OSError as failure:
            logger.error("写不下正在服务的版本，回复不受影响：%s", failure)


def prepare(agent: Agent, model: pathlib.Path) -> MessageProcessor:
    """Load a model beside the one that an agent serves, and let it answer; raises UnfitModelError."""
    try:
        metadata = preflight.check_model(model)
    except preflight.StartError as error:
        raise UnfitModelError(str(error)) from error
    if without_tensorflow.names_tensorflow(metadata):
        raise UnfitModelError(f"模型 {model.name} 要用 TensorFlow，启用它要重新启动服务")
    try:
        processor = MessageProcessor(
            model_path=model,
            tracker_store=agent.tracker_store,
            lock_store=agent.lock_store,
            action_endpoint=agent.action_endpoint,
            generator=agent.nlg,
            http_interpreter=agent.http_interpreter,
        )
    except Exception as error:
        raise UnfitModelError(preflight.broken_model(model, error)) from error
    asyncio.run(_try(processor, model))
    return processor


async def _try(processor: MessageProcessor, model: pathlib.Path) -> None:
    """Take a whole turn with a processor, through the action server, in a conversation that nobody keeps."""
    probe = copy.copy(processor)
    probe.tracker_store = InMemoryTrackerStore(processor.domain)
    probe.lock_store = InMemoryLockStore()
    if processor.action_endpoint is not None:
        # A connection belongs to the event loop that opened it: this one gets its own.
        probe.action_endpoint = ActionEndpoint(processor.action_endpoint, TRY_SECONDS)
    deadline = time.monotonic() + TRY_FOR_SECONDS
    try:
        statuses = await _statuses(probe)
        # Rasa passes over an action server that is being started again; that is not the model's fault.
        while not statuses and time.monotonic() < deadline:
            await asyncio.sleep(1)
            statuses = await _statuses(probe)
    except Exception as error:
        raise UnfitModelError(f"新模型 {model.name} 答不了问题({type(error).__name__})") from error
    finally:
        if isinstance(probe.action_endpoint, ActionEndpoint):
            await probe.action_endpoint.close()
    if Status.ANSWERED.value not in statuses:
        raise UnfitModelError(f"新模型 {model.name} 连“{preflight.FIRST_QUESTION}”都答不上来")


async def _statuses(probe: MessageProcessor) -> list[str]:
    """The statuses of the reply to the question."""
    output = CollectingOutputChannel()
    await probe.handle_message(UserMessage(preflight.FIRST_QUESTION, output, "activation"))
    return [message["custom"]["status"] for message in output.messages if "status" in (message.get("custom") or {})]


def exchange(agent: Agent, processor: MessageProcessor) -> None:
    """Let an agent take its turns from now on with another processor, as `Agent.load_model` would have it."""
    domain = processor.domain
    agent.tracker_store.domain = domain
    if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator):
        agent.nlg.responses = domain.responses
    agent.domain = domain
    agent.processor = processor


async def _in_background(work: Callable[[], Any]) -> Any:
    """Do work in a thread of its own while the event loop goes on; its result, or what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error:
            done.set_exception(error)
        else:
            done.set_result(result)

    def run() -> None:
        result, failure = None, None
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
            result = work()
        except BaseException as error:
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server is ending
            loop.call_soon_threadsafe(settle, result, failure)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()
    try:
        # A daemon: a server that is told to stop does not wait for a model that nobody will ask.
        threading.Thread(target=run, name="activation", daemon=True).start()
        return await done
    finally:
        gc.enable()
        sys.setswitchinterval(interval)


def _return_memory() -> None:
    """Give what the former model took back to the machine."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)


def _name(agent: Agent) -> str:
    return str(agent.processor.model_filename) if agent.processor else ""
