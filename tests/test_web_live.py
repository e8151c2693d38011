"""The web channel of a served assistant: the whole way, with a model, actions and a tracker."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests import assistant
from tests.assistant import Assistant
from wence import run, settings

pytestmark = pytest.mark.live

QUESTION = "智慧社区由哪个单位牵头？"
ITS_FACT = "task.community.lead"
FOLLOW_UP = "那甘棠政务呢？"


class Citizen:
    """Who holds a token."""

    def __init__(self, live: Assistant) -> None:
        self._url = f"{live.url}/webhooks/web/"
        self.token = ""
        self.token = self.call("POST", "session")["token"]

    def call(self, method: str, route: str, content: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self._url + route, body, headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def ask(self, message: str, message_id: str = "") -> dict[str, Any]:
        content = {"message": message, "message_id": message_id or uuid.uuid4().hex}
        turn: dict[str, Any] = self.call("POST", "webhook", content)
        return turn


def test_a_conversation_is_answered_remembered_rated_and_deleted(live: Assistant) -> None:
    citizen = Citizen(live)
    first, second = citizen.ask(QUESTION), citizen.ask(FOLLOW_UP)
    assert first["custom"]["facts"] == [ITS_FACT]
    assert second["custom"]["status"] == "answered"
    assert citizen.call("GET", "history")["turns"] == [first, second]

    citizen.call("POST", "feedback", {"reply_id": first["reply_id"], "helpful": True})
    assert [turn["feedback"] for turn in citizen.call("GET", "history")["turns"]] == [True, None]

    assert citizen.call("DELETE", "history") == {"deleted": 2}
    assert citizen.call("GET", "history") == {"turns": []}
    assert citizen.ask("那牵头单位呢？")["custom"]["status"] == "clarify"


def test_the_same_question_gets_the_same_custom_object_as_over_rest(live: Assistant) -> None:
    custom = next(message["custom"] for message in live.ask(QUESTION, uuid.uuid4().hex) if "custom" in message)
    assert Citizen(live).ask(QUESTION)["custom"] == custom


def test_a_repeated_message_changes_nothing_in_the_conversation(live: Assistant) -> None:
    citizen = Citizen(live)
    first = citizen.ask(QUESTION, "message-1")
    citizen.ask("谁印发的方案？")
    assert citizen.ask(QUESTION, "message-1") == first
    assert len(citizen.call("GET", "history")["turns"]) == 2


def test_every_question_to_start_with_is_answered(live: Assistant) -> None:
    citizen = Citizen(live)
    for starter in citizen.call("GET", "about")["starters"]:
        assert citizen.ask(starter["payload"])["custom"]["status"] == "answered"


def test_the_start_leaves_no_conversation_behind_and_the_keys_are_private(own: Assistant) -> None:
    citizen = Citizen(own)
    assert citizen.ask(QUESTION)["sequence"] == 2
    for name in ("senders.json", "sessions.json"):
        assert stat.S_IMODE((own.state / "secrets" / name).stat().st_mode) == 0o600


def test_a_conversation_outlives_a_restart(own: Assistant, tmp_path: Path) -> None:
    citizen = Citizen(own)
    asked = citizen.ask(QUESTION)
    own.stop()
    again = assistant.wait_until_ready(assistant.start(tmp_path, PORT=own.url.rpartition(":")[2]))
    try:
        assert citizen.call("GET", "history")["turns"] == [asked]
        assert citizen.ask(FOLLOW_UP)["custom"]["status"] == "answered"
    finally:
        again.stop()


def test_without_the_rest_channel_the_assistant_starts_and_answers_pages(live: Assistant, tmp_path: Path) -> None:
    served = assistant.wait_until_ready(assistant.start(tmp_path, WENCE_REST="off"))
    try:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            served.ask(QUESTION)
        assert Citizen(served).ask(QUESTION)["custom"]["status"] == "answered"
        assert "/webhooks/rest/" not in served.words()
    finally:
        served.stop()


@pytest.mark.parametrize(("name", "words"), [("turns.db", "轮次记录"), ("secrets/sessions.json", "密钥文件")])
def test_a_file_that_cannot_be_used_stops_the_start_with_one_line(
    live: Assistant, tmp_path: Path, name: str, words: str
) -> None:
    file = tmp_path / "state" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"something else" * 1000)
    started = assistant.start(tmp_path)
    assert started.process.wait(120) == 2, started.words()
    lines = [line for line in started.words().splitlines() if not line.startswith("正在")]
    assert len(lines) == 1, started.words()
    assert words in lines[0]
    assert name in lines[0]


def test_the_welcome_names_the_demo_page() -> None:
    said = run.welcome(settings.load({}), 1.0)
    assert "http://127.0.0.1:5005/" in said.splitlines()[1]
    assert "/webhooks/rest/webhook" in said
    assert "/webhooks/rest/" not in run.welcome(settings.load({"WENCE_REST": "off"}), 1.0)
