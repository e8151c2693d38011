from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from wence.replies import Option, Reply, Status
from wence.state.database import SECONDS_A_DAY, DatabaseError
from wence.state.turns import MOST_HISTORY, Turn, TurnRecord

KEY = b"k" * 32
ANSWER = Reply(
    Status.CLARIFY,
    "哪一个？\n\n请点选。",
    ("a.b",),
    ({"source": "s", "section": "一", "quote": "q"},),
    (Option("电话", "联系电话多少"),),
)
NOW = 1_700_000_000.0


def turn(message: str = "谁牵头", sender: str = "s", message_id: str | None = None, reply: Reply = ANSWER) -> Turn:
    return Turn("web", sender, message, reply, message_id)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), 20))


def rows(path: Path) -> list[tuple[object, ...]]:
    return list(sqlite3.connect(path).execute("SELECT * FROM turns"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "turns.db"


def test_a_turn_comes_back_as_it_was_recorded(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        recorded = await record.add(turn(message_id="12345678"))
        assert recorded.sequence == 1
        assert await record.find("s", "12345678") == recorded
        assert await record.history("s") == [recorded]
        record.close()

    run(scenario)


def test_a_record_outlives_its_process(path: Path) -> None:
    async def scenario() -> None:
        first = TurnRecord(path, KEY)
        recorded = await first.add(turn())
        first.close()
        second = TurnRecord(path, KEY)
        assert await second.history("s") == [recorded]
        second.close()

    run(scenario)


def test_a_message_id_stands_for_one_turn_of_its_sender_only(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        first = await record.add(turn("一", message_id="12345678"))
        assert await record.add(turn("二", message_id="12345678")) == first
        assert (await record.add(turn("二", "other", "12345678"))).message == "二"
        assert await record.find("nobody", "12345678") is None
        assert len(await record.history("s") or ()) == 1
        record.close()

    run(scenario)


def test_an_unavailable_reply_is_recorded_but_never_final(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        failed = await record.add(turn(message_id="12345678", reply=Reply(Status.UNAVAILABLE, "故障")))
        assert failed.sequence == 1
        assert await record.find("s", "12345678") is None
        assert await record.history("s") == []
        answered = await record.add(turn(message_id="12345678"))
        assert await record.find("s", "12345678") == answered
        assert len(rows(path)) == 2
        record.close()

    run(scenario)


def test_the_history_is_the_newest_turns_of_one_sender_oldest_first(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        for number in range(MOST_HISTORY + 5):
            await record.add(turn(str(number)))
            await record.add(turn("x", "other"))
        history = await record.history("s") or []
        assert [each.message for each in history] == [str(number) for number in range(5, MOST_HISTORY + 5)]
        later = await record.history("s", after=history[-3].sequence or 0) or []
        assert [each.message for each in later] == [each.message for each in history[-2:]]
        record.close()

    run(scenario)


def test_feedback_is_kept_and_can_be_changed_by_its_sender_only(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        recorded = await record.add(turn())
        assert await record.rate("s", recorded.reply_id, True, None)
        assert [each.helpful for each in await record.history("s") or ()] == [True]
        assert await record.rate("s", recorded.reply_id, False, "不准")
        assert await record.rate("other", recorded.reply_id, True, None) is False
        assert await record.rate("s", "unknown", True, None) is False
        assert [each.helpful for each in await record.history("s") or ()] == [False]
        assert "不准" in rows(path)[0]
        record.close()

    run(scenario)


def test_a_sender_who_is_forgotten_leaves_nothing_and_others_stay(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        for sender in ("s", "s", "other"):
            await record.add(turn(sender=sender))
        assert await record.forget("s") == 2
        assert await record.forget("s") == 0
        assert await record.history("s") == []
        assert len(rows(path)) == 1
        record.close()

    run(scenario)


def test_what_is_deleted_is_nowhere_in_the_file(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY, patience=None)
        await record.add(turn("我只告诉你"))
        await record.forget("s")
        record.close()

    run(scenario)
    assert "我只告诉你".encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_sequence_number_is_never_given_twice(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        first = await record.add(turn())
        await record.forget("s")
        assert ((await record.add(turn())).sequence or 0) > (first.sequence or 0)
        record.close()

    run(scenario)


def test_no_sender_stands_in_the_file(path: Path) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        await record.add(turn(sender="13812345678"))
        record.close()
        assert b"13812345678" not in path.read_bytes()
        stranger = TurnRecord(path, b"another key")
        assert await stranger.history("13812345678") == []
        stranger.close()

    run(scenario)


def test_an_expired_turn_is_gone_for_readers_at_once_and_from_the_file_with_the_next_sweep(path: Path) -> None:
    async def scenario() -> None:
        now = NOW
        record = TurnRecord(path, KEY, days=30, clock=lambda: now)
        old = await record.add(turn("旧", message_id="12345678"))
        now += 31 * SECONDS_A_DAY
        assert await record.history("s") == []
        assert await record.find("s", "12345678") is None
        assert await record.rate("s", old.reply_id, True, None) is False
        assert (await record.add(turn("新", message_id="12345678"))).message == "新"
        assert [row[5] for row in rows(path)] == ["新"]
        record.close()

    run(scenario)


@pytest.mark.parametrize("message", ["'; DROP TABLE turns; --", '"\\', "一\n二", "😀"])
def test_any_text_is_recorded_as_it_is(path: Path, message: str) -> None:
    async def scenario() -> None:
        record = TurnRecord(path, KEY)
        await record.add(turn(message))
        assert [each.message for each in await record.history("s") or ()] == [message]
        record.close()

    run(scenario)


class TestDisturbedFile:
    def held_by_another(self, path: Path) -> sqlite3.Connection:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        return other

    def test_a_failure_is_logged_once_and_so_is_its_end(self, path: Path, caplog: pytest.LogCaptureFixture) -> None:
        async def scenario() -> None:
            record = TurnRecord(path, KEY)
            other = self.held_by_another(path)
            for _ in range(3):
                unrecorded = turn()
                assert await record.add(unrecorded) == unrecorded
            other.execute("ROLLBACK")
            await asyncio.sleep(0.3)
            assert (await record.add(turn())).sequence
            record.close()

        with caplog.at_level(logging.WARNING):
            run(scenario)
        said = [each.getMessage() for each in caplog.records if each.name.startswith("wence")]
        assert len(said) == 2
        assert "轮次记录读写失败" in said[0]
        assert "恢复" in said[1]

    def test_a_full_disk_is_logged_once_though_reading_goes_on(
        self, path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def scenario() -> None:
            record = TurnRecord(path, KEY, patience=None)
            other = sqlite3.connect(path)
            other.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
            other.commit()
            for _ in range(3):
                assert await record.history("s") == []
                assert (await record.add(turn())).sequence is None
            other.execute("DROP TRIGGER full")
            other.commit()
            assert (await record.add(turn())).sequence
            record.close()

        with caplog.at_level(logging.WARNING):
            run(scenario)
        said = [each.getMessage() for each in caplog.records if each.name.startswith("wence")]
        assert len(said) == 2
        assert "disk is full" in said[0]

    def test_a_broken_table_raises_nothing(self, path: Path) -> None:
        async def scenario() -> None:
            record = TurnRecord(path, KEY)
            other = sqlite3.connect(path)
            other.execute("DROP TABLE turns")
            other.commit()
            unrecorded = turn(message_id="12345678")
            assert await record.add(unrecorded) == unrecorded
            assert await record.find("s", "12345678") is None
            assert await record.history("s") is None
            assert await record.rate("s", "x", True, None) is None
            assert await record.forget("s") is None
            record.close()

        run(scenario)

    def test_nobody_waits_longer_than_the_patience_however_much_waits_before(self, path: Path) -> None:
        async def scenario() -> None:
            record = TurnRecord(path, KEY, patience=0.2)
            other = self.held_by_another(path)
            began = time.perf_counter()
            await asyncio.gather(*(record.add(turn()) for _ in range(20)))
            assert time.perf_counter() - began < 0.4
            other.close()
            record.close()

        run(scenario)


def test_a_file_that_is_no_database_stops_the_start_and_says_which(path: Path) -> None:
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(DatabaseError, match=r"轮次记录 .*turns\.db 无法使用"):
        TurnRecord(path, KEY)
