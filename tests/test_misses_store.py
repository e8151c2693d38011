"""Missed questions in the database, and their way there from the spool."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.misses import MISS, NOW, SENDER, UNDERSTOOD, miss, wanted
from wence.misses import spool
from wence.misses.entries import Entry, Forgotten, Miss, Withdrawn, as_line
from wence.misses.errors import MissStoreError
from wence.misses.spool import Spool
from wence.misses.store import MissStore, Search
from wence.misses.why import LEFT_AFTER_SECONDS, Why
from wence.misses.writer import Mover, _Rounds
from wence.privacy import pseudonym
from wence.replies import Reply, Status
from wence.state.database import SECONDS_A_DAY
from wence.state.turns import RecordedTurns, Turn, TurnRecord

KEY = b"key"
EVERYTHING = Search()
NOT_HELPFUL = miss(why=Why.NOT_HELPFUL, time=NOW + 5, reason="不准")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MissStore]:
    opened = MissStore(wanted(tmp_path))
    yield opened
    opened.close()


def reasons(store: MissStore, identity: str = MISS.id) -> list[Why]:
    found = store.get(identity)
    return [reason.why for reason in found.reasons] if found else []


def test_a_miss_comes_back_as_it_was_stored(store: MissStore) -> None:
    store.add([MISS])
    (found,) = store.find(EVERYTHING)
    assert (found.id, found.asked, found.channel, found.sender) == (MISS.id, NOW, "web", SENDER)
    assert (found.message, found.status, found.reply) == (MISS.message, "clarify", MISS.reply)
    assert (found.facts, found.understood) == (MISS.facts, UNDERSTOOD)
    assert (found.model, found.knowledge, found.before) == (MISS.model, "45632d", None)
    assert store.get(MISS.id) == found


def test_a_miss_added_again_is_one(store: MissStore) -> None:
    for _ in range(2):
        store.add([MISS, MISS])
    assert len(store.find(EVERYTHING)) == 1
    assert reasons(store) == [Why.ASKED_BACK]


def test_a_question_missed_for_two_reasons_is_one_question(store: MissStore) -> None:
    store.add([MISS, NOT_HELPFUL])
    assert len(store.find(EVERYTHING)) == 1
    assert reasons(store) == [Why.ASKED_BACK, Why.NOT_HELPFUL]


def test_of_two_feedbacks_the_last_is_kept_in_whatever_order_they_come(store: MissStore) -> None:
    store.add([miss(why=Why.NOT_HELPFUL, time=NOW + 9, reason="晚"), NOT_HELPFUL])
    found = store.get(MISS.id)
    assert found is not None
    assert [reason.words for reason in found.reasons] == ["晚"]


def test_a_feedback_taken_back_is_no_miss_any_more(store: MissStore) -> None:
    store.add([NOT_HELPFUL, Withdrawn(MISS.id, NOW + 9)])
    assert store.find(EVERYTHING) == []


def test_a_feedback_taken_back_leaves_the_other_reasons(store: MissStore) -> None:
    store.add([MISS, NOT_HELPFUL, Withdrawn(MISS.id, NOW + 9)])
    assert reasons(store) == [Why.ASKED_BACK]


def test_a_sender_is_forgotten_and_what_still_waits_is_not_stored(store: MissStore) -> None:
    other = miss(id="other", sender="f" * 32)
    store.add([MISS, other])
    assert store.forget(SENDER, NOW + 1) == 1
    store.add([MISS, miss(id="later", asked=NOW + 2)])
    assert [found.id for found in store.find(EVERYTHING)] == ["later", "other"]


def test_a_deleted_conversation_is_forgotten_also_when_it_is_stored_again(store: MissStore) -> None:
    entries: list[Entry] = [MISS, Forgotten(SENDER, NOW + 1)]
    for _ in range(2):
        store.add(entries)
        assert store.find(EVERYTHING) == []


def test_what_was_forgotten_is_nowhere_in_the_files(store: MissStore, tmp_path: Path) -> None:
    store.add([MISS])
    store.forget(SENDER, NOW + 1)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("misses.db*"))
    assert "社保卡".encode() not in kept


def test_old_texts_are_removed_and_counts_stay(store: MissStore, tmp_path: Path) -> None:
    store.add([MISS, NOT_HELPFUL, miss(id="new", asked=NOW + 9)])
    assert store.remove_texts(NOW + 1) == 1
    assert store.remove_texts(NOW + 1) == 0
    assert [found.id for found in store.find(EVERYTHING)] == ["new"]
    assert store.get(MISS.id) is None
    assert store.count() == {Why.ASKED_BACK: 2, Why.NOT_HELPFUL: 1}
    kept = sqlite3.connect(tmp_path / "misses.db").execute("SELECT * FROM misses WHERE id = ?", [MISS.id]).fetchone()
    assert not {SENDER, MISS.message, MISS.reply} & set(kept)
    assert sqlite3.connect(tmp_path / "misses.db").execute("SELECT words FROM reasons").fetchall() == [("",)] * 3


def test_what_is_said_later_about_removed_texts_is_not_kept(store: MissStore, tmp_path: Path) -> None:
    store.add([MISS])
    store.remove_texts(NOW + 1)
    store.add([NOT_HELPFUL])
    assert sqlite3.connect(tmp_path / "misses.db").execute("SELECT words FROM reasons").fetchall() == [("",)] * 2


def test_the_newest_come_first_and_no_more_than_wanted(store: MissStore) -> None:
    store.add([miss(id=str(number), asked=NOW + number) for number in (2, 1, 3)])
    assert [found.id for found in store.find(Search(limit=2))] == ["3", "2"]


def test_only_those_since_a_time_or_for_a_reason_are_found(store: MissStore) -> None:
    store.add([MISS, miss(id="new", asked=NOW + 5, why=Why.UNSURE)])
    assert [found.id for found in store.find(Search(since=NOW + 5))] == ["new"]
    assert [found.id for found in store.find(Search(why=Why.ASKED_BACK))] == [MISS.id]
    assert store.find(Search(since=NOW + 6)) == []


def test_what_is_found_for_one_reason_has_all_its_reasons(store: MissStore) -> None:
    store.add([MISS, NOT_HELPFUL])
    (found,) = store.find(Search(why=Why.NOT_HELPFUL, limit=1))
    assert len(found.reasons) == 2


def test_a_batch_of_which_one_fails_is_not_stored_at_all(store: MissStore) -> None:
    def before(_: Miss) -> Turn | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.add([MISS], before)
    assert store.find(EVERYTHING) == []


def test_two_writers_at_once_store_each_miss_once(tmp_path: Path) -> None:
    stores = [MissStore(wanted(tmp_path)) for _ in range(2)]
    entries = [miss(id=str(number)) for number in range(30)]
    threads = [threading.Thread(target=lambda s=each: [s.add([e]) for e in entries]) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(stores[0].find(EVERYTHING)) == 30
    for each in stores:
        each.close()


def test_the_database_is_private_and_in_wal_mode(store: MissStore, tmp_path: Path) -> None:
    file = tmp_path / "misses.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sqlite3.connect(file).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_another_database_can_be_named(tmp_path: Path) -> None:
    named = MissStore(wanted(tmp_path, WENCE_DATABASE=f"sqlite:///{tmp_path / 'other.db'}"))
    named.add([MISS])
    named.close()
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "misses.db").exists()


@pytest.mark.parametrize("url", ["nothing://x", "mysql+nothing://x", "sqlite:////proc/none/misses.db"])
def test_a_database_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(MissStoreError, match="WENCE_DATABASE") as caught:
        MissStore(wanted(tmp_path, WENCE_DATABASE=url))
    assert "\n" not in str(caught.value)


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
    MissStore(wanted(tmp_path)).close()
    with sqlite3.connect(tmp_path / "misses.db") as other:
        other.execute("UPDATE layout SET version = 99")
    with pytest.raises(MissStoreError, match="99"):
        MissStore(wanted(tmp_path))


class TestMover:
    """From the spool to the database, beside a record of turns."""

    now = NOW

    @pytest.fixture
    def mover(self, tmp_path: Path) -> Mover:
        return self.another(tmp_path)

    def another(self, tmp_path: Path) -> Mover:
        turns = RecordedTurns(tmp_path / "turns.db")
        return Mover(tmp_path / "misses", lambda: MissStore(wanted(tmp_path)), turns, lambda: self.now)

    def record(self, tmp_path: Path, *turns: Turn) -> None:
        async def scenario() -> None:
            record = TurnRecord(tmp_path / "turns.db", KEY, patience=None)
            for turn in turns:
                await record.add(turn)
            record.close()

        asyncio.run(scenario())

    def said(self, created: float, status: Status = Status.ANSWERED, sender: str = "s", reply_id: str = "") -> Turn:
        return Turn(
            "web", sender, "谁牵头", Reply(status, "市民政局。"), reply_id=reply_id or str(created), created=created
        )

    def test_what_is_stored_leaves_the_spool(self, tmp_path: Path, mover: Mover, store: MissStore) -> None:
        spooled = Spool(tmp_path / "misses")
        for number in range(3):
            spooled.append(as_line(miss(id=str(number))))
            mover.move()
            assert spool.files(tmp_path / "misses") == []
        assert len(store.find(EVERYTHING)) == 3

    def test_what_was_stored_but_not_removed_is_stored_once(
        self, tmp_path: Path, mover: Mover, store: MissStore
    ) -> None:
        Spool(tmp_path / "misses").append(as_line(MISS))
        (file,) = spool.files(tmp_path / "misses")
        content = file.read_bytes()
        mover.move()
        file.write_bytes(content)
        self.another(tmp_path).move()
        assert len(store.find(EVERYTHING)) == 1
        assert spool.files(tmp_path / "misses") == []

    def test_a_line_that_is_none_and_one_that_was_cut_off_keep_nothing_back(
        self, tmp_path: Path, mover: Mover, store: MissStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "misses").mkdir()
        (tmp_path / "misses" / "1.jsonl").write_bytes(b"nothing\n" + as_line(MISS) + as_line(MISS)[:20])
        mover.move()
        assert len(store.find(EVERYTHING)) == 1
        assert spool.files(tmp_path / "misses") == []
        assert "1 行读不懂" in caplog.text
        assert "丢弃 20 字节" in caplog.text

    def test_while_the_database_fails_the_spool_keeps_what_comes(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "misses.db").write_bytes(b"no database" * 1000)
        spooled, rounds = Spool(tmp_path / "misses"), _Rounds(self.another(tmp_path), 180)
        spooled.append(as_line(MISS))
        for _ in range(3):
            rounds.go()
        assert len(spool.files(tmp_path / "misses")) == 1
        (tmp_path / "misses.db").unlink()
        rounds.go()
        assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
        store = MissStore(wanted(tmp_path))
        assert len(store.find(EVERYTHING)) == 1
        store.close()

    def test_the_turn_before_is_found_in_the_record(self, tmp_path: Path, mover: Mover, store: MissStore) -> None:
        self.record(
            tmp_path,
            self.said(NOW - 20),
            self.said(NOW - 10, reply_id="before"),
            self.said(NOW - 5, Status.UNAVAILABLE),
            self.said(NOW - 1, sender="other"),
            self.said(NOW, Status.CLARIFY, reply_id=MISS.id),
            self.said(NOW + 1),
        )
        Spool(tmp_path / "misses").append(as_line(miss(sender=pseudonym("s", KEY))))
        mover.move()
        (found,) = store.find(EVERYTHING)
        assert found.before is not None
        assert (found.before.time, found.before.message, found.before.status) == (NOW - 10, "谁牵头", "answered")

    def test_a_broken_record_of_turns_keeps_no_miss_back(self, tmp_path: Path, mover: Mover, store: MissStore) -> None:
        (tmp_path / "turns.db").write_bytes(b"no database" * 1000)
        Spool(tmp_path / "misses").append(as_line(MISS))
        mover.move()
        assert [found.before for found in store.find(EVERYTHING)] == [None]

    def ask_back_and_wait(self, tmp_path: Path, mover: Mover, seconds: float, *later: Turn) -> None:
        self.record(tmp_path, self.said(NOW, Status.CLARIFY, reply_id=MISS.id), *later)
        Spool(tmp_path / "misses").append(as_line(miss(sender=pseudonym("s", KEY))))
        self.now = NOW + seconds
        mover.move()
        mover.find_who_left()

    def test_who_says_nothing_more_after_a_clarification_has_left(
        self, tmp_path: Path, mover: Mover, store: MissStore
    ) -> None:
        self.ask_back_and_wait(tmp_path, mover, LEFT_AFTER_SECONDS + 1, self.said(NOW + 1, sender="other"))
        assert reasons(store) == [Why.ASKED_BACK, Why.LEFT]
        assert store.waiting(self.now) == []

    def test_who_goes_on_has_not_left(self, tmp_path: Path, mover: Mover, store: MissStore) -> None:
        self.ask_back_and_wait(tmp_path, mover, LEFT_AFTER_SECONDS + 1, self.said(NOW + 60))
        assert reasons(store) == [Why.ASKED_BACK]
        assert store.waiting(self.now) == []

    def test_before_ten_minutes_it_is_open(self, tmp_path: Path, mover: Mover, store: MissStore) -> None:
        self.ask_back_and_wait(tmp_path, mover, LEFT_AFTER_SECONDS - 1)
        assert reasons(store) == [Why.ASKED_BACK]
        assert len(store.waiting(self.now)) == 1

    def test_while_the_record_of_turns_is_broken_it_is_open(
        self, tmp_path: Path, mover: Mover, store: MissStore
    ) -> None:
        (tmp_path / "turns.db").write_bytes(b"no database" * 1000)
        Spool(tmp_path / "misses").append(as_line(MISS))
        self.now = NOW + LEFT_AFTER_SECONDS + 1
        mover.move()
        mover.find_who_left()
        assert reasons(store) == [Why.ASKED_BACK]
        assert len(store.waiting(self.now)) == 1

    def test_old_texts_are_removed_by_themselves(self, tmp_path: Path, store: MissStore) -> None:
        Spool(tmp_path / "misses").append(as_line(MISS))
        self.now = NOW + 180 * SECONDS_A_DAY + 1
        _Rounds(self.another(tmp_path), 180).go()
        assert store.find(EVERYTHING) == []
        assert store.count()[Why.ASKED_BACK] == 1
