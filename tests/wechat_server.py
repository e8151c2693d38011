"""A Sanic server with one channel, as Rasa registers it, in a thread of its own; its agent does what messages say."""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage, register
from rasa.core.lock_store import LockError
from sanic import Sanic
from sanic.response import text
from sanic.touchup.service import TouchUp

from wence.channels.edge import Edge
from wence.privacy import Masker
from wence.state.turns import TurnRecord

PHONE = "0398-2260117"

# Sanic rewrites these methods for the first server of a process, and cannot rewrite what it has rewritten.
_UNTOUCHED = {(target, name): getattr(target, name) for target, name in TouchUp._registry}
_living: set[ChannelServer] = set()  # these need what was rewritten
_names = itertools.count()  # Sanic knows each of its servers by a name of its own

CUSTOM = {"status": "answered", "facts": ["a"], "citations": [{"source": "s", "section": "一、背景", "quote": "q"}]}


def _put_back_untouched() -> None:
    for (target, name), method in _UNTOUCHED.items():
        setattr(target, name, method)


class ScriptedAgent(Agent):
    """An agent that does what the message says, in the place of one with a model."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[UserMessage] = []
        self.release = threading.Event()

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        if "等待" in message.text:
            while not self.release.is_set():
                await asyncio.sleep(0.01)
        if "出错" in message.text:
            raise RuntimeError("boom")
        if "排队" in message.text and not self.release.is_set():
            raise LockError("busy")
        text = f"收到：{message.text}。"
        if "很长" in message.text:
            text = "".join(f"这是第{number}句话，写得不短也不长。" for number in range(1, 90))
        buttons = [{"title": f"选项{sign}", "payload": f"问题{sign}"} for sign in "甲乙丙"]
        await message.output_channel.send_response(
            message.sender_id, {"text": text, "buttons": buttons, "custom": dict(CUSTOM)}
        )

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]


class ChannelServer:
    """A served channel."""

    def __init__(self, channel: InputChannel, state: Path) -> None:
        self._state = state
        self.agent = ScriptedAgent()
        self._channel = channel
        self._socket = socket.create_server(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/webhooks/{channel.name()}/webhook"
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        _living.add(self)
        _put_back_untouched()
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self.agent.release.set()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(10)
        assert not self._thread.is_alive()
        self._loop.close()
        _living.discard(self)
        if not _living:
            _put_back_untouched()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()

    async def _start(self) -> None:
        app = Sanic(f"test_channel_{next(_names)}", configure_logging=False)
        app.ctx.agent = self.agent
        app.ctx.edge = Edge(PHONE, Masker(key=b"key"), TurnRecord(self._state / "turns.db", b"key"))
        app.add_route(lambda _: text("Rasa"), "/", name="rasa")
        register([self._channel], app, route="/webhooks/")
        server = await app.create_server(sock=self._socket, return_asyncio_server=True, access_log=False)
        assert server is not None
        self._server = server
        await server.startup()
        await server.before_start()
        await server.after_start()
        await server.start_serving()
        self._ready.set()

    async def _end(self) -> None:
        await self._server.before_stop()
        await self._server.close()
        for connection in list(self._server.connections):
            connection.abort()
        self._loop.call_soon(self._loop.stop)
