from __future__ import annotations

import dataclasses
import pathlib

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message

from tests.misses import UNDERSTOOD
from wence.knowledge import Knowledge
from wence.misses.understood import MOST_READINGS, MOST_UNKNOWN, Understood
from wence.misses.why import LEFT_AFTER_SECONDS, WORDS, Why, confidence, is_left, why
from wence.nlu.scope import ScopeJudge
from wence.nlu.settled import Settled
from wence.nlu.stretches import STRETCHES
from wence.reading import READING, SURE, Part, Reading
from wence.replies import Status
from wence.scope import Scope, familiar_pairs


def part(sure: float, fact: float = 0.0) -> Part:
    return Part("谁牵头", (("lead_unit", sure), ("unit_role", 0.1)), (("task.community", "x"), ()), (("a.b", fact),))


def reading(*parts: Part) -> Reading:
    return Reading("45632d", parts)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.OUT_OF_SCOPE, Why.OUT_OF_SCOPE),
        (Status.NOT_IN_SOURCE, Why.NOT_IN_SOURCE),
        (Status.CLARIFY, Why.ASKED_BACK),
    ],
)
@pytest.mark.parametrize("sure", [0.0, 1.0, None])
def test_what_is_declined_or_asked_back_is_missed_however_sure(status: Status, reason: Why, sure: float | None) -> None:
    assert why(status, sure) is reason


@pytest.mark.parametrize("status", [Status.SMALLTALK, Status.INVALID, Status.UNAVAILABLE])
def test_what_is_no_question_or_no_reply_is_not_missed(status: Status) -> None:
    assert why(status, 0.0) is None


@pytest.mark.parametrize(("sure", "reason"), [(SURE - 0.01, Why.UNSURE), (SURE, None), (1.0, None), (None, None)])
def test_an_answer_is_missed_when_it_was_a_guess(sure: float | None, reason: Why | None) -> None:
    assert why(Status.ANSWERED, sure) is reason


def test_one_of_the_two_models_is_enough_to_be_sure() -> None:
    assert confidence(reading(part(0.2, fact=0.9))) == 0.9
    assert confidence(reading(part(0.8, fact=0.1))) == 0.8


def test_a_message_of_two_sure_clauses_is_sure() -> None:
    assert confidence(reading(part(0.3), part(0.9), part(0.8))) == 0.8


def test_a_message_with_an_unsure_clause_is_as_sure_as_its_whole() -> None:
    assert confidence(reading(part(0.3), part(0.9), part(0.1))) == 0.3


@pytest.mark.parametrize(
    ("next_turn", "now", "left"),
    [
        (None, LEFT_AFTER_SECONDS - 1, None),
        (None, LEFT_AFTER_SECONDS + 1, True),
        (5.0, 6.0, False),
        (5.0, LEFT_AFTER_SECONDS + 1, False),
        (LEFT_AFTER_SECONDS + 5, LEFT_AFTER_SECONDS + 6, True),
    ],
)
def test_a_citizen_has_left_who_says_nothing_for_ten_minutes(
    next_turn: float | None, now: float, left: bool | None
) -> None:
    assert is_left(0.0, next_turn, now) is left


def test_every_reason_has_words_for_people() -> None:
    assert set(WORDS) == set(Why)


def test_what_was_understood_comes_back_as_it_was_written() -> None:
    assert Understood.from_dict(UNDERSTOOD.as_dict()) == UNDERSTOOD


@pytest.mark.parametrize("missing", [field.name for field in dataclasses.fields(Understood)])
def test_what_lacks_a_field_is_nothing_understood(missing: str) -> None:
    data = {name: value for name, value in UNDERSTOOD.as_dict().items() if name != missing}
    with pytest.raises(KeyError):
        Understood.from_dict(data)


def test_of_a_long_reading_only_the_likeliest_is_handed_on() -> None:
    many = tuple((f"f{number}", 0.5) for number in range(9))
    long = Reading("45632d", (Part("x", many, (), many),), tuple(map(str, range(99))))
    understood = Understood.of(long)
    assert (len(understood.readings), len(understood.facts)) == (MOST_READINGS, MOST_READINGS)
    assert len(understood.unknown) == MOST_UNKNOWN


def test_of_a_mention_its_likeliest_subject_is_handed_on() -> None:
    assert Understood.of(reading(part(0.5))).subjects == ("task.community",)


def test_a_word_is_unknown_when_it_sounds_unlike_the_examples() -> None:
    scope = Scope.__new__(Scope)
    scope._familiar = familiar_pairs(["智慧社区"] * 3)
    assert scope.unknown(["智慧", "社保卡", "社保卡", "社区", "社区证", "的"]) == ("社保卡", "社区证")


def test_unknown_words_survive_the_way_through_rasa() -> None:
    known = Reading("45632d", (part(0.5),), ("社保卡",))
    assert Reading.from_dict(known.as_dict()) == known


@pytest.mark.parametrize(
    ("text", "words", "unknown"),
    [
        ("社保卡归谁管", ["社保卡", "归", "谁", "管"], ["社保卡"]),
        ("我的电话是[手机号]，社保卡", ["社保卡"], ["社保卡"]),
        ("0398-2260117是谁的电话，社保卡", ["社保卡"], ["社保卡"]),
        ("0398-2816242，社保卡", ["0398", "2816242", "社保卡"], []),
        ("zhang@example.com，社保卡", ["zhang", "example", "com", "社保卡"], []),
    ],
)
def test_a_message_that_holds_a_personal_number_tells_no_pieces_of_it(
    knowledge: Knowledge, knowledge_folder: pathlib.Path, text: str, words: list[str], unknown: list[str]
) -> None:
    judge = ScopeJudge(
        knowledge, knowledge_folder, None, Resource("judge"), familiar_pairs(["归谁管"] * 3), Settled({})
    )
    stretch = {"text": text, "words": words, "mentions": [], "facets": [["lead_unit", 0.9]], "facts": []}
    (judged,) = judge.process([Message({"text": text, STRETCHES: [stretch]})])
    assert list(judged.get(READING)["unknown"]) == unknown
