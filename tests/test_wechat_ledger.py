import pathlib
from collections.abc import Iterator

import pytest

from wence.channels.wechat.ledger import SECONDS_KEPT, Attempt, Decision, Ledger, Meaning, Shelf
from wence.replies import Option
from wence.state.database import DatabaseError

OPTIONS = (Option("甲", "问题甲"), Option("乙", "问题乙"))


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: pathlib.Path, clock: Clock) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "wechat.db", clock)
    yield opened
    opened.close()


def own_words(_: Shelf) -> Decision:
    return Decision(Meaning.OWN_WORDS)


def begin(ledger: Ledger, message: str = "m1", mark: str = "", sender: str = "s") -> Attempt:
    return ledger.begin(sender, message, mark or f"mark of {message}", f"digest of {message}", own_words)


def test_tries_of_a_message_are_counted(ledger: Ledger) -> None:
    assert [begin(ledger).tries for _ in range(3)] == [1, 2, 3]


def test_the_answer_is_found_at_the_next_try(ledger: Ledger) -> None:
    begin(ledger)
    assert ledger.finish("s", "m1", "答") == ("答", False)
    assert begin(ledger).answer == "答"


def test_the_first_answer_counts(ledger: Ledger) -> None:
    begin(ledger)
    ledger.finish("s", "m1", "先")
    assert ledger.finish("s", "m1", "后") == ("先", False)


def test_another_worker_knows_everything(tmp_path: pathlib.Path, ledger: Ledger) -> None:
    begin(ledger)
    ledger.finish("s", "m1", "答", Shelf(OPTIONS, ("下一页",)))
    other = Ledger(tmp_path / "wechat.db", ledger._clock)
    seen: list[Shelf] = []
    other.begin("s", "m2", "n", "d", lambda shelf: seen.append(shelf) or own_words(shelf))
    assert seen == [Shelf(OPTIONS, ("下一页",))]
    assert begin(other).answer == "答"
    other.close()


def test_what_a_message_means_is_decided_once(ledger: Ledger) -> None:
    ledger.begin("s", "m1", "n", "d", lambda _: Decision(Meaning.OPTION, "问题乙"))
    again = ledger.begin("s", "m1", "n", "d", lambda _: Decision(Meaning.OPTION, "问题甲"))
    assert (again.meaning, again.words) == (Meaning.OPTION, "问题乙")


def test_a_nonce_is_taken_once_and_again_for_the_same_message(ledger: Ledger) -> None:
    assert ledger.admit("1:2", "d1")
    assert ledger.admit("1:2", "d1")
    assert not ledger.admit("1:2", "d2")
    assert ledger.admit("1:3", "d2")


def test_another_message_under_a_nonce_is_forged_and_leaves_nothing(ledger: Ledger) -> None:
    begin(ledger, mark="n")
    assert begin(ledger, "m2", mark="n").is_forged
    assert begin(ledger, "m2", mark="n2").tries == 1


def test_a_late_answer_is_sent_by_one_only(ledger: Ledger) -> None:
    begin(ledger)
    assert ledger.make_late("s", "m1") is None
    assert begin(ledger).is_late
    assert ledger.finish("s", "m1", "答") == ("答", True)
    assert [ledger.claim("s", "m1") for _ in range(2)] == [True, False]
    assert begin(ledger).is_late


def test_what_has_just_been_answered_is_not_late(ledger: Ledger) -> None:
    begin(ledger)
    ledger.finish("s", "m1", "答")
    assert ledger.make_late("s", "m1") == "答"
    assert not begin(ledger).is_late
    assert not ledger.claim("s", "m1")


def test_the_options_of_an_awaited_answer_are_in_force_when_it_is_fetched(ledger: Ledger) -> None:
    begin(ledger)
    assert ledger.wait_for("s", "m1") is None
    assert ledger.fetch("s", "m1") is None
    ledger.finish("s", "m1", "答", Shelf(OPTIONS))
    assert ledger._shelf("s") == Shelf(waiting="m1")
    assert ledger.fetch("s", "m1") == "答"
    assert ledger._shelf("s") == Shelf(OPTIONS)


def test_a_newer_answer_takes_the_place_of_an_awaited_one(ledger: Ledger) -> None:
    begin(ledger)
    ledger.wait_for("s", "m1")
    begin(ledger, "m2")
    ledger.finish("s", "m2", "答", Shelf(OPTIONS))
    assert ledger._shelf("s") == Shelf(OPTIONS)


@pytest.mark.parametrize(("seconds", "expected"), [(SECONDS_KEPT, Shelf(OPTIONS)), (SECONDS_KEPT + 1, Shelf())])
def test_options_can_be_chosen_for_ten_minutes(ledger: Ledger, clock: Clock, seconds: float, expected: Shelf) -> None:
    begin(ledger)
    ledger.finish("s", "m1", "答", Shelf(OPTIONS))
    clock.now += seconds
    assert ledger._shelf("s") == expected


def test_after_ten_minutes_nothing_is_left(ledger: Ledger, clock: Clock) -> None:
    begin(ledger)
    ledger.finish("s", "m1", "答", Shelf(OPTIONS))
    clock.now += SECONDS_KEPT + 1
    begin(ledger, "m2", sender="other")
    counts = [ledger._file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("messages", "shelves")]
    assert counts == [1, 0]


def test_a_sender_who_is_forgotten_leaves_nothing_and_nothing_comes_back(ledger: Ledger) -> None:
    begin(ledger)
    begin(ledger, sender="other")
    ledger.forget("s")
    ledger.finish("s", "m1", "答", Shelf(OPTIONS))
    assert ledger._shelf("s") == Shelf()
    assert ledger.answer_to("s", "m1") is None
    assert begin(ledger, sender="other").tries == 2


def test_a_file_that_is_no_database_stops_the_start(tmp_path: pathlib.Path) -> None:
    (tmp_path / "wechat.db").write_bytes(b"x" * 5_000)
    with pytest.raises(DatabaseError, match="微信的数据库"):
        Ledger(tmp_path / "wechat.db")
