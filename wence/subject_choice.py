"""Which subjects a question is about: named, dated, picked by an ordinal, remembered, or the default of its facet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from wence import question as q
from wence.asked import Memory
from wence.knowledge import Facet, Knowledge
from wence.reading import Part


def mentioned_in(knowledge: Knowledge, part: Part) -> tuple[tuple[str, ...], ...]:
    """Return the subjects that a part names, each with its candidates."""
    return tuple(tuple(s for s in candidates if s in knowledge.subjects) for candidates in part.subjects)


def accepted(knowledge: Knowledge, facet: Facet, mentions: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the subjects among the mentioned ones that a facet takes."""
    chosen: list[str] = []
    for candidates in mentions:
        fitting = [s for s in candidates if knowledge.subjects[s].type in facet.takes]
        fitting.sort(key=lambda s: facet.takes.index(knowledge.subjects[s].type))
        if fitting and fitting[0] not in chosen:
            chosen.append(fitting[0])
    return tuple(chosen)


def stages_in(knowledge: Knowledge, text: str) -> tuple[str, ...]:
    """Return the stages that the dates of a text point at."""
    if re.search(r"2021年(?:起|开始|以来)", text):
        return ("stage.annual",)
    found: list[str] = []
    for date in q.dates(text):
        found += [s.id for s in q.stages_at(knowledge, date) if s.id not in found]
    return tuple(found)


def items_of(knowledge: Knowledge, facts: Sequence[str]) -> tuple[str, ...]:
    """Return the list that the last answer gave, or nothing."""
    for fact in facts:
        if fact in knowledge.facts and knowledge.facts[fact].items:
            return knowledge.facts[fact].items
    return ()


def basis_of(knowledge: Knowledge) -> tuple[str, ...]:
    """Return the documents that the plan is based on."""
    basis = knowledge.facts_about("basis", knowledge.facets["basis"].default)
    return basis[0].items if basis else ()


def pick(items: Sequence[str], ordinal: int) -> str:
    """Return the item at a place counted from 1, or from the end where negative; nothing beyond."""
    index = ordinal - 1 if ordinal > 0 else len(items) + ordinal
    return items[index] if 0 <= index < len(items) else ""


def opinions_of(knowledge: Knowledge, subjects: Iterable[str]) -> tuple[str, ...]:
    """Return the opinions that belong to subjects: a unit's own, and those that a topic is part of."""
    found: list[str] = []
    for subject in map(knowledge.subjects.__getitem__, subjects):
        found += subject.opinions
        found += [o.id for o in knowledge.of_type("opinion") if o.by == subject.id]
    return tuple(dict.fromkeys(found))


def by_ordinals(
    knowledge: Knowledge, facet: str, text: str, subjects: tuple[str, ...], memory: Memory
) -> tuple[str, ...]:
    """Name the subjects that the ordinals of a text pick for a facet, or none."""
    picked = (_by_ordinal(knowledge, facet, text, subjects, memory, place) for place in q.ordinals(text))
    return tuple(dict.fromkeys(filter(None, picked)))


def _by_ordinal(
    knowledge: Knowledge, facet: str, text: str, subjects: tuple[str, ...], memory: Memory, ordinal: int
) -> str:
    requirements = [s.id for s in knowledge.of_type("requirement")]
    if facet == "plan_structure":
        about_requirements = "部分" not in text and items_of(knowledge, memory.facts)[:1] == tuple(requirements[:1])
        return "" if about_requirements else pick([s.id for s in knowledge.of_type("part")], ordinal)
    if facet == "requirements" and re.search(r"第\d[个条项点]|最后[1一]?[个条项]|头[1一]?[个条项]", text):
        return pick(requirements, ordinal)
    if "opinion" in knowledge.facets[facet].takes:
        if any(knowledge.subjects[s].type == "opinion" for s in subjects):
            return ""
        own = opinions_of(knowledge, subjects)
        if not own and not subjects:
            units = (s if knowledge.subjects[s].type == "unit" else knowledge.subjects[s].by for s in memory.subjects)
            own = opinions_of(knowledge, [unit for unit in units if unit][:1])
        return pick(own or [s.id for s in knowledge.of_type("opinion")], ordinal)
    if facet == "process_event":
        return pick([s.id for s in knowledge.of_type("stage") if s.ordinal], ordinal)
    items = basis_of(knowledge) if "依据" in text else items_of(knowledge, memory.facts)
    picked = pick(items, ordinal) if items else ""
    return picked if picked and knowledge.subjects[picked].type in knowledge.facets[facet].takes else ""


def remembered(knowledge: Knowledge, facet: Facet, memory: Memory, count: int) -> tuple[str, ...]:
    """Return the last `count` subjects of the conversation that a facet takes."""
    fitting: list[str] = []
    for subject in filter(knowledge.subjects.__contains__, memory.subjects):
        named = knowledge.subjects[subject]
        if named.type in facet.takes:
            fitting.append(subject)
        elif named.document and "document" in facet.takes:
            fitting.append(named.document)
    return tuple(dict.fromkeys(fitting))[:count]


def documents_in(knowledge: Knowledge, part: Part) -> tuple[str, ...]:
    """Return the document that a date or an issuer points at: 2020年7月那份, 省发改委发的."""
    if "方案" in part.text and not re.search(r"依据|通知|指导", part.text):
        return ()
    stages = [s.id for date in q.dates(part.text) if date.year or date.day for s in q.stages_at(knowledge, date)]
    flat = [c[0] for c in mentioned_in(knowledge, part) if c]
    pointed = [knowledge.subjects[s].document for s in (*stages[:1], *flat)]
    return tuple(dict.fromkeys(filter(None, pointed)))[:1]


#: Asks what stands in the document that was talked about.
INSIDE = re.compile(r"^(?:那)?(?:里面|里头|其中|文中|文件里|那里面|它里面|[按照据依]{1,2}[这那]份文件)")


def _owned(knowledge: Knowledge, facet: Facet, part: Part) -> tuple[str, ...]:
    """Return what belongs to the units that a part names, where a facet takes that and not the units themselves."""
    units = [c[0] for c in mentioned_in(knowledge, part) if c and knowledge.subjects[c[0]].type == "unit"]
    owned = opinions_of(knowledge, units) if "unit" not in facet.takes and "opinion" in facet.takes else ()
    return tuple(s for s in owned if knowledge.facts_about(facet.id, s))


def choose_subjects(knowledge: Knowledge, facet: Facet, part: Part, memory: Memory) -> tuple[tuple[str, ...], bool]:
    """Choose the subjects of a facet: named, by date, by ordinal, remembered, or its default."""
    named = accepted(knowledge, facet, mentioned_in(knowledge, part))
    if not facet.id.startswith("document_") and facet.default == "doc.plan":
        # 「解读里说的背景」 asks for the plan's background: the interpretation is only where it stands.
        named = tuple(s for s in named if s != "doc.interpretation")
    if "stage" in facet.takes:
        dated = stages_in(knowledge, part.text) or relative_stage(knowledge, part.text, memory)
        if facet.default:
            dated = tuple(s for s in dated if knowledge.facts_about(facet.id, s))
        named = dated or tuple(s for s in named if knowledge.subjects[s].type == "stage") or named
    if "document" in facet.takes and (not named or (named == ("doc.plan",) and "依据" in part.text)):
        named = documents_in(knowledge, part) or named
    if not named:
        named = _owned(knowledge, facet, part)
    picked = by_ordinals(knowledge, facet.id, part.text, named, memory)
    if picked:
        return picked, True
    documents = [s for s in memory.subjects if knowledge.subjects[s].type == "document"]
    inside = [s for s in documents if knowledge.facts_about(facet.id, s)]
    if inside and INSIDE.search(part.text):
        return (inside[0],), True
    if named:
        return named, True
    pair = 2 if any(word in part.text for word in ("这2", "那2", "它们", "2个")) else 1
    kept = remembered(knowledge, facet, memory, pair)
    if kept and (not facet.default or _leans(part.text, facet, memory, knowledge)):
        return kept, True
    return ((facet.default,) if facet.default else ()), False


_NEXT_STAGE = re.compile(
    r"下[一1]?个?(?:月|阶段|步)|紧接着|接下来|再往后|之后那|然后那|后1个月|2个月(?:之)?后|再后来|后来呢|之后呢|然后呢"
)

_PREVIOUS_STAGE = re.compile(r"上[一1]?个?(?:月|阶段|步)|前[一1]个?(?:月|阶段|步)|在那之前|再往前|[更再]早")


def relative_stage(knowledge: Knowledge, text: str, memory: Memory) -> tuple[str, ...]:
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
