"""From a reading and what was said before to the questions that are asked.

    resolve(knowledge, reading, memory)  → questions, each a facet and its subjects; or none where it must ask back

A complete question stands alone. A short one ("那牵头单位呢", "智慧交通呢", "第二条呢", "为什么") takes what it
lacks from the memory of the conversation: its facet, its subjects, or an item of the list answered last.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from wence import question as q
from wence.knowledge import Facet, Knowledge
from wence.reading import Part, Reading
from wence.selection import selector

UNSURE = 0.35
SURE = 0.55
CERTAIN = 0.9
RUNNER_UP = 0.12
SAME_GROUP = 0.45
SAME_FACET = 0.6
COVERED = 0.5
MAX_QUESTIONS = 3

#: The facet that a bare subject is asked about, when nothing said before gives one.
FACET_OF_TYPE = {
    "document": "document_content",
    "unit": "unit_role",
    "unit_kind": "consulted_units",
    "task": "term_definition",
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
_UNIT_FACETS = (
    "consulted_units",
    "rejected_opinions",
    "proposal",
    "unit_role",
    "unit_tasks",
    "adoption_check",
    "rejection_reason",
    "proposal_place",
    "proposal_grounds",
    "consultation_round",
)


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a conversation remembers: the last facet, the last subjects (newest first) and the last facts."""

    facet: str = ""
    subjects: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Question:
    """A facet asked of subjects; `mentioned` are all subjects the question names, for yes and no."""

    facet: str
    subjects: tuple[str, ...]
    text: str
    forms: frozenset[str] = frozenset()
    ordinal: int = 0
    mentioned: tuple[str, ...] = ()
    named: bool = True
    pinned: str = ""


def _mentioned(knowledge: Knowledge, part: Part) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(s for s in candidates if s in knowledge.subjects) for candidates in part.subjects)


def _accepted(knowledge: Knowledge, facet: Facet, mentions: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    chosen: list[str] = []
    for candidates in mentions:
        fitting = [s for s in candidates if knowledge.subjects[s].type in facet.takes]
        fitting.sort(key=lambda s: facet.takes.index(knowledge.subjects[s].type))
        if fitting and fitting[0] not in chosen:
            chosen.append(fitting[0])
    return tuple(chosen)


def _stages(knowledge: Knowledge, text: str) -> tuple[str, ...]:
    if re.search(r"2021年(?:起|开始|以来)", text):
        return ("stage.annual",)
    found: list[str] = []
    for date in q.dates(text):
        found += [s.id for s in q.stages_at(knowledge, date) if s.id not in found]
    return tuple(found)


def _items(knowledge: Knowledge, facts: Sequence[str]) -> tuple[str, ...]:
    for fact in facts:
        if fact in knowledge.facts and knowledge.facts[fact].items:
            return knowledge.facts[fact].items
    return ()


def _pick(items: Sequence[str], ordinal: int) -> str:
    index = ordinal - 1 if ordinal > 0 else len(items) + ordinal
    return items[index] if 0 <= index < len(items) else ""


def _opinions_of(knowledge: Knowledge, subjects: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for subject in map(knowledge.subjects.__getitem__, subjects):
        found += subject.opinions
        found += [o.id for o in knowledge.of_type("opinion") if o.by == subject.id]
    return tuple(dict.fromkeys(found))


def _by_ordinal(knowledge: Knowledge, facet: str, text: str, subjects: tuple[str, ...], memory: Memory) -> str:
    """Name the subject that an ordinal picks for a facet, or nothing."""
    ordinal = q.ordinal(text)
    if facet == "plan_structure":
        return _pick([s.id for s in knowledge.of_type("part")], ordinal)
    if facet == "requirements" and re.search(r"第\d[个条项点]|最后[1一]?[个条项]|头[1一]?[个条项]", text):
        return _pick([s.id for s in knowledge.of_type("requirement")], ordinal)
    if "opinion" in knowledge.facets[facet].takes:
        if any(knowledge.subjects[s].type == "opinion" for s in subjects):
            return ""
        own = _opinions_of(knowledge, subjects)
        if not own and not subjects:
            units = (s if knowledge.subjects[s].type == "unit" else knowledge.subjects[s].by for s in memory.subjects)
            own = _opinions_of(knowledge, [unit for unit in units if unit][:1])
        return _pick(own or [s.id for s in knowledge.of_type("opinion")], ordinal)
    if facet == "process_event":
        return _pick([s.id for s in knowledge.of_type("stage") if s.ordinal], ordinal)
    items = _items(knowledge, memory.facts)
    picked = _pick(items, ordinal) if items else ""
    return picked if picked and knowledge.subjects[picked].type in knowledge.facets[facet].takes else ""


def _remembered(knowledge: Knowledge, facet: Facet, memory: Memory, count: int) -> tuple[str, ...]:
    fitting = [s for s in memory.subjects if s in knowledge.subjects and knowledge.subjects[s].type in facet.takes]
    return tuple(fitting[:count])


def _documents(knowledge: Knowledge, part: Part) -> tuple[str, ...]:
    """Return the document that a date or an issuer points at: 2020年7月那份, 省发改委发的."""
    if "方案" in part.text and not re.search(r"依据|通知|指导", part.text):
        return ()
    stages = [s.id for date in q.dates(part.text) if date.year or date.day for s in q.stages_at(knowledge, date)]
    flat = [c[0] for c in _mentioned(knowledge, part) if c]
    pointed = [knowledge.subjects[s].document for s in (*stages[:1], *flat)]
    return tuple(dict.fromkeys(filter(None, pointed)))[:1]


def _subjects(knowledge: Knowledge, facet: Facet, part: Part, memory: Memory) -> tuple[tuple[str, ...], bool]:
    """Choose the subjects of a facet: named, by date, by ordinal, remembered, or its default."""
    named = _accepted(knowledge, facet, _mentioned(knowledge, part))
    if not facet.id.startswith("document_") and facet.default == "doc.plan":
        # 「解读里说的背景」 asks for the plan's background: the interpretation is only where it stands.
        named = tuple(s for s in named if s != "doc.interpretation")
    if "stage" in facet.takes:
        dated = _stages(knowledge, part.text) or _relative_stage(knowledge, part.text, memory)
        if facet.default:
            dated = tuple(s for s in dated if knowledge.facts_about(facet.id, s))
        named = dated or tuple(s for s in named if knowledge.subjects[s].type == "stage") or named
    if "document" in facet.takes and (not named or (named == ("doc.plan",) and "依据" in part.text)):
        named = _documents(knowledge, part) or named
    place = q.ordinal(part.text)
    if place:
        picked = _by_ordinal(knowledge, facet.id, part.text, named, memory)
        if picked:
            return (picked,), True
    if named:
        return named, True
    pair = 2 if any(word in part.text for word in ("这2", "那2", "它们", "2个")) else 1
    remembered = _remembered(knowledge, facet, memory, pair)
    if remembered and (not facet.default or _leans(part.text, facet, memory, knowledge)):
        return remembered, True
    return ((facet.default,) if facet.default else ()), False


_NEXT_STAGE = re.compile(r"下[一1]?个?(?:月|阶段|步)|紧接着|接下来|再往后|之后那|然后那|后1个月|2个月(?:之)?后")
_PREVIOUS_STAGE = re.compile(r"上[一1]?个?(?:月|阶段|步)|前[一1]个?(?:月|阶段|步)|在那之前|再往前")


def _relative_stage(knowledge: Knowledge, text: str, memory: Memory) -> tuple[str, ...]:
    """Return the stage that a question names by its distance from the last one: 下一个月, 再往前推两个月."""
    step = 1 if _NEXT_STAGE.search(text) else -1 if _PREVIOUS_STAGE.search(text) else 0
    stages = [s for s in knowledge.of_type("stage") if s.since and s.id != "stage.annual"]
    last = next((knowledge.subjects[s] for s in memory.subjects if s in {x.id for x in stages}), None)
    if not step or last is None:
        return ()
    months = re.search(r"([1-9])个月", text)
    if months and "下" not in text:
        year, month = map(int, (last.until if step > 0 else last.since).split("-")[:2])
        count = year * 12 + month - 1 + step * int(months[1])
        return tuple(s.id for s in q.stages_at(knowledge, q.Date(count // 12, count % 12 + 1)))
    place = stages.index(last) + step
    return (stages[place].id,) if 0 <= place < len(stages) else ()


def _leans(text: str, facet: Facet, memory: Memory, knowledge: Knowledge) -> bool:
    if q.is_elliptic(text) or len(text) <= 8:
        return True
    previous = knowledge.facets.get(memory.facet)
    return previous is not None and previous.group == facet.group and len(text) <= 14


def _bare(knowledge: Knowledge, part: Part, memory: Memory) -> Question | None:
    """Resolve a question that names no facet: a subject, an ordinal or a question word alone."""
    mentions = _mentioned(knowledge, part)
    flat = tuple(c[0] for c in mentions if c)
    forms, place = q.forms(part.text), q.ordinal(part.text)
    previous = knowledge.facets.get(memory.facet)
    stages = _stages(knowledge, part.text) or _relative_stage(knowledge, part.text, memory)
    if stages:
        keeps = previous is not None and any(knowledge.facts_about(previous.id, s) for s in stages)
        facet = memory.facet if keeps else "process_event"
        return Question(facet, stages, part.text, forms, 0, flat)
    if place:
        if previous is not None:
            picked = _by_ordinal(knowledge, previous.id, part.text, (), memory)
            if picked:
                return Question(previous.id, (picked,), part.text, forms, place, flat)
        picked = _pick(_items(knowledge, memory.facts), place)
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
        subjects, named = _subjects(knowledge, cued, part, memory)
        return Question(cued.id, subjects, part.text, forms, place, flat, named)
    if flat:
        if previous is not None:
            kept = _accepted(knowledge, previous, mentions)
            if not kept and "document" in previous.takes:
                kept = _documents(knowledge, part)
            if kept:
                return Question(previous.id, kept, part.text, forms, place, flat)
            if previous.id in _LISTS and any(knowledge.subjects[s].type in ("task", "topic", "aspect") for s in flat):
                return Question("task_membership", flat[:1], part.text, forms, place, flat)
        return Question(
            FACET_OF_TYPE.get(knowledge.subjects[flat[0]].type, "document_content"), flat, part.text, forms, place, flat
        )
    if previous is None:
        return None
    follow = knowledge.groups[previous.group]
    for form in ("why", "whom", "who", "when", "where", "money", "count", "list", "how"):
        if form in forms:
            target = follow.get("which" if form == "list" else form, previous.id)
            asked = knowledge.facets[target]
            if asked.kind != "policy":
                return Question(target, memory.subjects[:1], part.text, forms)
            subjects = _remembered(knowledge, asked, memory, 1) or ((asked.default,) if asked.default else ())
            return Question(target, subjects, part.text, forms, named=False)
    return Question(
        previous.id,
        _remembered(knowledge, previous, memory, 1) or ((previous.default,) if previous.default else ()),
        part.text,
        forms,
        named=False,
    )


def _cued(knowledge: Knowledge, text: str, previous: Facet | None) -> Facet | None:
    """Return the facet whose noun stands in a bare question (「文号呢」): the longest noun, the nearest facet."""
    found = [
        (len(cue), previous is not None and facet.group == previous.group, place, facet)
        for place, facet in enumerate(knowledge.facets.values())
        for cue in facet.cues
        if cue in text
    ]
    return max(found, key=lambda entry: (entry[0], entry[1], -entry[2]))[3] if found and len(text) <= 10 else None


_CORRECTION = re.compile(r"(?:哦|哎|呃)?[,，]?(?:不对|不是这|不是那|不是,|错了|说错|我说错|搞错)")


def _question(knowledge: Knowledge, part: Part, memory: Memory) -> Question | None:
    facet = knowledge.facets[part.facet]
    if _CORRECTION.match(part.text) or (
        (len(part.text) <= 14 or part.confidence < SURE) and _relative_stage(knowledge, part.text, memory)
    ):
        return _bare(knowledge, part, memory)
    if facet.id == "adopted_opinions" and memory.facet == "opinion_counts" and len(part.text) <= 8:
        facet = knowledge.facets["opinion_counts"]
    if facet.kind == "context":
        if len(part.text) - sum(len(knowledge.subjects[c[0]].short) for c in part.subjects if c) <= 4:
            return _bare(knowledge, part, memory)
        second = next((f for f, c in part.facets[1:] if knowledge.facets[f].kind == "policy" and c >= RUNNER_UP), "")
        if not second or len(part.text) < 7:
            return _bare(knowledge, part, memory)
        facet = knowledge.facets[second]
    mentions = tuple(c[0] for c in _mentioned(knowledge, part) if c)
    forms, place = q.forms(part.text), q.ordinal(part.text)
    if facet.id == "unknown_quantity" and any(knowledge.subjects[s].type == "unit_kind" for s in mentions):
        facet = knowledge.facets["consulted_units"]
    if facet.kind != "policy":
        return Question(facet.id, mentions, part.text, forms, place, mentions)
    if facet.id == "unit_role" and "牵头" in part.text and "哪" in part.text:
        facet = knowledge.facets["unit_tasks"]
    tasks = [s for s in mentions if knowledge.subjects[s].type in ("task", "topic")]
    if part.confidence < UNSURE and tasks and "yesno" in forms and len(part.text) <= 12:
        return Question("task_membership", tuple(tasks), part.text, forms, place, mentions)
    subjects, named = _subjects(knowledge, facet, part, memory)
    return Question(facet.id, subjects, part.text, forms, place, mentions, named)


_THEN = re.compile(r"当时|那时|那次|那轮|那会")


def _in_context(knowledge: Knowledge, part: Part, memory: Memory) -> Part:
    """Prefer, for a short question, the facet that was talked about and those of its group."""
    previous = knowledge.facets.get(memory.facet)
    top = knowledge.facets[part.facet]
    if previous is None or len(part.text) > 12 or top.kind == "context" or top.id == previous.id:
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


def _pinned(knowledge: Knowledge, part: Part) -> Question | None:
    """Answer an uncertain question with the fact that holds most of its words, where one does."""
    if part.confidence >= SURE or _kind(knowledge, part) == "smalltalk":
        return None
    if _kind(knowledge, part) == "unknown" and part.confidence >= UNSURE:
        return None
    fact, share = selector(knowledge).coverage(part.text)
    if fact is None or share < COVERED or len(part.text) < 6:
        return None
    about = {*fact.subjects, *fact.names, *fact.items}
    named = {s for candidates in part.subjects for s in candidates if knowledge.subjects[s].type != "place"}
    if named and not named & about:
        return None
    return Question(fact.facets[0], fact.subjects[:1], part.text, q.forms(part.text), pinned=fact.id)


_TOGETHER = re.compile(r"分别|各|和|跟|与|还有|以及|区别|不同")


def _twins(knowledge: Knowledge, part: Part, memory: Memory) -> list[Question]:
    """Return the questions of a clause that names two facets: 试点任务跟示范领域分别是什么."""
    if not _TOGETHER.search(part.text) or len(part.text) > 24 or _kind(knowledge, part) not in ("policy", "context"):
        return []
    named = {
        facet.id: cue
        for facet in knowledge.facets.values()
        for cue in facet.cues
        if len(cue) >= 3 and re.search(f"(?<![未没]){cue}", part.text) and facet.kind == "policy"
    }
    if len(named) != 2 or part.facet not in named:
        return []
    ordered = sorted(named, key=lambda facet: part.text.index(named[facet]))
    first, second = (named[facet] for facet in ordered)
    if not _TOGETHER.search(part.text[part.text.index(first) + len(first) : part.text.index(second)]):
        return []
    found = [_question(knowledge, dataclasses.replace(part, facets=((facet, 1.0),)), memory) for facet in ordered]
    return [f for f in found if f]


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
        return dataclasses.replace(best, subjects=best.subjects or whole.subjects)
    return whole


def resolve(knowledge: Knowledge, reading: Reading, memory: Memory) -> list[Question]:
    """Return the questions of a message, in order; an empty list where the assistant must ask back."""
    whole = _core(knowledge, reading)
    found: list[Question] = []
    clauses = [
        p for p in reading.parts[1:] if p.confidence >= SURE and _kind(knowledge, p) == "policy" and q.forms(p.text)
    ]
    distinct = {p.facet for p in clauses}
    if len(distinct) >= 2 and reading.whole.confidence < CERTAIN:
        inherited = memory
        for part in clauses:
            asked = _question(knowledge, part, inherited)
            if asked and asked.facet not in {f.facet for f in found}:
                found.append(asked)
                inherited = Memory(asked.facet, asked.subjects + memory.subjects, memory.facts)
        return found[:MAX_QUESTIONS]
    twins = _twins(knowledge, whole, memory)
    if twins:
        return twins
    leaning = _in_context(knowledge, whole, memory)
    pinned = _pinned(knowledge, whole) if leaning is whole and not (memory.facet and len(whole.text) <= 12) else None
    asked = pinned or _question(knowledge, leaning, memory)
    return [asked] if asked else []
