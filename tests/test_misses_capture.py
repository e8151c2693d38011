"""What the edge writes down of missed questions, and that no reply is the worse for it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.misses import NOW, UNDERSTOOD, turn
from tests.test_edge import ANSWER, PHONE, Turns
from wence.channels.edge import Asked, Edge
from wence.misses.capture import Capture
from wence.misses.entries import Entry, Forgotten, Miss, Withdrawn, entries_in
from wence.misses.spool import Spool, files
from wence.misses.why import Why
from wence.privacy import Masker, pseudonym
from wence.replies import Reply, Status
from wence.state.turns import TurnRecord

KEY = b"key"
UNSURE: list[dict[str, Any]] = [
    {"text": "市民政局。"},
    {"custom": {"status": "answered", "facts": ["a"], "citations": [], "understood": UNDERSTOOD.as_dict()}},
]
DECLINED: list[dict[str, Any]] = [
    {"text": "无关。"},
    {"custom": {"status": "out_of_scope", "facts": [], "citations": [], "understood": UNDERSTOOD.as_dict()}},
]


def captured(folder: Path) -> list[Entry]:
    found: list[Entry] = []
    for file in files(folder / "misses"):
        entries, broken = entries_in(file.read_bytes())
        assert not broken
        found += entries
    return found


def capture(folder: Path) -> Capture:
    return Capture(Spool(folder / "misses"), KEY, lambda: "model-1", lambda: NOW + 60)


def test_a_missed_turn_is_written_down_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    asked = turn(Status.CLARIFY)
    capture(tmp_path).turn(asked)
    assert captured(tmp_path) == [
        Miss(
            id=asked.reply_id,
            why=Why.ASKED_BACK,
            time=NOW,
            asked=NOW,
            channel="web",
            sender=pseudonym("s", KEY),
            message="谁牵头",
            status=Status.CLARIFY,
            reply="回答。",
            facts=("a.b",),
            understood=UNDERSTOOD,
            model="model-1",
        )
    ]


@pytest.mark.parametrize("status", [Status.SMALLTALK, Status.INVALID, Status.UNAVAILABLE])
def test_what_was_not_missed_leaves_nothing(tmp_path: Path, status: Status) -> None:
    capture(tmp_path).turn(turn(status))
    assert not (tmp_path / "misses").exists()


def test_feedback_is_written_down_and_taken_back(tmp_path: Path) -> None:
    rated, told = turn(Status.ANSWERED), capture(tmp_path)
    told.rated(rated, False, "不准")
    told.rated(rated, True, "")
    missed, withdrawn = captured(tmp_path)
    assert isinstance(missed, Miss)
    assert (missed.why, missed.reason, missed.asked, missed.time) == (Why.NOT_HELPFUL, "不准", NOW, NOW + 60)
    assert withdrawn == Withdrawn(rated.reply_id, NOW + 60)


def test_a_forgotten_conversation_is_written_down_by_its_pseudonym(tmp_path: Path) -> None:
    capture(tmp_path).forget("s")
    assert captured(tmp_path) == [Forgotten(pseudonym("s", KEY), NOW + 60)]


def test_a_failure_is_logged_once_when_it_begins_and_once_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "misses").touch()
    told = capture(tmp_path)
    for _ in range(3):
        told.turn(turn(Status.CLARIFY))
    (tmp_path / "misses").unlink()
    for _ in range(3):
        told.turn(turn(Status.CLARIFY))
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
    assert len(captured(tmp_path)) == 3


def test_a_failure_logs_no_word_of_the_citizen(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise ValueError("谁牵头")

    Capture(Spool(tmp_path), KEY, broken).turn(turn(Status.CLARIFY))
    assert "ValueError" in caplog.text
    assert "谁牵头" not in caplog.text


class TestEdge:
    """The edge that captures; each scenario gets a fresh one."""

    def run(self, path: Path, scenario: Callable[[Edge], Awaitable[None]], with_record: bool = True) -> None:
        async def whole() -> None:
            record = TurnRecord(path / "turns.db", KEY, patience=None) if with_record else None
            edge = Edge(PHONE, Masker(), record, capture=capture(path))
            await scenario(edge)
            await edge.close()

        asyncio.run(asyncio.wait_for(whole(), 20))

    @pytest.mark.parametrize("message_id", ["12345678", None])
    def test_what_was_missed_is_in_the_spool_before_the_reply_is_there(
        self, tmp_path: Path, message_id: str | None
    ) -> None:
        async def scenario(edge: Edge) -> None:
            said = await edge.answer(Asked("web", "s", "我是13812345678，社保卡", message_id), Turns(DECLINED))
            (missed,) = captured(tmp_path)
            assert isinstance(missed, Miss)
            assert (missed.id, missed.message) == (said.reply_id, "我是[手机号]，社保卡")
            assert (missed.why, missed.understood) == (Why.OUT_OF_SCOPE, UNDERSTOOD)

        self.run(tmp_path, scenario)

    def test_a_sure_answer_is_no_miss(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            await edge.answer(Asked("web", "s", "谁牵头"), Turns(ANSWER))
            assert captured(tmp_path) == []

        self.run(tmp_path, scenario)

    def test_an_unsure_answer_is_a_miss(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            await edge.answer(Asked("web", "s", "谁牵头"), Turns(UNSURE))
            assert [entry.why for entry in captured(tmp_path) if isinstance(entry, Miss)] == [Why.UNSURE]

        self.run(tmp_path, scenario)

    def test_the_reply_says_nothing_of_how_it_was_understood(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            said = await edge.answer(Asked("web", "s", "谁牵头"), Turns(UNSURE))
            assert said.reply == Reply(Status.ANSWERED, "市民政局。", ("a",))
            assert said.reply.custom() == {"status": "answered", "facts": ["a"], "citations": []}

        self.run(tmp_path, scenario)

    def test_a_repeated_message_is_the_same_miss(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            for _ in range(3):
                await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(DECLINED))
            assert len(set(captured(tmp_path))) == 1

        self.run(tmp_path, scenario)

    def test_a_turn_that_was_recorded_but_not_written_down_is_when_it_is_asked_for_again(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            said = await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(DECLINED))
            for file in files(tmp_path / "misses"):
                file.unlink()
            again = await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns())
            assert again.reply_id == said.reply_id
            assert [entry.id for entry in captured(tmp_path) if isinstance(entry, Miss)] == [said.reply_id]

        self.run(tmp_path, scenario)

    def test_without_a_record_a_miss_is_written_down_all_the_same(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(DECLINED))
            assert len(captured(tmp_path)) == 1

        self.run(tmp_path, scenario, with_record=False)

    def test_an_answer_that_did_not_help_is_missed_with_how_it_was_understood(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            sure = [dict(UNSURE[0]), {"custom": {**UNSURE[1]["custom"]}}]
            sure[1]["custom"]["understood"] = {**UNDERSTOOD.as_dict(), "confidence": 0.9}
            said = await edge.answer(Asked("web", "s", "谁牵头", "12345678"), Turns(sure))
            assert captured(tmp_path) == []
            assert await edge.rate("s", said.reply_id, False, "打13812345678找我")
            (missed,) = captured(tmp_path)
            assert isinstance(missed, Miss)
            assert (missed.why, missed.reason) == (Why.NOT_HELPFUL, "打[手机号]找我")
            assert missed.understood is not None
            assert (missed.understood.confidence, missed.message) == (0.9, "谁牵头")

        self.run(tmp_path, scenario)

    def test_feedback_on_a_reply_of_somebody_else_is_no_miss(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            said = await edge.answer(Asked("web", "s", "谁牵头", "12345678"), Turns(ANSWER))
            assert await edge.rate("other", said.reply_id, False, None) is False
            assert captured(tmp_path) == []

        self.run(tmp_path, scenario)

    def test_a_deleted_conversation_is_forgotten(self, tmp_path: Path) -> None:
        async def scenario(edge: Edge) -> None:
            await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(DECLINED))
            await edge.forget("s")
            assert captured(tmp_path)[-1] == Forgotten(pseudonym("s", KEY), NOW + 60)

        self.run(tmp_path, scenario)

    @pytest.mark.parametrize("understood", ["x", 1, [], {"confidence": "x"}, {"confidence": None}, {}])
    def test_whatever_comes_as_understood_the_reply_is_the_same(self, tmp_path: Path, understood: object) -> None:
        async def scenario(edge: Edge) -> None:
            messages = [{"text": "无关。"}, {"custom": {"status": "out_of_scope", "understood": understood}}]
            said = await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(messages))
            assert said.reply == Reply(Status.OUT_OF_SCOPE, "无关。")

        self.run(tmp_path, scenario)

    def test_a_full_disk_changes_no_reply(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async def scenario(edge: Edge) -> None:
            def full(_descriptor: int, _line: bytes) -> int:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(os, "write", full)
            said = await edge.answer(Asked("web", "s", "社保卡", "12345678"), Turns(DECLINED))
            monkeypatch.undo()
            assert said.reply.status is Status.OUT_OF_SCOPE

        self.run(tmp_path, scenario)
