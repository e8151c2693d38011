"""No personal number reaches a database, the log or a broker, whatever way it comes and whatever is broken."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.brokers.file import FileEventBroker
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import UserUttered

from tests import assistant
from tests.assistant import Assistant
from tests.test_tracker_store import begin, open_store, turn
from wence import settings, training
from wence.settings import PROJECT

NUMBERS = ("13812345678", "411202199001011234", "6222021234567890128", "zhang@example.com", "豫M12345", "2816242")
TEXT = "我是张三13812345678，身份证411202199001011234，卡6222021234567890128，zhang@example.com，豫M12345，0398-2816242，智慧社区谁牵头"
MASKED = "我是张三[手机号]，身份证[身份证号]，卡[银行卡号]，[邮箱]，[车牌号]，[电话号]，智慧社区谁牵头"


def leaks(*files: Path) -> list[tuple[str, str]]:
    """The numbers found in files, also as JSON escapes them."""
    found = []
    for file in files:
        content = file.read_bytes()
        for number in NUMBERS:
            if number.encode() in content or json.dumps(number)[1:-1].encode() in content:
                found.append((file.name, number))
    return found


@pytest.mark.parametrize("broken", [False, True])
def test_what_rasa_stores_and_publishes_is_masked_also_when_it_falls_back_to_memory(
    tmp_path: Path, broken: bool
) -> None:
    async def scenario() -> None:
        store = open_store(tmp_path, FileEventBroker(str(tmp_path / "events.log")))
        safe = FailSafeTrackerStore(store)
        if broken:

            async def fail(_tracker: object) -> None:
                raise OSError

            store.save = fail  # type: ignore[method-assign]
        tracker = begin("s")
        tracker.update_with_events([*turn(TEXT), UserUttered(TEXT, metadata={"phone": 13812345678})], store.domain)
        await safe.save(tracker)
        store.close()

    asyncio.run(scenario())
    published = (tmp_path / "events.log").read_text(encoding="utf-8")
    assert MASKED in [json.loads(line).get("text") for line in published.splitlines()]
    assert leaks(*tmp_path.iterdir()) == []


def test_a_sender_called_by_a_number_is_stored_and_published_under_a_pseudonym(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = open_store(tmp_path, FileEventBroker(str(tmp_path / "events.log")))
        tracker = begin("tel-13812345678")
        tracker.update_with_events(turn("谁牵头"), store.domain)
        await store.save(tracker)
        again = await store.retrieve("tel-13812345678")
        assert again is not None
        assert again.latest_message is not None
        assert again.latest_message.text == "谁牵头"
        store.close()

    asyncio.run(scenario())
    assert leaks(*tmp_path.iterdir()) == []


class Rasa:
    """Rasa with its HTTP API, a broker and a debug log: all that `wence run` leaves out."""

    def __init__(self, folder: Path, action_url: str) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        self.events = folder / "events.log"
        self.log = folder / "rasa.log"
        endpoints = folder / "endpoints.yml"
        text = (PROJECT / "endpoints.yml").read_text(encoding="utf-8")
        text = text.replace("${ACTION_URL}", action_url).replace("${WENCE_STATE}", str(self.state))
        endpoints.write_text(f"{text}\nevent_broker:\n  type: file\n  path: {self.events}\n", encoding="utf-8")
        wanted = settings.load({})
        model = wanted.model_file(training.fingerprint(wanted))
        port = assistant.free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "wence.rasa_command", "run", "--enable-api", "--debug", "--model", str(model)]
        command += ["--endpoints", str(endpoints), "--credentials", str(PROJECT / "credentials.yml")]
        command += ["--interface", "127.0.0.1", "--port", str(port)]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**os.environ, **settings.QUIET_AND_SMALL, "WENCE_STATE": str(self.state)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                assert self.call("GET", "/status")
                return
            except (OSError, AssertionError):
                time.sleep(0.3)
        raise AssertionError(self.log.read_text())

    def call(self, method: str, path: str, content: Any = None, **headers: str) -> Any:
        body = None if content is None else json.dumps(content).encode()
        headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def say_it_every_way(self, sender: str) -> None:
        """Send the numbers through the HTTP API, past the edge, and through both channels."""
        event = {"event": "user", "text": TEXT, "parse_data": {"text": TEXT, "intent": {"name": "x"}, "entities": []}}
        self.call("POST", f"/conversations/{sender}/messages", {"text": TEXT, "sender": "user"})
        self.call("POST", f"/conversations/{sender}/tracker/events", event)
        self.call("POST", "/webhooks/rest/webhook", {"sender": f"rest-{sender}", "message": TEXT})
        token = self.call("POST", "/webhooks/web/session")["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        turn = self.call("POST", "/webhooks/web/webhook", {"message_id": "message-1", "message": TEXT}, **bearer)
        assert turn["message"] == MASKED
        feedback = {"reply_id": turn["reply_id"], "helpful": False, "reason": TEXT}
        try:
            self.call("POST", "/webhooks/web/feedback", feedback, **bearer)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # so it is while the record is broken
                raise

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.mark.live
class TestWholeRasa:
    @pytest.fixture
    def rasa(self, live: Assistant, tmp_path: Path) -> Iterator[Rasa]:
        started = Rasa(tmp_path, live.action_url)
        try:
            started.wait()
            yield started
        finally:
            started.stop()

    def test_nothing_is_stored_published_or_logged_also_with_broken_databases(self, rasa: Rasa) -> None:
        rasa.say_it_every_way("whole")
        for name, table in (("conversations.db", "conversations"), ("turns.db", "turns")):
            with sqlite3.connect(rasa.state / name) as other:
                assert other.execute(f"SELECT count(*) FROM {table}").fetchone() > (0,)
                other.execute(f"DROP TABLE {table}")
        rasa.say_it_every_way("broken")
        rasa.stop()

        written = [file for file in rasa.state.rglob("*") if file.is_file()]
        published = [json.loads(line) for line in rasa.events.read_text(encoding="utf-8").splitlines()]
        assert [event["text"] for event in published if event["event"] == "user"] == [MASKED] * 8
        assert "[手机号]" in rasa.log.read_text(encoding="utf-8")
        assert leaks(rasa.events, rasa.log, *written) == []
