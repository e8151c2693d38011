"""Channels served over HTTP without a model: a Sanic server as Rasa makes it, and an agent that does as it is told.

server = Server([RestChannel(), …], folder)     in a thread of its own, at a free port
server.agent.messages                           what has come to Rasa
server.request("POST", path, body, headers)     → Answer
"""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage, register
from rasa.core.lock_store import LockError
from rasa.core.run import _create_app_without_api
from sanic import Sanic

from wence.channels.edge import Edge
from wence.loaded import knowledge_in
from wence.privacy import Masker
from wence.settings import PROJECT
from wence.state.turns import TurnRecord

PHONE = "0398-2260117"
REPLY = {"status": "answered", "facts": ["a"], "citations": [{"quote": "q"}]}
BUTTONS = [{"title": "电话", "payload": "联系电话多少"}]


class ScriptedAgent(Agent):
    """An agent that does what the message says, in the place of one with a model."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[UserMessage] = []

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        if "挂起" in message.text:
            await asyncio.sleep(3)
        if "慢" in message.text:
            await asyncio.sleep(0.3)
        if "出错" in message.text:
            raise RuntimeError("boom")
        if "排队" in message.text:
            raise LockError("busy")
        if "无声" not in message.text:
            reply = {"text": f"收到：{message.text}", "buttons": BUTTONS, "custom": dict(REPLY)}
            await message.output_channel.send_response(message.sender_id, reply)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """A server with these channels, as Rasa registers them, and with the edge that they share."""

    def __init__(self, channels: Sequence[InputChannel], folder: Path) -> None:
        self.agent = ScriptedAgent()
        self.turns_file = folder / "turns.db"
        self._channels = channels
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()

    async def _start(self) -> None:
        Sanic._app_registry.clear()
        # Else Sanic changes its own code at the first start, and finds it changed at the second.
        Sanic.test_mode = True
        app = _create_app_without_api()
        app.ctx.agent = self.agent
        mask = Masker.of(knowledge_in(PROJECT / "knowledge"), b"key")
        app.ctx.edge = Edge(PHONE, mask, TurnRecord(self.turns_file, b"key"))
        register(self._channels, app, route="/webhooks/")
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

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(10)
        assert not self._thread.is_alive()
        self._loop.close()

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request; a body that comes in pieces goes without saying how long it is."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            chunked = not isinstance(body, (bytes, type(None)))
            connection.request(method, path, body, dict(headers or {}), encode_chunked=chunked)
            with connection.getresponse() as response:
                return Answer(response.status, dict(response.headers.items()), response.read())
