"""Answers in the plain words of facts, and in those that say what the sources do not state."""

from __future__ import annotations

from collections.abc import Sequence

from wence import replies
from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Fact, Knowledge
from wence.replies import Status
from wence.selection import related, selector
from wence.verdict import verdict

#: From this confidence on the wording decides which fact of a facet and subject is meant.
LIKELY = 0.3
#: So many times likelier than the plain fact a detail must be.
CLEARLY = 2.0
#: No further fact is added to an answer that would become longer.
LONGEST = 260
_FORM_ORDER = ("whom", "how", "why", "who", "when")


def _worded(fact: Fact, question: Question) -> str:
    for form in _FORM_ORDER:
        if form in question.forms and form in fact.says:
            return fact.says[form]
    return fact.say


def not_stated(
    knowledge: Knowledge,
    what: str,
    near: Sequence[Fact] = (),
    subjects: tuple[str, ...] = (),
    echoed: tuple[str, ...] = (),
) -> Answer:
    """Say that the sources do not state `what`, whom to call, and what they do state nearby."""
    phone = knowledge.contact_phone
    text = replies.NOT_STATED.format(what=what, phone=phone)
    if near:
        text += replies.NOT_STATED_NEAR.format(near=near[0].say)
    quotes = [quote for f in near[:1] for quote in f.proof] + list(knowledge.facts[knowledge.contact].proof)
    return Answer(
        text, tuple(f.id for f in near[:1]), tuple(dict.fromkeys(quotes)), Status.NOT_IN_SOURCE, subjects, echoed
    )


def gap(knowledge: Knowledge, question: Question) -> Answer:
    """Say that the facet of the question's subject is not stated, in the words of the knowledge's gap.

    Where officials have filled the gap, their fact is the answer.
    """
    answer = _filled(knowledge, question)
    if answer is not None:
        return answer
    facet = knowledge.facets[question.facet]
    subject = question.subjects[0] if question.subjects else ""
    gap = knowledge.gap_for(facet.id, subject)
    name = knowledge.subjects[subject].name if subject else ""
    if gap is None:
        what = f"{name}的{facet.title}" if name else facet.title
        in_general = [fact for fact in knowledge.facts_about(facet.id, knowledge.plan) if fact.added]
        return not_stated(knowledge, what, in_general, question.subjects, (name,))
    what = gap.what.format(subject=name or "有关单位")
    near = [knowledge.facts[f] for f in gap.near]
    return not_stated(knowledge, what, near, question.subjects, (name,))


def _filled(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer from what officials added of the facet and its subjects, and say for which of them they did not."""
    named = [s for s in question.subjects if s != knowledge.plan and knowledge.subjects[s].type != "place"]
    facts, missing = [], []
    for subject in named or [knowledge.plan]:
        added = [fact for fact in knowledge.facts_about(question.facet, subject) if fact.added]
        likeliest = next(
            (f for f in added for name, sure in question.likely[:1] if f.id == name and sure >= LIKELY), None
        )
        if added:
            facts.append(likeliest or selector(knowledge).best(question.text, added, added[0]) or added[0])
        else:
            missing.append(knowledge.subjects[subject].name)
    if not facts:
        return None
    facts = list(dict.fromkeys(facts))
    text = verdict(knowledge, facts[0], question) + facts[0].say
    text += "".join(fact.say for fact in facts[1:] if len(text) + len(fact.say) <= LONGEST)
    names = "、".join(missing)
    text += f"{names}的{knowledge.facets[question.facet].title}没有写。" if names else ""
    return from_fact(facts[0], text, extra=facts[1:], subjects=question.subjects, echoed=(names,) if names else ())


def detailed(knowledge: Knowledge, facet: str) -> list[Fact]:
    """Return the details of a facet, whatever they are about."""
    return [fact for fact in knowledge.facts.values() if facet in fact.facets and fact.cues]


def _of_plain_facts(knowledge: Knowledge, question: Question) -> float:
    """Return how likely the likeliest plain fact of a question's facet is."""
    facts = ((knowledge.facts.get(fact), likelihood) for fact, likelihood in question.likely)
    plain = (likelihood for fact, likelihood in facts if fact and not fact.cues and question.facet in fact.facets)
    return max(plain, default=0.0)


def likely_detail(knowledge: Knowledge, question: Question) -> Fact | None:
    """Return the detail that a question's wording asks for, where its facet has it and it is about the same."""
    for fact_id, confidence in question.likely[:1]:
        fact = knowledge.facts.get(fact_id)
        if fact is None or not fact.cues or question.facet not in fact.facets or confidence < LIKELY:
            continue
        if confidence < CLEARLY * _of_plain_facts(knowledge, question):
            continue
        named = {s for s in question.mentioned if knowledge.subjects[s].type != "place"}
        claims = "yesno" in question.forms and confidence >= 2 * LIKELY and set(fact.names)
        if not named or claims or named & {*fact.subjects, *fact.names, *fact.items, *related(knowledge, named)}:
            return fact
    return None


def chosen(knowledge: Knowledge, question: Question, subject: str) -> Fact | None:
    """Choose the fact of a facet and subject: the plain one, or a detail that the question is closer to."""
    plain = next(iter(knowledge.facts_about(question.facet, subject)), None)
    details = [f for s in related(knowledge, (subject,)) for f in knowledge.facts_about(question.facet, s)]
    for fact_id, confidence in question.likely[:1]:
        likely = knowledge.facts.get(fact_id)
        if likely is not None and confidence >= LIKELY and likely in (plain, *details):
            return likely
    return selector(knowledge).best(question.text, list(dict.fromkeys(details)), plain)


def from_facts(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer from the facts of the facet and its subjects."""
    found: list[Fact] = []
    for subject in question.subjects:
        fact = chosen(knowledge, question, subject)
        if fact is not None and fact not in found:
            found.append(fact)
    facet = knowledge.facets[question.facet]
    if not found and facet.default and not facet.strict:
        fact = chosen(knowledge, question, facet.default)
        found = [fact] if fact else []
    if not found:
        return None
    first = found[0]
    text = verdict(knowledge, first, question) + _worded(first, question)
    text += "".join(f.say for f in found[1:] if len(text) + len(f.say) <= LONGEST)
    return from_fact(first, text, extra=found[1:], subjects=question.subjects)
