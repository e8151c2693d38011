from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.misses import NOW, turn, wanted
from wence.misses.store import MissStore
from wence.misses.tables import connect, turn_counts
from wence.misses.writer import Mover
from wence.replies import Status
from wence.state.database import SECONDS_A_DAY
from wence.state.turn_counts import START_MESSAGE_ID, TurnCount, changes
from wence.state.turns import RecordedTurns, Turn, TurnRecord

KEY = b"k" * 32
DAY = "2026-09-21"
ANSWERED = TurnCount(DAY, "web", "answered", "lead_unit", 1, 0, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "turns.db"


@pytest.fixture
def mover(tmp_path: Path) -> Iterator[Mover]:
    mover = new_mover(tmp_path)
    yield mover
    mover.close()


def new_mover(folder: Path) -> Mover:
    return Mover(folder / "misses", lambda: MissStore(wanted(folder)), RecordedTurns(folder / "turns.db"))


def record(path: Path, work: Callable[[TurnRecord], Awaitable[object]], **options: float) -> None:
    async def scenario() -> None:
        opened = TurnRecord(path, KEY, patience=None, clock=lambda: NOW, **options)
        await work(opened)
        opened.close()

    asyncio.run(scenario())


def add(path: Path, *turns: Turn) -> None:
    async def work(opened: TurnRecord) -> None:
        for one in turns:
            await opened.add(one)

    record(path, work)


def counted(path: Path) -> tuple[TurnCount, ...]:
    found = changes(path, "", 0)
    assert found is not None
    return found.counts


def stored(folder: Path) -> list[tuple[object, ...]]:
    engine = connect(wanted(folder))
    with engine.connect() as connection:
        columns = [turn_counts.c[name] for name in ("day", "status", "asked", "helpful", "not_helpful")]
        found = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))]
    engine.dispose()
    return found


def test_turns_are_counted_by_day_channel_status_and_facet(path: Path) -> None:
    add(path, turn(Status.ANSWERED), turn(Status.ANSWERED), turn(Status.INVALID, None))

    assert set(counted(path)) == {
        TurnCount(DAY, "web", "answered", "lead_unit", 2, 0, 0),
        TurnCount(DAY, "web", "invalid", "", 1, 0, 0),
    }


def test_a_day_begins_at_midnight_where_the_policy_holds(path: Path) -> None:
    midnight = NOW - (NOW + 8 * 3600) % SECONDS_A_DAY
    add(path, Turn("web", "s", "问", turn(Status.ANSWERED).reply, created=midnight - 1))
    add(path, Turn("web", "s", "问", turn(Status.ANSWERED).reply, created=midnight))

    assert [count.day for count in counted(path)] == ["2026-09-20", DAY]


def test_a_message_sent_again_is_counted_once(path: Path) -> None:
    add(path, turn(Status.ANSWERED, message_id="12345678"), turn(Status.ANSWERED, message_id="12345678"))
    assert counted(path) == (ANSWERED,)


def test_the_question_that_the_start_asks_is_not_counted(path: Path) -> None:
    add(path, turn(Status.ANSWERED, message_id=START_MESSAGE_ID))
    assert counted(path) == ()


def test_a_deleted_conversation_stays_counted_without_its_words(path: Path) -> None:
    async def work(opened: TurnRecord) -> None:
        await opened.add(turn(Status.ANSWERED))
        await opened.forget("s")

    record(path, work)

    assert counted(path) == (ANSWERED,)
    assert "谁牵头".encode() not in path.read_bytes()


def test_a_turn_that_has_expired_stays_counted(path: Path) -> None:
    add(path, turn(Status.ANSWERED))

    async def much_later() -> None:
        opened = TurnRecord(path, KEY, clock=lambda: NOW + 365 * SECONDS_A_DAY)
        await opened.add(turn(Status.SMALLTALK))
        opened.close()

    asyncio.run(much_later())

    assert [row for row in counted(path) if row.status == "answered"] == [ANSWERED]
    assert sqlite3.connect(path).execute("SELECT count(*) FROM turns").fetchone() == (1,)


@pytest.mark.parametrize(
    ("feedbacks", "expected"), [([True], (1, 0)), ([False], (0, 1)), ([False, False], (0, 1)), ([True, False], (0, 1))]
)
def test_of_a_feedback_given_again_the_last_counts(
    path: Path, feedbacks: list[bool], expected: tuple[int, int]
) -> None:
    async def work(opened: TurnRecord) -> None:
        recorded = await opened.add(turn(Status.ANSWERED))
        for helpful in feedbacks:
            assert await opened.rate("s", recorded.reply_id, helpful, None)

    record(path, work)

    assert [(count.helpful, count.not_helpful) for count in counted(path)] == [expected]


def test_a_feedback_on_a_reply_of_somebody_else_counts_nothing(path: Path) -> None:
    async def work(opened: TurnRecord) -> None:
        recorded = await opened.add(turn(Status.ANSWERED))
        assert not await opened.rate("somebody else", recorded.reply_id, False, None)

    record(path, work)

    assert counted(path) == (ANSWERED,)


def test_a_file_of_an_earlier_version_is_counted_when_it_is_opened(path: Path) -> None:
    add(path, turn(Status.ANSWERED), turn(Status.ANSWERED))
    with sqlite3.connect(path) as earlier:
        earlier.executescript("DROP TABLE turn_counts; DROP TABLE counting")

    add(path, turn(Status.ANSWERED))

    assert [count.asked for count in counted(path)] == [3]


def test_only_what_has_changed_is_told(path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    before = changes(path, "", 0)
    assert before is not None
    add(path, turn(Status.SMALLTALK))

    after = changes(path, before.source, before.change)

    assert after is not None
    assert [count.status for count in after.counts] == ["smalltalk"]


def test_what_was_counted_comes_into_the_database(mover: Mover, tmp_path: Path, path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    mover.count_turns()
    add(path, turn(Status.ANSWERED), turn(Status.CLARIFY))
    mover.count_turns()

    assert stored(tmp_path) == [(DAY, "answered", 2, 0, 0), (DAY, "clarify", 1, 0, 0)]


def test_before_there_is_a_record_of_turns_nothing_is_counted(mover: Mover, tmp_path: Path) -> None:
    mover.count_turns()
    assert stored(tmp_path) == []


def test_a_writer_that_died_after_copying_changes_nothing_when_it_copies_again(tmp_path: Path, path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    for _ in range(2):
        writer = new_mover(tmp_path)
        writer.count_turns()
        writer.close()

    assert stored(tmp_path) == [(DAY, "answered", 1, 0, 0)]


def test_copying_what_was_copied_before_takes_nothing_back(mover: Mover, tmp_path: Path, path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    early = changes(path, "", 0)
    add(path, turn(Status.ANSWERED))
    mover.count_turns()
    assert early is not None

    store = MissStore(wanted(tmp_path))
    store.copy_counts(early)
    store.close()

    assert stored(tmp_path) == [(DAY, "answered", 2, 0, 0)]


def test_a_new_record_of_turns_counts_beside_the_one_that_was_lost(mover: Mover, tmp_path: Path, path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    mover.count_turns()
    for file in tmp_path.glob("turns.db*"):
        file.unlink()
    add(path, turn(Status.ANSWERED))
    mover.count_turns()

    assert stored(tmp_path) == [(DAY, "answered", 1, 0, 0)] * 2


def test_no_text_and_no_sender_comes_into_the_database(mover: Mover, tmp_path: Path, path: Path) -> None:
    add(path, turn(Status.ANSWERED))
    mover.count_turns()
    mover.close()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("misses.db*"))
    assert "谁牵头".encode() not in kept
    assert b"lead_unit" in kept
