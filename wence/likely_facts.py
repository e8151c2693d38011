"""Which fact the wording of a question asks for, whatever its facet.

added(knowledge, part)              the fact of a question that officials added
pinned(knowledge, part)             the fact of a question whose facet is uncertain
meant(knowledge, part, memory)      the fact of a short follow-up, near to what was talked about
"""

from __future__ import annotations

import dataclasses

from wence import question as q
from wence.asked import Memory, Question
from wence.knowledge import ADDED, Fact, Knowledge
from wence.reading import CERTAIN, SURE, UNSURE, Part
from wence.selection import selector

#: How sure the wording must be of a fact to overrule an uncertain facet, and a certain one.
PINNED, PINNED_OFF, PINNED_AGAINST, MEANT, LEAST = 0.35, 0.5, 0.7, 0.1, 0.2

COVERED = 0.5


def second_opinion(knowledge: Knowledge, part: Part) -> Part:
    """Return a part whose uncertain facets are ranked by what the model of the facts holds of them as well.

    The facet of what officials added is left only to a part that one of those facts is likely to answer.
    """
    ranked = _ranked_by_facts(knowledge, part)
    if ranked.facet != ADDED or added(knowledge, ranked):
        return ranked
    others = tuple(pair for pair in ranked.facets if pair[0] != ADDED)
    nothing = tuple((facet.id, 0.0) for facet in knowledge.facets.values() if facet.kind == "context")
    return dataclasses.replace(ranked, facets=others or nothing)


def added(knowledge: Knowledge, part: Part) -> Question | None:
    """Answer a question with the added fact that its wording asks for; None where none is likely."""
    for fact_id, likelihood in part.facts[:1]:
        fact = knowledge.facts.get(fact_id)
        if fact and ADDED in fact.facets and not _is_guess(fact, likelihood) and _is_about(knowledge, part, fact):
            return Question(ADDED, fact.subjects[:1], part.text, q.forms(part.text), pinned=fact.id)
    return None


def _ranked_by_facts(knowledge: Knowledge, part: Part) -> Part:
    if part.confidence >= SURE or knowledge.facets[part.facet].kind in ("off", "context"):
        return part
    classified = dict(part.facets)
    held = dict(classified)
    for label, likelihood in part.facts:
        fact = knowledge.facts.get(label)
        facet = fact.facets[0] if fact else label
        held[facet] = held.get(facet, 0.0) + likelihood
    ranked = sorted(held, key=lambda facet: held[facet], reverse=True)
    confidences = {facet: max(classified.get(facet, 0.0), held[facet] / 2) for facet in ranked}
    return dataclasses.replace(part, facets=tuple(confidences.items()))


def pinned(knowledge: Knowledge, part: Part) -> Question | None:
    """Answer an uncertain question with the fact that its wording asks for, or that holds most of its words."""
    kind = knowledge.facets[part.facet].kind
    if kind == "smalltalk" and part.confidence >= UNSURE:
        return None
    for fact_id, likelihood in part.facts[:1]:
        fact = knowledge.facts.get(fact_id)
        enough = PINNED_AGAINST if part.confidence >= SURE else max(min(PINNED, part.confidence), LEAST)
        if kind == "off":
            enough = max(enough, PINNED_OFF)
        if (
            fact is None
            or likelihood < enough
            or _is_guess(fact, likelihood)
            or part.confidence >= CERTAIN
            or part.facet in fact.facets
        ):
            continue
        if _is_about(knowledge, part, fact):
            return Question(fact.facets[0], fact.subjects[:1], part.text, q.forms(part.text), pinned=fact.id)
    if part.confidence >= SURE or kind == "smalltalk" or (kind == "unknown" and part.confidence >= UNSURE):
        return None
    closest, share = selector(knowledge).coverage(part.text)
    if (
        closest is None
        or share < COVERED
        or _is_guess(closest, 0.0)
        or len(part.text) < 6
        or not _is_about(knowledge, part, closest)
    ):
        return None
    return Question(closest.facets[0], closest.subjects[:1], part.text, q.forms(part.text), pinned=closest.id)


def _is_guess(fact: Fact, likelihood: float) -> bool:
    """Whether a fact that stands apart from the documents would be a guess: nothing but its wording leads to it."""
    return ADDED in fact.facets and likelihood < PINNED


def _is_about(knowledge: Knowledge, part: Part, fact: Fact) -> bool:
    """Whether a fact is about what a part names, where it names anything."""
    about = {*fact.subjects, *fact.names, *fact.items}
    named = {s for candidates in part.subjects for s in candidates if knowledge.subjects[s].type != "place"}
    return not named or not about or bool(named & about)


def meant(knowledge: Knowledge, part: Part, memory: Memory) -> Question | None:
    """Answer a short follow-up with the fact that its wording asks for, near to what was talked about."""
    group = knowledge.facets[memory.facet].group
    likeliest, found = MEANT, None
    for fact_id, likelihood in part.facts:
        fact = knowledge.facts.get(fact_id)
        if (
            fact is None
            or _is_guess(fact, likelihood)
            or _is_special(knowledge, fact, {*memory.subjects, *(s for c in part.subjects for s in c)})
        ):
            continue
        same_group = any(knowledge.facets[facet].group == group for facet in fact.facets)
        same_subject = bool(set(fact.subjects) & set(memory.subjects) - {knowledge.plan})
        weighed = likelihood * (2 if same_group else 1) * (4 if same_subject else 1)
        if (same_group or same_subject) and weighed > likeliest:
            likeliest, found = weighed, fact
    if found is None:
        return None
    return Question(found.facets[0], found.subjects[:1], part.text, q.forms(part.text), pinned=found.id)


def _is_special(knowledge: Knowledge, fact: Fact, named: set[str]) -> bool:
    """Whether a fact is about one unit or one opinion that nobody has named."""
    types = {knowledge.subjects[s].type for s in fact.subjects}
    return types <= {"unit", "opinion", "topic"} and not named & set(fact.subjects)
