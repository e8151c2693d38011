import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.channel_server import BUTTONS, PHONE, REPLY
from tests.channel_server import Server as ChannelServer
from wence.channels import body as bodies
from wence.channels import rest
from wence.channels.body import MAX_BODY_BYTES, TOO_LARGE
from wence.channels.rest import RestChannel

WEBHOOK = "/webhooks/rest/webhook"


class Server(ChannelServer):
    """A server with the REST channel."""

    def post(self, body: Any, **headers: str) -> tuple[int, Any]:
        answer = self.request("POST", WEBHOOK, body, headers)
        return answer.status, answer.json

    def ask(self, message: Any, **more: Any) -> tuple[int, Any]:
        return self.post(json.dumps({"message": message, **more}).encode())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server([RestChannel()], tmp_path_factory.mktemp("rest"))
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
        {"recipient_id": "小王", "text": "收到：谁牵头", "buttons": BUTTONS},
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
        (b"", bodies.NOT_JSON),
        (b"{", bodies.NOT_JSON),
        (b'{"message": "\xe8\xb0', bodies.NOT_UTF8),
        ('{"message": "智慧社区"}'.encode("gb18030"), bodies.NOT_UTF8),
        (b"[" * 60_000, bodies.NOT_JSON),
        (b"1" * 5_000, bodies.NOT_JSON),
        (b"[1]", bodies.NOT_AN_OBJECT),
        (b'"x"', bodies.NOT_AN_OBJECT),
        (b"null", bodies.NOT_AN_OBJECT),
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
    assert server.request("GET", "/webhooks/rest/").json == {"status": "ok"}


def test_a_personal_number_never_reaches_rasa(server: Server) -> None:
    server.ask("我的电话13812345678，0398-2260117谁接", sender="s")
    (message,) = server.agent.messages
    assert message.text == "我的电话[手机号]，0398-2260117谁接"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
@pytest.mark.parametrize(("method", "path"), [("POST", WEBHOOK), ("GET", "/webhooks/rest/")])
def test_what_came_through_a_proxy_is_refused(server: Server, method: str, path: str, header: str) -> None:
    answer = server.request(method, path, b'{"message": "x"}', {header: "127.0.0.1"})
    assert (answer.status, answer.json) == (403, {"error": rest.NOT_FROM_HERE})
    assert server.agent.messages == []


def test_a_channel_that_is_switched_off_answers_nobody(tmp_path: Any) -> None:
    server = Server([RestChannel(enabled=False)], tmp_path)
    try:
        assert server.ask("谁牵头") == (404, {"error": rest.SWITCHED_OFF})
        assert server.agent.messages == []
    finally:
        server.stop()


@pytest.mark.parametrize(("value", "enabled"), [("on", True), ("off", False)])
def test_the_setting_switches_the_channel(monkeypatch: pytest.MonkeyPatch, value: str, enabled: bool) -> None:
    monkeypatch.setenv("WENCE_REST", value)
    assert RestChannel.from_credentials(None)._enabled is enabled
