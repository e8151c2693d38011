"""Every fact is found by its own question: the one that buttons send and that the knowledge gives as its model."""

from __future__ import annotations

import uuid

import pytest

from tests.assistant import Assistant
from tests.replies import breaches, say
from wence.knowledge import Knowledge, load
from wence.settings import PROJECT

QUESTIONS = [pytest.param(fact.id, fact.question, id=fact.id) for fact in load(PROJECT / "knowledge").facts.values()]

pytestmark = pytest.mark.live


@pytest.mark.parametrize(("fact", "question"), QUESTIONS)
def test_a_facts_own_question_is_answered_with_the_fact(
    live: Assistant, knowledge: Knowledge, fact: str, question: str
) -> None:
    reply = say(live, uuid.uuid4().hex, question)

    assert (reply.status, fact in reply.facts) == ("answered", True), f"{question} → {reply.facts} {reply.text}"
    assert breaches(reply, knowledge) == []
