from __future__ import annotations

import datetime

import pytest

from wence.answers import answer
from wence.asked import Memory
from wence.dialogue import resolve
from wence.knowledge import Knowledge
from wence.likely_facts import meant, pinned
from wence.reading import Part, Reading
from wence.replies import Status
from wence.text import normalise

FACT = "plan.work_goal_focus"
OF_ITS_FACET = ("work_goal", 0.7)


def _part(
    text: str,
    facet: tuple[str, float],
    fact: tuple[str, float],
    subjects: tuple[tuple[str, ...], ...] = (),
) -> Part:
    return Part(normalise(text), (facet, ("followup", 0.05)), subjects, (fact, ("out_of_scope", 0.02)))


def test_an_uncertain_facet_gives_way_to_the_fact_that_the_wording_asks_for(knowledge: Knowledge) -> None:
    question = pinned(knowledge, _part("建城要以哪块为重", ("unknown_location", 0.3), (FACT, 0.6)))
    assert question is not None
    assert (question.pinned, question.facet) == (FACT, "work_goal")


def test_a_certain_facet_stays(knowledge: Knowledge) -> None:
    assert pinned(knowledge, _part("示范领域是哪个", ("demo_field", 0.95), (FACT, 0.9))) is None


def test_a_fact_of_the_facet_itself_needs_no_pin(knowledge: Knowledge) -> None:
    assert pinned(knowledge, _part("目标以哪个领域为重点", OF_ITS_FACET, (FACT, 0.9))) is None


def test_a_fact_about_something_else_than_what_is_named_is_not_pinned(knowledge: Knowledge) -> None:
    part = _part("消防支队以哪块为重", ("unknown_location", 0.3), (FACT, 0.6), (("unit.fire",),))
    assert pinned(knowledge, part) is None


def test_what_no_fact_answers_is_not_pinned(knowledge: Knowledge) -> None:
    assert pinned(knowledge, _part("中标的是哪家公司", ("unknown_vendor", 0.5), ("unknown_vendor", 0.8))) is None


@pytest.mark.parametrize(
    ("memory", "fact"),
    [
        (Memory("survey", ("stage.survey",), ("process.survey",)), "process.survey_object"),
        (Memory("contact", ("person.interpreter",), ("contact.phone",)), None),
    ],
)
def test_a_short_follow_up_means_a_fact_near_to_what_was_talked_about(
    knowledge: Knowledge, memory: Memory, fact: str | None
) -> None:
    question = meant(knowledge, _part("查的啥", ("unknown_technical", 0.5), ("process.survey_object", 0.1)), memory)
    assert (question.pinned if question else None) == fact


def test_a_wording_that_asks_for_no_fact_leaves_a_gap_to_be_told(knowledge: Knowledge) -> None:
    part = _part("物联网谁牵头", ("lead_unit", 0.99), ("lead_unit", 0.9), (("task.iot",),))
    (question,) = resolve(knowledge, Reading(knowledge.digest, (part,)), Memory())
    found = answer(knowledge, question, datetime.date(2026, 1, 1))
    assert found is not None
    assert found.status is Status.NOT_IN_SOURCE


def test_the_wording_chooses_the_detail_of_a_facet(knowledge: Knowledge) -> None:
    part = _part("目标里以哪块为重", ("work_goal", 0.99), (FACT, 0.8))
    (question,) = resolve(knowledge, Reading(knowledge.digest, (part,)), Memory())
    assert question.likely[0][0] == FACT
