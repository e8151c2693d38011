"""A settled question that is asked again in the same words: read and answered as officials settled it."""

from __future__ import annotations

import datetime

import pytest
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message

from wence.answers import reply_to
from wence.asked import Memory
from wence.dialogue import resolve
from wence.knowledge import Knowledge
from wence.nlu.settled import HEAVIEST, Settled, weights
from wence.reading import Part, Reading
from wence.replies import Status
from wence.text import normalise

TODAY = datetime.date(2022, 1, 1)


def _example(text: str, facet: str, **metadata: object) -> Message:
    message = Message.build(text, facet)
    message.set(METADATA, {METADATA_INTENT: metadata})
    return message


SETTLED = Settled.learn(
    [
        _example("这个文是不是25号文呀", "document_number", settled=True, fact="plan.number"),
        _example("社区的事找哪家", "lead_unit", settled=True),
        _example("附近哪里修手机", "out_of_scope", settled=True),
        _example("方案什么时候印发", "document_date", fact="plan.date"),
    ]
)


def _part(text: str, facet: str = "contact", *subjects: tuple[str, ...]) -> Part:
    return Part(normalise(text), ((facet, 0.97), ("basis", 0.02)), subjects, (("contact.phone", 0.9),))


def _read(knowledge: Knowledge, text: str, *clauses: Part, facet: str = "contact") -> Reading:
    return Reading(knowledge.digest, (SETTLED(_part(text, facet), text), *(SETTLED(c, c.text) for c in clauses)))


@pytest.mark.parametrize("text", ["这个文是不是25号文", "请问,这个文是不是二十五号文呢?", "這個文是不是25號文呀!"])
def test_the_same_words_are_read_as_settled_whatever_else_was_read(text: str) -> None:
    found = SETTLED(_part(text), text)

    assert found.settled
    assert found.facets[0] == ("document_number", 1.0)
    assert found.facts == (("plan.number", 1.0),)


@pytest.mark.parametrize("text", ["这个文是不是26号文", "方案什么时候印发", "", "?"])
def test_other_words_are_read_as_before(text: str) -> None:
    assert SETTLED(_part(text), text) == _part(text)


def test_what_is_settled_travels_as_text() -> None:
    again = Settled.loads(SETTLED.dumps())
    text = "附近哪里修手机"

    assert again(_part(text), text) == SETTLED(_part(text), text) != _part(text)


def test_that_it_is_settled_travels_with_the_reading(knowledge: Knowledge) -> None:
    reading = _read(knowledge, "社区的事找哪家")

    assert reading.whole.settled
    assert Reading.from_dict(reading.as_dict()) == reading


def test_a_reading_from_before_there_was_anything_settled_is_read(knowledge: Knowledge) -> None:
    data = Reading(knowledge.digest, (_part("电话"),)).as_dict()
    del data["parts"][0]["settled"]

    assert not Reading.from_dict(data).whole.settled


def test_a_settled_fact_answers(knowledge: Knowledge) -> None:
    reply, _ = reply_to(knowledge, _read(knowledge, "这个文是不是25号文"), Memory("lead_unit"), TODAY)

    assert reply.facts == ("plan.number",)
    assert reply.text == knowledge.facts["plan.number"].say


def test_a_settled_facet_answers_of_the_subjects_that_are_named(knowledge: Knowledge) -> None:
    text = "社区的事找哪家"
    reading = Reading(knowledge.digest, (SETTLED(_part(text, "contact", ("task.community",)), text),))
    (question,) = resolve(knowledge, reading, Memory())

    assert (question.facet, question.subjects) == ("lead_unit", ("task.community",))


def test_what_is_settled_as_off_topic_is_declined(knowledge: Knowledge) -> None:
    reply, _ = reply_to(knowledge, _read(knowledge, "附近哪里修手机"), Memory("contact"), TODAY)

    assert reply.status is Status.OUT_OF_SCOPE


def test_a_settled_question_with_a_greeting_is_answered_as_settled(knowledge: Knowledge) -> None:
    clauses = (_part("你好", "greet"), _part("这个文是不是25号文"))
    reply, _ = reply_to(knowledge, _read(knowledge, "你好,这个文是不是25号文", *clauses), Memory(), TODAY)

    assert reply.facts == ("plan.number",)


def test_two_settled_questions_are_both_answered(knowledge: Knowledge) -> None:
    clauses = (_part("这个文是不是25号文"), _part("社区的事找哪家", "contact", ("task.community",)))
    questions = resolve(knowledge, _read(knowledge, "这个文是不是25号文?社区的事找哪家", *clauses), Memory())

    assert [question.facet for question in questions] == ["document_number", "lead_unit"]


def test_a_settled_clause_beside_another_question_does_not_silence_it(knowledge: Knowledge) -> None:
    clauses = (_part("附近哪里修手机"), _part("咨询电话是多少"))
    questions = resolve(knowledge, _read(knowledge, "附近哪里修手机?咨询电话是多少", *clauses), Memory())

    assert [question.facet for question in questions] == ["contact"]


def test_few_settled_examples_of_a_label_weigh_more_and_others_as_ever() -> None:
    few = [_example(f"问{n}", "lead_unit", settled=True) for n in range(2)]
    many = [_example(f"说{n}", "basis", settled=True, fact="plan.basis") for n in range(40)]

    assert weights([*few, *many, _example("电话", "contact")]) == [HEAVIEST] * 2 + [1.0] * 41
