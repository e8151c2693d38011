"""What can be asked next: the buttons under an answer, and the readings offered when the assistant asks back."""

from __future__ import annotations

from collections.abc import Sequence

from wence import replies
from wence.dialogue import Question
from wence.knowledge import Knowledge
from wence.reading import Reading
from wence.replies import Option, Reply, Status

MAX_OPTIONS = 3
#: Facts whose questions start a conversation; also what is offered after a refusal.
STARTERS = ("plan.work_goal", "plan.tasks", "plan.validity", "consultation.counts", "contact.phone")
#: What a bare question word can be about.
_READINGS = {
    "when": ("plan.date", "process.final", "evaluation.pilot", "plan.validity"),
    "who": ("plan.drafter", "plan.issuer", "task.community.lead", "evaluation.by"),
    "why": ("plan.purpose", "opinions.reasons", "plan.task_sum"),
    "lead_unit": ("task.gantang.lead", "task.community.lead", "leads.known"),
    "unit_role": ("unit.civil_affairs.role", "unit.big_data.role", "unit.counties.role"),
}


def _options(knowledge: Knowledge, facts: Sequence[str]) -> tuple[Option, ...]:
    questions = [knowledge.facts[f].question for f in facts]
    return tuple(Option(text, text) for text in questions)


def starters(knowledge: Knowledge) -> tuple[Option, ...]:
    """Return the questions that start a conversation."""
    return _options(knowledge, STARTERS)


def next_questions(
    knowledge: Knowledge, status: Status, facts: Sequence[str], questions: Sequence[Question]
) -> tuple[Option, ...]:
    """Return two or three sensible next questions after an answer."""
    if status in (Status.OUT_OF_SCOPE, Status.SMALLTALK):
        return _options(knowledge, STARTERS[:MAX_OPTIONS])
    subjects = {s for question in questions for s in question.subjects}
    groups = {knowledge.facets[question.facet].group for question in questions}
    ranked: list[tuple[int, str]] = []
    for fact in knowledge.facts.values():
        if fact.id in facts:
            continue
        shared = len(subjects & set(fact.subjects) - {"doc.plan"})
        near = any(knowledge.facets[f].group in groups for f in fact.facets)
        if shared or near:
            ranked.append((-2 * shared - near, fact.id))
    ranked.sort(key=lambda pair: pair[0])
    chosen = [fact for _, fact in ranked[:MAX_OPTIONS]]
    chosen += [s for s in STARTERS if s not in chosen and s not in facts]
    return _options(knowledge, chosen[:MAX_OPTIONS])


def ask_back(knowledge: Knowledge, reading: Reading, questions: Sequence[Question]) -> Reply:
    """Return a reply that offers the readings of a question which could mean several things."""
    from wence.question import forms

    key = (
        questions[0].facet
        if questions
        else next((form for form in ("when", "who", "why") if form in forms(reading.whole.text)), "")
    )
    if key in _READINGS:
        options = _options(knowledge, _READINGS[key])
        return Reply(Status.CLARIFY, replies.ASK_BACK, options=options)
    facets = [f for f, _ in reading.whole.facets if knowledge.facets[f].kind == "policy"][:MAX_OPTIONS]
    chosen = [fact.id for facet in facets for fact in knowledge.facts.values() if fact.facets[0] == facet]
    starters = list(dict.fromkeys((*(c for c in chosen[:MAX_OPTIONS]), *STARTERS)))[:MAX_OPTIONS]
    text = replies.ASK_AGAIN.format(phone=knowledge.contact_phone)
    return Reply(Status.CLARIFY, text, options=_options(knowledge, starters))
