"""The gate: what is refused, what passes, and that the topic of an example does not matter."""

from __future__ import annotations

import dataclasses

import pytest

from wence.publish import evaluating, gate
from wence.publish.outcomes import Held, Outcome

GOLDEN = frozenset({"g-001"})


def outcome(name: str, passed: bool = True, kind: str = "fact") -> Outcome:
    return Outcome(name, "some.jsonl", kind, f"问题{name}", passed, "answered", "回答")


def many(wrong: int, of: int = 400, kind: str = "fact") -> dict[str, Outcome]:
    return {f"{kind}-{n}": outcome(f"{kind}-{n}", n >= wrong, kind) for n in range(of)}


def kinds(before: dict[str, Outcome], after: dict[str, Outcome]) -> list[str]:
    return [finding.kind for finding in gate.findings(before, after, GOLDEN)]


def test_what_changes_nothing_passes() -> None:
    assert kinds(many(5), many(5)) == []


def test_a_golden_question_that_gets_worse_is_refused_by_name() -> None:
    (found,) = gate.findings({"g-001": outcome("g-001")}, {"g-001": outcome("g-001", passed=False)}, GOLDEN)
    assert (found.kind, found.questions) == (gate.WORSE, ("问题g-001",))


def test_a_golden_question_that_was_wrong_before_does_not_get_worse() -> None:
    wrong = {"g-001": outcome("g-001", passed=False)}
    assert kinds(wrong, wrong) == []


def test_a_question_that_was_settled_before_must_stay_right() -> None:
    before = {"settled:a": outcome("settled:a", kind="settled")}
    assert kinds(before, {"settled:a": outcome("settled:a", False, "settled")}) == [gate.WORSE]


def test_a_question_that_was_just_settled_must_be_right() -> None:
    assert kinds({}, {"settled:a": outcome("settled:a", False, "settled")}) == [gate.UNSETTLED]
    assert kinds({}, {"settled:a": outcome("settled:a", True, "settled")}) == []


@pytest.mark.parametrize(("wrong", "found"), [(7, []), (8, [gate.LOWER])])
def test_the_share_of_right_answers_may_fall_by_half_a_point(wrong: int, found: list[str]) -> None:
    assert kinds(many(5), many(wrong)) == found


def test_one_more_off_topic_question_accepted_is_refused() -> None:
    assert kinds(many(3, kind="oos"), many(4, kind="oos")) == [gate.ACCEPTED]


def test_another_off_topic_question_accepted_instead_passes() -> None:
    before, after = many(3, kind="oos"), many(3, kind="oos")
    after["oos-0"], after["oos-9"] = outcome("oos-0", True, "oos"), outcome("oos-9", False, "oos")
    assert kinds(before, after) == []


def held(suspicious: int, plain: int) -> list[Held]:
    return [Held(f"无关{n}", 0.9, 0.5) for n in range(suspicious)] + [
        Held(f"换个说法{n}", 0.2, 0.8) for n in range(plain)
    ]


def test_a_batch_of_off_topic_examples_is_refused_and_each_is_named() -> None:
    (found,) = gate.batch_findings(held(20, 0))
    assert found.kind == gate.SUSPICIOUS
    assert len(found.questions) == 20
    assert "无关7" in found.questions[7]


@pytest.mark.parametrize(("suspicious", "plain"), [(0, 1), (3, 0), (8, 12), (4, 6)])
def test_a_few_suspicious_examples_do_not_stop_a_batch(suspicious: int, plain: int) -> None:
    assert gate.batch_findings(held(suspicious, plain)) == []


@pytest.mark.parametrize(("suspicious", "plain"), [(4, 0), (9, 11), (6, 8)])
def test_more_than_a_few_and_more_than_their_share_stop_it(suspicious: int, plain: int) -> None:
    assert len(gate.batch_findings(held(suspicious, plain))) == 1


@pytest.mark.parametrize("one", [Held("a", 0.94, 0.95), Held("a", 0.69, 0.2)])
def test_neither_familiar_and_not_certain_nor_unsure_is_suspicious(one: Held) -> None:
    assert not gate.suspicious(one)


def test_what_the_gate_sees_of_a_batch_holds_no_topic() -> None:
    """So a batch that is refused under one topic is refused under every one."""
    assert {field.name for field in dataclasses.fields(Held)} == {"text", "off_topic", "familiarity"}


def test_there_are_enough_golden_questions_of_every_kind() -> None:
    assert 150 <= len(evaluating.golden()) <= 250
