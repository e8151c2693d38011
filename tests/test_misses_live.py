"""Missed questions of a served assistant: from the question to `wence misses list`, whatever happens on the way."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests import assistant
from tests.assistant import Assistant
from tests.test_nothing_personal import NUMBERS, leaks
from tests.test_processes import wait_for
from tests.test_web_live import Citizen
from wence import settings, training
from wence.misses import spool
from wence.settings import PROJECT

pytestmark = pytest.mark.live

DECLINED = "社保卡丢了怎么补办？"
ANSWERED = "智慧社区由哪个单位牵头？"
WRITER = "wence.misses.writer"
#: From the question to the list.
IN_TIME = 10


def listed(state: Path, *more: str) -> list[dict[str, Any]]:
    """What `wence misses list --json` prints."""
    command = [sys.executable, "-m", "wence", "misses", "list", "--json", *more]
    environment = {**os.environ, "WENCE_STATE": str(state)}
    told = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def wait_for_miss(state: Path, message: str) -> dict[str, Any]:
    """The one miss with a message, as soon as it is listed."""
    wait_for(lambda: any(miss["message"] == message for miss in listed(state)), IN_TIME)
    (found,) = (miss for miss in listed(state) if miss["message"] == message)
    return found


def test_a_declined_question_is_listed_with_all_that_is_known_of_it(live: Assistant) -> None:
    citizen = Citizen(live)
    citizen.ask(ANSWERED)
    message = f"俺娘的养老金咋还没到账{uuid.uuid4().hex[:4]}"
    turn = citizen.ask(message)
    found = wait_for_miss(live.state, message)
    assert (found["id"], found["reply"]) == (turn["reply_id"], turn["text"])
    assert (found["why"], found["status"], found["channel"]) == (["out_of_scope"], "out_of_scope", "web")
    assert found["before"]["message"] == ANSWERED
    assert len(found["readings"]) == 3
    assert 0 <= found["confidence"] <= 1
    assert "养老金" in found["unknown"]
    assert found["model"] == training.fingerprint(settings.load({}))
    assert found["knowledge"]
    assert found["time"].endswith("+08:00")
    assert found["sender"] not in citizen.token


def test_what_was_answered_is_not_listed_until_it_is_marked_not_helpful(live: Assistant) -> None:
    citizen = Citizen(live)
    turn = citizen.ask(ANSWERED)
    marker = wait_for_miss(live.state, citizen.ask(f"{DECLINED}{uuid.uuid4().hex[:4]}")["message"])
    assert turn["reply_id"] not in [miss["id"] for miss in listed(live.state)]
    assert marker["before"]["message"] == ANSWERED
    citizen.call("POST", "feedback", {"reply_id": turn["reply_id"], "helpful": False, "reason": "打13812345678"})

    def rated() -> list[dict[str, Any]]:
        return [miss for miss in listed(live.state, "--why", "not_helpful") if miss["id"] == turn["reply_id"]]

    wait_for(lambda: bool(rated()), IN_TIME)
    (found,) = rated()
    assert found["feedback"] == "打[手机号]"
    assert found["readings"][0]["facet"] == "lead_unit"


def test_a_citizen_gets_nothing_of_how_a_question_was_understood(live: Assistant) -> None:
    told = json.dumps([live.ask(DECLINED), Citizen(live).ask(DECLINED), Citizen(live).call("GET", "history")])
    assert "understood" not in told
    assert "lead_unit" not in told


def test_who_deletes_the_conversation_is_forgotten(live: Assistant) -> None:
    citizen = Citizen(live)
    message = f"{DECLINED}{uuid.uuid4().hex[:4]}"
    citizen.ask(message)
    wait_for_miss(live.state, message)
    citizen.call("DELETE", "history")
    wait_for(lambda: message not in [miss["message"] for miss in listed(live.state)], IN_TIME)


def test_killed_right_after_the_reply_the_miss_is_listed_once(own: Assistant, tmp_path: Path) -> None:
    os.kill(own.child(WRITER), signal.SIGSTOP)
    server = own.child("wence.server")
    own.ask(DECLINED)
    os.kill(server, signal.SIGKILL)
    own.process.kill()
    own.process.wait(30)
    assert len(spool.files(own.state / "misses")) == 1

    again = assistant.wait_until_ready(assistant.start(tmp_path))
    try:
        wait_for_miss(own.state, DECLINED)
        wait_for(lambda: not spool.files(own.state / "misses"), IN_TIME)
        assert [miss["message"] for miss in listed(own.state)] == [DECLINED]
    finally:
        again.stop()
    assert len(listed(own.state)) == 1


def test_a_writer_that_is_killed_comes_back_and_stores_each_miss_once(own: Assistant) -> None:
    asked = [f"{DECLINED}{number}" for number in range(20)]
    for number, message in enumerate(asked):
        own.ask(message)
        if number % 7 == 3 and WRITER in commands(own):
            os.kill(own.child(WRITER), signal.SIGKILL)
    wait_for(lambda: len(listed(own.state)) == len(asked), 60)
    assert sorted(miss["message"] for miss in listed(own.state)) == sorted(asked)


def commands(served: Assistant) -> str:
    return "".join(Path(f"/proc/{pid}/cmdline").read_text() for pid in served.children())


def test_nothing_unmasked_is_in_the_spool_or_in_the_database(own: Assistant) -> None:
    writer = own.child(WRITER)
    os.kill(writer, signal.SIGSTOP)
    citizen = Citizen(own)
    turn = citizen.ask(f"社保卡丢了，我是{'，'.join(NUMBERS)}，电话{NUMBERS[0]}")
    citizen.call("POST", "feedback", {"reply_id": turn["reply_id"], "helpful": False, "reason": NUMBERS[0]})
    (spooled,) = spool.files(own.state / "misses")
    # Without its area code the last one is a number like any other.
    personal = {number for number in NUMBERS if number != "2816242"}
    assert personal & {number for _, number in leaks(spooled)} == set()
    assert b"[\xe6\x89\x8b\xe6\x9c\xba\xe5\x8f\xb7]" in spooled.read_bytes()

    os.kill(writer, signal.SIGCONT)
    wait_for(lambda: bool(listed(own.state)), IN_TIME)
    written = [file for file in own.state.glob("misses*") if file.is_file()]
    assert personal & {number for _, number in leaks(*written)} == set()


def test_a_spool_that_cannot_be_written_disturbs_no_reply_and_is_told_once(own: Assistant) -> None:
    before = own.ask(DECLINED, uuid.uuid4().hex)
    wait_for(lambda: not spool.files(own.state / "misses"), IN_TIME)
    shutil.rmtree(own.state / "misses")
    (own.state / "misses").touch()
    for _ in range(3):
        began = time.monotonic()
        assert words(own.ask(DECLINED, uuid.uuid4().hex)) == words(before)
        assert time.monotonic() - began < 1.5
    assert own.words().count("答漏的问题未能写下") == 1
    (own.state / "misses").unlink()
    assert own.status(DECLINED) == "out_of_scope"
    wait_for(lambda: len(listed(own.state)) == 2, IN_TIME)
    assert own.words().count("答漏的问题又能写下了") == 1


def test_a_full_disk_disturbs_no_reply(own: Assistant) -> None:
    before = own.ask(DECLINED, uuid.uuid4().hex)
    server = own.child("wence.server")
    _, hard = resource.prlimit(server, resource.RLIMIT_FSIZE)
    # No file of the server may grow any more.
    resource.prlimit(server, resource.RLIMIT_FSIZE, (0, hard))
    for _ in range(3):
        assert words(own.ask(DECLINED, uuid.uuid4().hex)) == words(before)
    resource.prlimit(server, resource.RLIMIT_FSIZE, (hard, hard))
    message = f"{DECLINED}还有"
    own.ask(message)
    wait_for_miss(own.state, message)


def words(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was said, without to whom."""
    return [{name: value for name, value in message.items() if name != "recipient_id"} for message in messages]
