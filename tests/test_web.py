"""The web channel over HTTP, with an agent that does what the message says."""

from __future__ import annotations

import concurrent.futures
import datetime
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.exceptions import RasaException

from tests.channel_server import BUTTONS, PHONE, REPLY, Answer, Server
from wence.channels import web
from wence.channels.addresses import Proxies
from wence.channels.origins import Origins
from wence.channels.session_tokens import LIFETIME_SECONDS, SessionTokens
from wence.channels.web import Limits, WebChannel
from wence.knowledge import Knowledge
from wence.state.keys import KeyRing

SITE = "https://www.smx.gov.cn"
PLENTY = Limits.of(100_000, 100_000)


class Web(Server):
    """A server with the web channel."""

    def __init__(self, folder: Path, limits: Limits = PLENTY, proxies: tuple[str, ...] = ()) -> None:
        tokens = SessionTokens(KeyRing(folder / "secrets", LIFETIME_SECONDS))
        super().__init__([WebChannel(tokens, limits, Origins([SITE]), Proxies(proxies))], folder)

    def call(self, method: str, route: str, content: Any = None, token: str = "", **headers: str) -> Answer:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = content if isinstance(content, (bytes, type(None))) else json.dumps(content).encode()
        return self.request(method, f"/webhooks/web/{route}", body, headers)

    def session(self) -> str:
        return str(self.call("POST", "session").json["token"])

    def ask(self, token: str, message: str = "谁牵头", message_id: str = "message-1", **headers: str) -> Answer:
        return self.call("POST", "webhook", {"message": message, "message_id": message_id}, token, **headers)

    def history(self, token: str, query: str = "") -> list[dict[str, Any]]:
        return list(self.call("GET", f"history{query}", token=token).json["turns"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    server = Web(tmp_path_factory.mktemp("web"))
    yield server
    server.stop()


@pytest.fixture
def server(served: Web) -> Web:
    served.agent.messages.clear()
    return served


@pytest.fixture
def token(server: Web) -> str:
    return server.session()


def test_a_question_is_answered_with_its_turn(server: Web, token: str) -> None:
    answer = server.ask(token)
    turn = answer.json
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert isinstance(turn.pop("sequence"), int)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", turn.pop("reply_id"))
    assert datetime.datetime.fromisoformat(turn.pop("time")).utcoffset() == datetime.timedelta(hours=8)
    assert turn == {
        "message_id": "message-1",
        "message": "谁牵头",
        "text": "收到：谁牵头",
        "buttons": BUTTONS,
        "feedback": None,
        "custom": REPLY,
    }


def test_rasa_gets_the_masked_text_and_the_session_as_sender(server: Web, token: str) -> None:
    server.ask(token, "我是13812345678")
    (message,) = server.agent.messages
    assert (message.text, message.input_channel) == ("我是[手机号]", "web")
    assert message.sender_id == f"web-{token.split('.')[1]}"


def test_what_cannot_be_a_question_gets_an_invalid_reply_and_stands_in_the_history(server: Web, token: str) -> None:
    turn = server.ask(token, "/restart").json
    assert turn["custom"]["status"] == "invalid"
    assert server.agent.messages == []
    assert server.history(token) == [turn]


def test_a_repeated_message_gets_its_turn_again_and_causes_no_second_one(server: Web, token: str) -> None:
    assert server.ask(token).json == server.ask(token).json
    assert len(server.agent.messages) == 1


def test_of_messages_that_come_twice_at_once_one_turn_is_taken(server: Web, token: str) -> None:
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: server.ask(token, "慢慢答").json, range(5)))
    assert len({answer["reply_id"] for answer in answers}) == 1
    assert len(server.agent.messages) == 1


def test_the_same_id_in_another_session_is_another_message(server: Web, token: str) -> None:
    assert server.ask(token).json["reply_id"] != server.ask(server.session()).json["reply_id"]


def test_an_id_given_to_another_message_is_refused(server: Web, token: str) -> None:
    server.ask(token, "一个问题")
    answer = server.ask(token, "另一个问题")
    assert (answer.status, answer.json) == (409, {"error": web.MESSAGE_ID_REUSED, "code": "message_id_reused"})


def test_a_failed_turn_names_the_telephone_and_is_taken_again(server: Web, token: str) -> None:
    first = server.ask(token, "出错").json
    assert first["custom"]["status"] == "unavailable"
    assert PHONE in first["text"]
    server.ask(token, "出错")
    assert len(server.agent.messages) == 2
    assert server.history(token) == []


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "请求内容不是有效的 JSON。请按接口说明发送一个 JSON 对象。"),
        (b"[1]", "请求内容应当是一个 JSON 对象。请按接口说明发送。"),
        (b'{"message": "\xff"}', "请求内容不是 UTF-8 编码。请用 UTF-8 编码发送 JSON。"),
        ({"message_id": "message-1"}, web.NO_MESSAGE),
        ({"message": 7, "message_id": "message-1"}, web.NO_MESSAGE),
        ({"message": "x"}, web.BAD_MESSAGE_ID),
        ({"message": "x", "message_id": "short"}, web.BAD_MESSAGE_ID),
        ({"message": "x", "message_id": "with a space"}, web.BAD_MESSAGE_ID),
        ({"message": "x", "message_id": "m" * 65}, web.BAD_MESSAGE_ID),
        ({"message": "x", "message_id": "数字数字数字数字"}, web.BAD_MESSAGE_ID),
        ({"message": "x", "message_id": 12345678}, web.BAD_MESSAGE_ID),
    ],
)
def test_what_is_no_request_gets_an_error_in_words(server: Web, token: str, content: Any, error: str) -> None:
    answer = server.call("POST", "webhook", content, token)
    assert (answer.status, answer.json) == (400, {"error": error, "code": "bad_request"})
    assert server.agent.messages == []


def test_a_large_body_is_refused_before_it_is_read(server: Web, token: str) -> None:
    answer = server.call("POST", "webhook", b"x" * 2_000_000, token)
    assert (answer.status, answer.json["code"]) == (413, "too_large")


class TestSession:
    def test_a_token_tells_when_it_expires(self, server: Web) -> None:
        expires = datetime.datetime.fromisoformat(server.call("POST", "session", b"{}").json["expires"])
        days = (expires - datetime.datetime.now(datetime.timezone.utc)).days
        assert (days, expires.utcoffset()) == (29, datetime.timedelta(hours=8))

    def test_a_renewed_token_continues_the_session(self, server: Web, token: str) -> None:
        server.ask(token)
        renewed = server.call("POST", "session", token=token).json["token"]
        assert [turn["message"] for turn in server.history(renewed)] == ["谁牵头"]

    def test_with_a_token_that_is_not_valid_a_new_session_begins(self, server: Web) -> None:
        answer = server.call("POST", "session", token="x.y.z.w")
        assert answer.status == 200
        assert server.history(answer.json["token"]) == []

    @pytest.mark.parametrize(
        ("method", "route"), [("POST", "webhook"), ("GET", "history"), ("DELETE", "history"), ("POST", "feedback")]
    )
    @pytest.mark.parametrize("value", ["", "Bearer", "Bearer x.y.z.w", "Basic abc", "Bearer é"])
    def test_without_a_valid_token_nothing_is_told(self, server: Web, method: str, route: str, value: str) -> None:
        headers = {"Authorization": value} if value else {}
        answer = server.call(method, route, {"message": "x"} if method == "POST" else None, **headers)
        assert (answer.status, answer.json) == (401, {"error": web.SESSION_EXPIRED, "code": "session_expired"})

    def test_nobody_gets_at_a_conversation_by_naming_it(self, server: Web, token: str) -> None:
        server.ask(token)
        _key, session, expires, signature = token.split(".")
        other = server.session().split(".")
        for forged in (".".join((other[0], session, expires, other[3])), session, f"web-{session}"):
            assert server.call("GET", "history", token=forged).status == 401
        assert signature


class TestHistory:
    def test_turns_come_back_oldest_first_and_only_the_later_ones_when_asked(self, server: Web, token: str) -> None:
        turns = [server.ask(token, text, f"message-{text}{text}") for text in "abc"]
        assert server.history(token) == [turn.json for turn in turns]
        assert server.history(token, f"?after={turns[1].json['sequence']}") == [turns[2].json]

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30, "%D9%A3"])
    def test_a_place_that_is_no_number_is_refused(self, server: Web, token: str, after: str) -> None:
        assert server.call("GET", f"history?after={after}", token=token).status == 400

    def test_a_deleted_conversation_is_gone(self, server: Web, token: str) -> None:
        sender = f"web-{token.split('.')[1]}"
        server.ask(token)
        inner = server.agent.tracker_store._tracker_store
        deleted: list[str] = []

        async def delete(sender_id: str) -> bool:
            deleted.append(sender_id)
            return True

        inner.delete = delete
        answer = server.call("DELETE", "history", token=token)
        assert (answer.json, deleted) == ({"deleted": 1}, [sender])
        assert server.history(token) == []


class TestFeedback:
    def rate(self, server: Web, token: str, **content: Any) -> Answer:
        return server.call("POST", "feedback", content, token)

    def test_a_reply_can_be_rated_and_rated_anew(self, server: Web, token: str) -> None:
        reply_id = server.ask(token).json["reply_id"]
        assert self.rate(server, token, reply_id=reply_id, helpful=True).json == {"ok": True}
        assert server.history(token)[0]["feedback"] is True
        assert self.rate(server, token, reply_id=reply_id, helpful=False, reason="找13812345678").json == {"ok": True}
        assert server.history(token)[0]["feedback"] is False
        rows = sqlite3.connect(server.turns_file).execute("SELECT reason FROM turns WHERE reply_id = ?", (reply_id,))
        assert rows.fetchone() == ("找[手机号]",)

    def test_nobody_rates_what_another_was_told(self, server: Web, token: str) -> None:
        reply_id = server.ask(token).json["reply_id"]
        answer = self.rate(server, server.session(), reply_id=reply_id, helpful=True)
        assert (answer.status, answer.json) == (404, {"error": web.UNKNOWN_REPLY, "code": "unknown_reply"})

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ({}, web.BAD_FEEDBACK),
            ({"reply_id": 1, "helpful": True}, web.BAD_FEEDBACK),
            ({"reply_id": "x", "helpful": 1}, web.BAD_FEEDBACK),
            ({"reply_id": "x", "helpful": True, "reason": 1}, web.LONG_REASON),
            ({"reply_id": "x", "helpful": True, "reason": "长" * 201}, web.LONG_REASON),
        ],
    )
    def test_what_is_no_feedback_is_refused(self, server: Web, token: str, content: Any, error: str) -> None:
        answer = self.rate(server, token, **content)
        assert (answer.status, answer.json["error"]) == (400, error)


class TestPages:
    ROUTES = (("GET", ""), ("GET", "about"), ("POST", "session"), ("GET", "history"), ("POST", "webhook"))

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_a_page_that_is_not_allowed_is_refused_everywhere(self, server: Web, method: str, route: str) -> None:
        answer = server.call(method, route, Origin="https://evil.example")
        assert (answer.status, answer.json["code"]) == (403, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer.headers

    @pytest.mark.parametrize(("method", "route"), ROUTES)
    def test_a_listed_page_may_read_answers_and_errors(self, server: Web, method: str, route: str) -> None:
        answer = server.call(method, route, Origin=SITE)
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Vary"] == "Origin"

    @pytest.mark.parametrize("origin", ["", SITE, "https://evil.example"])
    @pytest.mark.parametrize(("method", "path"), [("GET", "/webhooks/web/"), ("OPTIONS", "/"), ("GET", "/nowhere")])
    def test_nobody_is_allowed_credentials(self, server: Web, method: str, path: str, origin: str) -> None:
        answer = server.request(method, path, headers={"Origin": origin} if origin else {})
        assert "Access-Control-Allow-Credentials" not in answer.headers

    def test_our_own_page_may_ask(self, server: Web) -> None:
        assert server.call("GET", "about", Origin=f"http://127.0.0.1:{server.port}").status == 200

    @pytest.mark.parametrize("route", ["webhook", "history", "feedback", "session"])
    def test_a_browser_that_asks_before_is_told_what_is_allowed(self, server: Web, route: str) -> None:
        answer = server.call("OPTIONS", route, Origin=SITE, **{"Access-Control-Request-Method": "POST"})
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, DELETE"
        assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
        assert answer.headers["Access-Control-Max-Age"] == "600"

    def test_a_page_that_is_not_allowed_is_told_so_before(self, server: Web) -> None:
        answer = server.call("OPTIONS", "webhook", Origin="https://evil.example")
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


class TestAbout:
    def test_it_tells_what_the_knowledge_holds(self, server: Web, knowledge: Knowledge) -> None:
        answer = server.call("GET", "about")
        told = answer.json
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert told["policy"] == {
            "name": "三门峡市创建省级新型智慧城市示范市工作方案",
            "number": "三政办〔2021〕25号",
            "date": "2021年12月8日",
            "validity": "2023年底前",
        }
        assert (told["phone"], told["max_characters"]) == (PHONE, 300)
        assert set(told["sources"]) == set(knowledge.sources)
        assert told["sources"]["interpretation"]["published"] == "2021年12月27日"
        assert told["sources"]["interpretation"]["number"] == ""
        assert told["sources"]["plan_notice"]["number"] == "三政办〔2021〕25号"

    def test_its_questions_are_questions_of_facts(self, server: Web, knowledge: Knowledge) -> None:
        questions = {fact.question for fact in knowledge.facts.values()}
        starters = server.call("GET", "about").json["starters"]
        assert len(starters) >= 3
        assert all(starter["payload"] in questions for starter in starters)

    def test_the_channel_says_that_it_is_well(self, server: Web) -> None:
        assert server.call("GET", "").json == {"status": "ok"}


class TestLimits:
    @pytest.fixture
    def strict(self, tmp_path: Path) -> Iterator[Web]:
        server = Web(tmp_path, Limits.of(3, 9), proxies=("127.0.0.1",))
        yield server
        server.stop()

    def test_a_session_that_asks_too_often_is_told_when_to_come_back(self, strict: Web) -> None:
        token = strict.session()
        answers = [strict.ask(token, message_id=f"message-{number}") for number in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        seconds = int(answers[-1].headers["Retry-After"])
        assert answers[-1].json == {"error": web.TOO_MANY.format(seconds=seconds), "code": "too_many"}
        assert 0 < seconds <= 20

    def test_an_address_is_limited_whatever_its_sessions_and_others_are_not(self, strict: Web) -> None:
        first = {"X-Forwarded-For": "198.51.100.7"}
        statuses = [strict.call("POST", "session", **first).status for _ in range(7)]
        assert statuses == [200] * 6 + [429]
        assert strict.call("POST", "session", **{"X-Forwarded-For": "198.51.100.8"}).status == 200

    def test_the_history_has_a_limit_of_its_own(self, strict: Web) -> None:
        token = strict.session()
        statuses = [strict.call("GET", "history", token=token).status for _ in range(9)]
        assert statuses == [200] * 8 + [429]
        assert strict.ask(token).status == 200


class TestBrokenRecord:
    @pytest.fixture
    def broken(self, tmp_path: Path) -> Iterator[Web]:
        server = Web(tmp_path)
        other = sqlite3.connect(server.turns_file)
        other.execute("DROP TABLE turns")
        other.commit()
        yield server
        server.stop()

    def test_questions_are_answered_all_the_same(self, broken: Web) -> None:
        turn = broken.ask(broken.session()).json
        assert (turn["custom"]["status"], turn["sequence"]) == ("answered", None)

    @pytest.mark.parametrize(("method", "route"), [("GET", "history"), ("DELETE", "history"), ("POST", "feedback")])
    def test_what_needs_the_record_says_that_it_fails(self, broken: Web, method: str, route: str) -> None:
        content = {"reply_id": "x", "helpful": True} if method == "POST" else None
        answer = broken.call(method, route, content, broken.session())
        assert (answer.status, answer.json) == (503, {"error": web.NOT_STORED, "code": "unavailable"})


def test_an_error_of_our_own_is_told_in_words_and_logged(
    server: Web, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(web, "_as_json", lambda *_: 1 / 0)
    answer = server.ask(token)
    assert (answer.status, answer.json) == (500, {"error": web.NOT_STORED, "code": "unavailable"})
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("rate", [0, -1, "viele", True])
def test_a_rate_that_is_none_stops_the_start(rate: object) -> None:
    with pytest.raises(RasaException, match="session_per_minute"):
        WebChannel.from_credentials({"session_per_minute": rate})
