import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage, register
from rasa.core.lock_store import LockError
from rasa.shared.exceptions import RasaException
from sanic import Sanic

from wence.channels import rest
from wence.channels.body import MAX_BODY_BYTES, TOO_LARGE
from wence.channels.rest import RestChannel

PHONE = "0398-2260117"
WEBHOOK = "/webhooks/rest/webhook"
REPLY = {"status": "answered", "facts": ["a"], "citations": [{"quote": "q"}]}


class ScriptedAgent(Agent):
    """An agent that does what the message says, in the place of one with a model."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[UserMessage] = []

    async def handle_message(self, message: UserMessage) -> None:
        self.messages.append(message)
        if "挂起" in message.text:
            await asyncio.sleep(3)
        if "出错" in message.text:
            raise RuntimeError("boom")
        if "排队" in message.text:
            raise LockError("busy")
        if "无声" not in message.text:
            buttons = [{"title": "电话", "payload": "联系电话多少"}]
            reply = {"text": f"收到：{message.text}", "buttons": buttons, "custom": dict(REPLY)}
            await message.output_channel.send_response(message.sender_id, reply)


class Server:
    """A Sanic server with the channel, as Rasa registers it, in a thread of its own."""

    def __init__(self) -> None:
        self.agent = ScriptedAgent()
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
        app = Sanic("test_rest", configure_logging=False)
        app.ctx.agent = self.agent
        register([RestChannel.from_credentials({"contact_phone": PHONE})], app, route="/webhooks/")
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

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request; a body that comes in pieces goes without saying how long it is."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, encode_chunked=not isinstance(body, (bytes, type(None))))
            with connection.getresponse() as response:
                return response.status, json.loads(response.read())

    def post(self, body: Any) -> tuple[int, Any]:
        return self.request("POST", WEBHOOK, body)

    def ask(self, message: Any, **more: Any) -> tuple[int, Any]:
        return self.post(json.dumps({"message": message, **more}).encode())


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(served: Server) -> Server:
    served.agent.messages.clear()
    return served


def status_of(messages: list[dict[str, Any]]) -> str:
    (custom,) = (message["custom"] for message in messages if "custom" in message)
    status: str = custom["status"]
    return status


def test_a_question_is_answered_with_rasas_list_of_messages(server: Server) -> None:
    status, messages = server.ask("谁牵头", sender="小王")
    assert status == 200
    assert messages == [
        {"recipient_id": "小王", "text": "收到：谁牵头", "buttons": [{"title": "电话", "payload": "联系电话多少"}]},
        {"recipient_id": "小王", "custom": REPLY},
    ]


def test_rasa_gets_the_channels_own_name_and_no_metadata_of_the_client(server: Server) -> None:
    server.ask("谁牵头", sender="s", input_channel="admin", metadata={"a": 1})
    (message,) = server.agent.messages
    assert (message.sender_id, message.input_channel, message.metadata) == ("s", "rest", None)


@pytest.mark.parametrize("sender", [{}, {"sender": None}, {"sender": ""}])
def test_without_a_sender_every_request_is_a_conversation_of_its_own(server: Server, sender: dict[str, Any]) -> None:
    for _ in range(2):
        assert server.ask("谁牵头", **sender)[0] == 200
    first, second = (message.sender_id for message in server.agent.messages)
    assert first != second
    assert "default" not in (first, second)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", rest.NOT_JSON),
        (b"{", rest.NOT_JSON),
        (b'{"message": "\xe8\xb0', rest.NOT_UTF8),
        ('{"message": "智慧社区"}'.encode("gb18030"), rest.NOT_UTF8),
        (b"[" * 60_000, rest.NOT_JSON),
        (b"1" * 5_000, rest.NOT_JSON),
        (b"[1]", rest.NOT_AN_OBJECT),
        (b'"x"', rest.NOT_AN_OBJECT),
        (b"null", rest.NOT_AN_OBJECT),
        (b"{}", rest.NO_MESSAGE),
        (b'{"message": 7}', rest.NO_MESSAGE),
        (b'{"message": null}', rest.NO_MESSAGE),
        (b'{"message": ["x"]}', rest.NO_MESSAGE),
        (b'{"message": "x", "sender": 7}', rest.BAD_SENDER),
        (b'{"message": "x", "sender": {}}', rest.BAD_SENDER),
        (b'{"message": "x", "sender": " "}', rest.BAD_SENDER),
        (b'{"message": "x", "sender": "a\\u0000"}', rest.BAD_SENDER),
        (b'{"message": "x", "sender": "\\ud800"}', rest.BAD_SENDER),
        (b'{"message": "x", "sender": "' + b"s" * 129 + b'"}', rest.BAD_SENDER),
    ],
)
def test_what_is_no_request_gets_an_error_in_words_and_the_next_one_works(
    server: Server, body: bytes, error: str
) -> None:
    assert server.post(body) == (400, {"error": error})
    assert server.agent.messages == []
    assert status_of(server.ask("谁牵头")[1]) == "answered"


@pytest.mark.parametrize(
    "message",
    ["", "  ", "😀", "？！", "\x00\x01", "\ud800", "<b></b>", "/restart", "  /ask_goal", "/ask_goal{bad", "@0.1",
     "问" * 301, "问" * 10_000],
)  # fmt: skip
def test_a_message_that_is_no_question_gets_an_invalid_reply(server: Server, message: str) -> None:
    status, messages = server.ask(message)
    assert (status, status_of(messages)) == (200, "invalid")
    assert messages[0]["text"]
    assert server.agent.messages == []


@pytest.mark.parametrize("text", ["x" * 2_000_000, "问" * 2_000_000])
def test_two_million_characters_are_refused_quickly_and_the_next_message_works(server: Server, text: str) -> None:
    body = json.dumps({"message": text}).encode()
    began = time.perf_counter()
    assert server.post(body) == (413, {"error": TOO_LARGE})
    assert time.perf_counter() - began < 1
    assert status_of(server.ask("谁牵头")[1]) == "answered"


def test_a_large_body_in_pieces_of_unknown_number_is_refused_too(server: Server) -> None:
    assert server.post(iter([b"x" * 10_000] * 20)) == (413, {"error": TOO_LARGE})


def test_a_small_body_in_pieces_is_read(server: Server) -> None:
    assert status_of(server.post(iter([b'{"message":', b' "ok"}']))[1]) == "answered"


def test_the_largest_body_that_is_read_is_read_whole(server: Server) -> None:
    body = json.dumps({"message": "谁牵头"}).encode()
    assert server.post(body + b" " * (MAX_BODY_BYTES - len(body)))[0] == 200
    assert server.post(body + b" " * (MAX_BODY_BYTES - len(body) + 1))[0] == 413


def test_a_connection_serves_on_after_errors(server: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        for body, status in ((b"[1]", 400), (b"x" * 100_000, 413), (b'{"message": "x"}', 200), (b"", 400)):
            connection.request("POST", WEBHOOK, body)
            with connection.getresponse() as response:
                response.read()
            assert response.status == status


@pytest.mark.parametrize("message", ["出错", "无声", "排队"])
def test_a_turn_that_gives_no_reply_is_unavailable_and_names_the_telephone(server: Server, message: str) -> None:
    status, messages = server.ask(message)
    assert (status, status_of(messages)) == (200, "unavailable")
    assert PHONE in messages[0]["text"]


def test_a_hanging_turn_is_unavailable_within_two_seconds_and_others_go_on_meanwhile(server: Server) -> None:
    outcome: list[Any] = []
    began = time.perf_counter()
    hanging = threading.Thread(target=lambda: outcome.append(server.ask("挂起")[1]))
    hanging.start()
    assert status_of(server.ask("谁牵头")[1]) == "answered"
    assert time.perf_counter() - began < 1
    hanging.join()
    assert 1.9 < time.perf_counter() - began < 2.5
    assert status_of(outcome[0]) == "unavailable"


def test_a_client_that_hangs_up_in_the_middle_of_its_request_harms_nobody(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
    assert status_of(server.ask("谁牵头")[1]) == "answered"


@pytest.mark.parametrize("length", ["-5", "abc", "1e3", "٣", ""])
@pytest.mark.parametrize("path", [WEBHOOK, "/webhooks/rest/", "/nowhere"])
def test_a_request_with_a_false_length_does_not_stop_the_server(server: Server, path: str, length: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{{}}".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert status_of(server.ask("谁牵头")[1]) == "answered"


def test_a_body_of_an_impossible_size_is_refused_without_waiting_for_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nContent-Length: {10**15}\r\n\r\n{{".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert status_of(server.ask("谁牵头")[1]) == "answered"


def test_the_channel_says_that_it_is_well(server: Server) -> None:
    assert server.request("GET", "/webhooks/rest/") == (200, {"status": "ok"})


@pytest.mark.parametrize("credentials", [None, {}, {"contact_phone": ""}])
def test_a_channel_without_a_telephone_does_not_start(credentials: dict[str, str] | None) -> None:
    with pytest.raises(RasaException, match="contact_phone"):
        RestChannel.from_credentials(credentials)
