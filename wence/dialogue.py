"""From a reading and what was said before to the questions that are asked.

    resolve(knowledge, reading, memory)  → questions, each a facet and its subjects; or none where it must ask back

A complete question stands alone. A short one ("那牵头单位呢", "智慧交通呢", "第二条呢", "为什么") takes what it
lacks from the memory of the conversation: its facet, its subjects, or an item of the list answered last.
"""

from __future__ import annotations

import dataclasses
import re

from wence import question as q
from wence.asked import Memory, Question
from wence.knowledge import ADDED, Facet, Knowledge
from wence.likely_facts import added, meant, pinned, second_opinion
from wence.reading import CERTAIN, SURE, UNSURE, Part, Reading
from wence.subject_choice import (
    INSIDE,
    accepted,
    basis_of,
    by_ordinals,
    choose_subjects,
    documents_in,
    items_of,
    mentioned_in,
    pick,
    relative_stage,
    remembered,
    stages_in,
)

#: From this confidence on the second facet of a follow-up is what it asks.
RUNNER_UP = 0.12
#: How much more a short message asks what was talked about: something of the same group, the same facet.
SAME_GROUP, SAME_FACET = 0.35, 0.6
MAX_QUESTIONS = 3
#: A message of at most so many characters leans on what was said before.
SHORT = 12
#: A message of at most so many characters whose facet is a guess is a follow-up; a facet is hinted at from there on.
VAGUE, HINT = 8, 0.02
#: A message of at most so many characters is a noun and hardly more.
BARE = 7

#: The facet that a bare subject is asked about, when nothing said before gives one.
FACET_OF_TYPE = {
    "document": "document_content",
    "unit": "unit_role",
    "unit_kind": "consulted_units",
    "task": "task_aspect",
    "aspect": "infrastructure_tasks",
    "opinion": "proposal",
    "topic": "adoption_check",
    "part": "plan_structure",
    "requirement": "requirements",
    "stage": "process_event",
    "person": "interpreter",
}

#: Facets whose answers go on being asked of other subjects of another type.
_LISTS = ("tasks", "systems", "infrastructure_tasks", "aspects", "task_membership", "pilot_tasks")


def _bare(knowledge: Knowledge, part: Part, memory: Memory) -> Question | None:
    """Resolve a question that names no facet: a subject, an ordinal or a question word alone."""
    mentions = mentioned_in(knowledge, part)
    flat = tuple(c[0] for c in mentions if c)
    forms, place = q.forms(part.text), q.ordinal(part.text)
    previous = knowledge.facets.get(memory.facet)
    stages = stages_in(knowledge, part.text) or relative_stage(knowledge, part.text, memory)
    if stages:
        keeps = previous is not None and any(knowledge.facts_about(previous.id, s) for s in stages)
        facet = memory.facet if keeps else "process_event"
        return Question(facet, stages, part.text, forms, 0, flat)
    other = _other(knowledge, part.text, memory) if not flat else ""
    if other:
        facet = memory.facet if knowledge.facts_about(memory.facet, other) else FACET_OF_TYPE["document"]
        for asked_facet in part.facets:
            if knowledge.facts_about(asked_facet[0], other):
                facet = asked_facet[0]
                break
        return Question(facet, (other,), part.text, forms, 0, flat)
    if q.ordinals(part.text):
        if previous is not None:
            chosen = by_ordinals(knowledge, previous.id, part.text, (), memory)
            if chosen:
                return Question(_facet_of(knowledge, part, chosen[0], previous), chosen, part.text, forms, place, flat)
        picked = pick(items_of(knowledge, memory.facts), place)
        if picked:
            kind = knowledge.subjects[picked].type
            keeps = previous is not None and kind in previous.takes
            facet = memory.facet if keeps else FACET_OF_TYPE[kind]
            if kind in ("task", "aspect") and previous is not None and previous.id in _LISTS:
                return Question(previous.id, (), part.text, forms, place, flat)
            return Question(facet, (picked,), part.text, forms, place, flat)
    cued = _cued(knowledge, part.text, previous)
    if cued is not None and cued.id == "adopted_opinions" and memory.facet == "opinion_counts":
        cued = knowledge.facets["opinion_counts"]
    if cued is not None and not (flat and previous is not None and previous.id == cued.id):
        if cued.kind != "policy":
            return Question(cued.id, flat or memory.subjects[:1], part.text, forms, place, flat)
        subjects, named = choose_subjects(knowledge, cued, part, memory)
        return Question(cued.id, subjects, part.text, forms, place, flat, named)
    if flat:
        if memory.facet == "consultation_round" and knowledge.subjects[flat[0]].type == "unit":
            return Question(memory.facet, (), part.text, forms, 0, flat)
        if previous is not None:
            kept = accepted(knowledge, previous, mentions)
            if not kept and "document" in previous.takes:
                kept = documents_in(knowledge, part)
            if kept:
                return Question(previous.id, kept, part.text, forms, place, flat)
            if previous.id in _LISTS and any(knowledge.subjects[s].type in ("task", "topic", "aspect") for s in flat):
                return Question("task_membership", flat[:1], part.text, forms, place, flat)
        return Question(
            FACET_OF_TYPE.get(knowledge.subjects[flat[0]].type, "document_content"), flat, part.text, forms, place, flat
        )
    if previous is None:
        return None
    asks_more = forms & {"list", "count", "who", "what", "why", "when"}
    if previous.id in (*_LISTS, "consulted_units") and not asks_more and q.asked_name(part.text):
        facet = "consulted_units" if previous.id == "consulted_units" else "task_membership"
        return Question(facet, (), part.text, forms | {"yesno"})
    if previous.id == "adopted_opinions":
        return Question(previous.id, (), part.text, forms)
    if previous.id == "consultation_round" and q.REST.search(part.text):
        return Question("unknown_detail", (), part.text, forms)
    near = meant(knowledge, part, memory)
    if near is not None:
        return near
    follow = knowledge.groups[previous.group]
    for form in ("why", "whom", "who", "when", "where", "money", "count", "list", "how"):
        if form in forms:
            target = follow.get("which" if form == "list" else form, previous.id)
            asked = knowledge.facets[target]
            if asked.kind != "policy":
                return Question(target, memory.subjects[:1], part.text, forms)
            subjects = remembered(knowledge, asked, memory, 1) or ((asked.default,) if asked.default else ())
            return Question(target, subjects, part.text, forms, named=False)
    return Question(
        previous.id,
        remembered(knowledge, previous, memory, 1) or ((previous.default,) if previous.default else ()),
        part.text,
        forms,
        named=False,
    )


def _facet_of(knowledge: Knowledge, part: Part, subject: str, previous: Facet) -> str:
    """Return the facet that a follow-up asks of a subject: one that it hints at, of the same group, else the last."""
    for facet, confidence in part.facets:
        near = knowledge.facets[facet].group == previous.group and knowledge.facts_about(facet, subject)
        if near and confidence >= HINT:
            return facet
    return previous.id


_OTHER = re.compile(r"另(?:外)?(?:的)?(?:那)?[1一]?(?:个|份|封|部|件)|剩下(?:的)?那?[1一]?(?:个|份)|还有[1一](?:个|份)")


def _other(knowledge: Knowledge, text: str, memory: Memory) -> str:
    """Return the document of a pair that was not talked about last: 另一个呢."""
    if not _OTHER.search(text):
        return ""
    pair = basis_of(knowledge)
    last = next((s for s in memory.subjects if s in pair), "")
    return next((s for s in pair if s != last), "") if last else ""


def _cued(knowledge: Knowledge, text: str, previous: Facet | None) -> Facet | None:
    """Return the facet whose noun stands in a bare question (「文号呢」): the longest noun, the nearest facet."""
    found = [
        (len(cue), previous is not None and facet.group == previous.group, place, facet)
        for place, facet in enumerate(knowledge.facets.values())
        for cue in facet.cues
        if cue in text
    ]
    return max(found, key=lambda entry: (entry[0], entry[1], -entry[2]))[3] if found and len(text) <= 10 else None


_CORRECTION = re.compile(
    r"(?:哦|哎呀?|呃|抱歉)?[,，]?(?:不对|不是[这那]个?|不是(?=,)|错了|我?[说打讲搞记]错了?|口误)[,，]?(?:我[说问]的)?是?"
)


def _question(knowledge: Knowledge, part: Part, memory: Memory) -> Question | None:
    if part.facet == ADDED:
        return added(knowledge, part)
    facet = knowledge.facets[part.facet]
    correction = _CORRECTION.match(part.text)
    if correction:
        part = dataclasses.replace(part, text=part.text[correction.end() :].lstrip(",，。") or part.text)
    if correction or (
        (len(part.text) <= 14 or part.confidence < SURE) and relative_stage(knowledge, part.text, memory)
    ):
        return _bare(knowledge, part, memory)
    if facet.id == "adopted_opinions" and memory.facet == "opinion_counts" and len(part.text) <= 8:
        facet = knowledge.facets["opinion_counts"]
    if facet.id == "adoption_check" and memory.facet in _LISTS and len(part.text) <= SHORT:
        facet = knowledge.facets["task_membership"]
    is_bare_name = part.text.strip("?!。,") in knowledge.names
    elsewhere = memory.facet and knowledge.facets[memory.facet].group != facet.group
    is_vague = elsewhere and part.confidence < UNSURE and len(part.text) <= VAGUE
    if is_bare_name or is_vague or (facet.kind == "off" and memory.facet and _is_elliptic(part)):
        return _bare(knowledge, part, memory)
    if facet.kind == "context":
        if len(part.text) - sum(len(knowledge.subjects[c[0]].short) for c in part.subjects if c) <= 4:
            return _bare(knowledge, part, memory)
        second = next((f for f, c in part.facets[1:] if knowledge.facets[f].kind == "policy" and c >= RUNNER_UP), "")
        if not second or len(part.text) < 7:
            return _bare(knowledge, part, memory)
        facet = knowledge.facets[second]
    mentions = tuple(c[0] for c in mentioned_in(knowledge, part) if c)
    forms, place = q.forms(part.text), q.ordinal(part.text)
    if facet.id == "unknown_quantity" and any(knowledge.subjects[s].type == "unit_kind" for s in mentions):
        facet = knowledge.facets["consulted_units"]
    if facet.kind != "policy":
        return Question(facet.id, mentions, part.text, forms, place, mentions)
    if facet.id == "unit_role" and "牵头" in part.text and "哪" in part.text:
        facet = knowledge.facets["unit_tasks"]
    tasks = [s for s in mentions if knowledge.subjects[s].type in ("task", "topic")]
    unlisted = "任务" in part.text and q.asked_name(part.text)
    if part.confidence < UNSURE and (tasks or unlisted) and "yesno" in forms and len(part.text) <= 16:
        return Question("task_membership", tuple(tasks), part.text, forms, place, mentions)
    subjects, named = choose_subjects(knowledge, facet, part, memory)
    if facet.id == "task_membership" and not mentions and q.asked_name(part.text):
        subjects = ()
    if facet.id == "basis" and place and not mentions and set(subjects) <= set(basis_of(knowledge)):
        facet = knowledge.facets[FACET_OF_TYPE["document"]]
    return Question(facet.id, subjects, part.text, forms, place, mentions, named)


_EMPTY_WORDS = re.compile(r"具体|给|要|到底|最后|大概|是|在|的|又|都|就|还|也|以|为|其中|那|这|[,?!。]")


def _is_elliptic(part: Part) -> bool:
    """Whether a message holds hardly more than a question word: 具体给多少钱, 以谁为重."""
    return len(part.text) <= SHORT and len(_EMPTY_WORDS.sub("", q.strip_forms(part.text)).strip()) <= 1


_THEN = re.compile(r"当时|那时|那次|那轮|那会")


def _in_context(knowledge: Knowledge, part: Part, memory: Memory) -> Part:
    """Prefer, for a short question, the facet that was talked about and those of its group."""
    previous = knowledge.facets.get(memory.facet)
    top = knowledge.facets[part.facet]
    if previous is None or len(part.text) > SHORT or top.kind == "context" or top.id == previous.id:
        return part
    certain = {"off": 0.5, "unknown": 0.7}.get(top.kind, 0.6 if top.group == previous.group else 0.8)
    if part.confidence > certain and not _THEN.search(part.text):
        return part

    mentions = [c[0] for c in part.subjects if c]

    def weight(pair: tuple[str, float]) -> float:
        facet = knowledge.facets[pair[0]]
        if mentions and not any(knowledge.facts_about(facet.id, s) for s in mentions):
            return pair[1]
        same = facet.id == previous.id
        if not same and (facet.group != previous.group or pair[1] < 0.03):
            return pair[1]
        return pair[1] + (SAME_FACET if same else SAME_GROUP)

    ranked = sorted(part.facets, key=weight, reverse=True)
    return dataclasses.replace(part, facets=tuple(ranked)) if ranked[0] != part.facets[0] else part


_TOGETHER = re.compile(r"[、,;+]|分别|各|和|跟|与|还有|以及|区别|不同|连同|加上")
_ENUMERATION = re.compile(r"[、,;+]|和|跟|与|还有|以及|一并|一起|分别")
#: A piece of an enumeration is no longer than that; both of two facets are asked from this confidence on.
LONGEST_PIECE, HALF = 12, 0.3
#: Clauses that are all that sure are questions of their own, however sure the whole message is.
ALL_SURE = 0.8


def _twins(knowledge: Knowledge, part: Part, memory: Memory) -> list[Question]:
    """Return the questions of a clause that names several facets: 试点任务跟示范领域分别是什么, 文号、日期、机关."""
    if _kind(knowledge, part) == "smalltalk" or not _TOGETHER.search(part.text):
        return []
    named: dict[str, str] = {}
    for piece in _TOGETHER.split(part.text):
        found = _cues(knowledge, piece)
        if found and len(piece) <= LONGEST_PIECE:
            named.setdefault(max(found, key=lambda facet: len(found[facet])), piece)
    likely = [facet for facet, confidence in part.facets[:2] if confidence >= HALF and _policy(knowledge, facet)]
    if len(named) < 2 and len(likely) == 2 and _ENUMERATION.search(part.text):
        named = dict.fromkeys(likely, "")
    if len(named) < 2 or not (set(named) & {facet for facet, _ in part.facets}):
        return []
    found_questions = [
        _question(knowledge, dataclasses.replace(part, facets=((facet, 1.0),)), memory) for facet in named
    ]
    return [f for f in found_questions if f][:MAX_QUESTIONS]


def _cues(knowledge: Knowledge, text: str) -> dict[str, str]:
    """Return the policy facets whose noun stands in a text, each with its longest noun."""
    found: dict[str, str] = {}
    for facet in knowledge.facets.values():
        cues = [cue for cue in facet.cues if re.search(f"(?<![未没]){cue}", text)]
        if cues and facet.kind == "policy":
            found[facet.id] = max(cues, key=len)
    return found


def _policy(knowledge: Knowledge, facet: str) -> bool:
    return knowledge.facets[facet].kind == "policy"


def _kind(knowledge: Knowledge, part: Part) -> str:
    return knowledge.facets[part.facet].kind


def _core(knowledge: Knowledge, reading: Reading) -> Part:
    """Return the part of a message that asks: the whole, or the clause that stands out from talk around it."""
    whole, clauses = reading.whole, reading.parts[1:]
    if not clauses:
        return whole
    asking = [c for c in clauses if _kind(knowledge, c) not in ("smalltalk", "context") and len(c.text) >= 5]
    if not asking:
        return whole
    best = max(asking, key=lambda c: c.confidence + 0.2 * bool(q.forms(c.text)))
    stands_out = best.confidence > whole.confidence + (0.2 if whole.confidence >= UNSURE else 0.0)
    last = asking[-1]
    if (
        _kind(knowledge, whole) == "unknown"
        and whole.confidence < 0.85
        and last.confidence >= 0.8
        and (_kind(knowledge, last) == "policy" and q.forms(last.text))
    ):
        return dataclasses.replace(last, subjects=last.subjects or whole.subjects)
    aside = _kind(knowledge, whole) == "smalltalk" and (whole.confidence < 0.95 or _kind(knowledge, best) != "off")
    if aside or (stands_out and whole.confidence < SURE and _kind(knowledge, best) != "off"):
        text = whole.text if INSIDE.search(whole.text) else best.text
        return dataclasses.replace(best, text=text, subjects=best.subjects or whole.subjects)
    return whole


def resolve(knowledge: Knowledge, reading: Reading, memory: Memory) -> list[Question]:
    """Return the questions of a message, in order; an empty list where the assistant must ask back."""
    settled = _settled(knowledge, reading, memory)
    if settled:
        return settled
    parts = tuple(second_opinion(knowledge, part) for part in reading.parts)
    reading = dataclasses.replace(reading, parts=parts)
    whole = _core(knowledge, reading)
    for several in (_several(knowledge, reading, memory), _twins(knowledge, whole, memory)):
        if len(several) > 1:
            return several
    if memory.facet and len(whole.text) <= SHORT and _kind(knowledge, whole) in ("off", "unknown"):
        near = meant(knowledge, whole, memory) if whole.confidence < CERTAIN and not whole.subjects else None
        if near is not None:
            return [near]
    leaning = _in_context(knowledge, whole, memory)
    by_wording = (
        pinned(knowledge, whole) if leaning is whole and not (memory.facet and len(whole.text) <= SHORT) else None
    )
    asked = by_wording or _question(knowledge, leaning, memory)
    # A bare noun (示范领域呢) asks for no detail, whatever the details are worded like.
    likely = whole.facts if len(whole.text.strip("?!。,")) > BARE else ()
    return [dataclasses.replace(asked, likely=likely)] if asked else []


def _settled(knowledge: Knowledge, reading: Reading, memory: Memory) -> list[Question]:
    """Return the questions of a message that officials have settled as a whole, or in every clause that asks."""
    asking = [p for p in reading.parts[1:] if _kind(knowledge, p) not in ("smalltalk", "context")]
    parts = [reading.whole] if reading.whole.settled else asking
    return [_as_settled(knowledge, p, memory) for p in parts[:MAX_QUESTIONS]] if all(p.settled for p in parts) else []


def _as_settled(knowledge: Knowledge, part: Part, memory: Memory) -> Question:
    forms, place = q.forms(part.text), q.ordinal(part.text)
    if part.facts:
        fact = knowledge.facts[part.facts[0][0]]
        return Question(part.facet, fact.subjects[:1], part.text, forms, pinned=fact.id)
    facet = knowledge.facets[part.facet]
    mentions = tuple(c[0] for c in mentioned_in(knowledge, part) if c)
    if facet.kind != "policy":
        return Question(facet.id, mentions, part.text, forms, place, mentions)
    subjects, named = choose_subjects(knowledge, facet, part, memory)
    return Question(facet.id, subjects, part.text, forms, place, mentions, named)


def _several(knowledge: Knowledge, reading: Reading, memory: Memory) -> list[Question]:
    """Return the questions of a message whose clauses ask different things, or the same of different subjects."""
    clauses = [
        p
        for p in reading.parts[1:]
        if p.confidence >= SURE and _kind(knowledge, p) == "policy" and (q.forms(p.text) or _cues(knowledge, p.text))
    ]
    found: list[Question] = []
    inherited = memory
    for part in clauses:
        asked = _question(knowledge, part, inherited)
        if asked and (asked.facet, asked.subjects) not in {(f.facet, f.subjects) for f in found}:
            found.append(dataclasses.replace(asked, likely=part.facts))
            inherited = Memory(asked.facet, asked.subjects + memory.subjects, memory.facts)
    distinct = {f.facet for f in found}
    if len(distinct) == 1 and not all(f.named for f in found):
        return []
    if len(distinct) >= 2 and reading.whole.confidence >= CERTAIN and min(p.confidence for p in clauses) < ALL_SURE:
        return []
    return found[:MAX_QUESTIONS]
