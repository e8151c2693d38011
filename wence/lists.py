"""Answers that are computed from a list which the sources give whole: is it in there, how many, which of them.

    consulted_units, tasks (and systems, aspects, infrastructure), task_aspect: each takes the knowledge and a
    question and returns an Answer, or None where the plain fact answers better.

A number said here is the length of a list that is quoted, or the place of an item in it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Fact, Knowledge, Subject
from wence.question import asked_name, dates, numbers
from wence.text import normalise
from wence.verdict import NO, YES

LIST_FACTS = {
    "tasks": "plan.tasks",
    "systems": "plan.systems",
    "infrastructure_tasks": "plan.infrastructure",
    "aspects": "plan.aspects",
    "pilot_tasks": "pilot.tasks",
}
LIST_NAMES = {
    "plan.tasks": "16项重点任务",
    "plan.systems": "六大系统",
    "plan.infrastructure": "智慧中枢平台和基础设施方面的10项任务",
    "plan.aspects": "七个方面",
    "pilot.tasks": "试点任务",
}
_COUNT_WORD = {"unit": "个", "task": "项", "aspect": "个", "part": "个", "requirement": "个"}
_NAME_PARTS = (
    "中心",
    "平台",
    "系统",
    "智慧",
    "大数据",
    "数据",
    "网",
    "局",
    "委",
    "办",
    "支队",
    "分公司",
    "公司",
    "5g",
    "政务",
    "安全",
    "运营",
    "城市",
)
_NAME_CUE = re.compile(
    r"带|名字|名称|结尾|字的?|以.{1,4}为名|叫.{0,4}的|哪几[个张项]|哪些|几[个张项家]|有关|相关|跟|开头|打头|含"
)


def unlisted_system(knowledge: Knowledge, text: str) -> str:
    """Return a system of the kind 智慧×× named in a question that the sources do not know, or nothing."""
    known = {n[:4] for n in knowledge.names if n.startswith("智慧")}
    for match in re.finditer(r"智慧[\u4e00-\u9fff]{2}", text):
        if match[0] not in known and match[0][2:] not in ("城市", "应用", "系统", "化服", "开头", "打头", "社会"):
            return match[0]
    return ""


def _join(names: Sequence[str]) -> str:
    return "、".join(names)


def _shorts(knowledge: Knowledge, items: Sequence[str]) -> list[str]:
    return [knowledge.subjects[i].short for i in items]


def named_part(text: str, items: Sequence[Subject]) -> str:
    """Return the part of a name by which a question filters a list (带“中心”的有几个), or nothing."""
    bare = text
    for item in items:
        bare = bare.replace(normalise(item.short), "")
    bare = bare.replace("网络安全", "").replace("6大系统", "").replace("系统建设", "")
    if not _NAME_CUE.search(bare):
        return ""
    for part in _NAME_PARTS:
        if part in bare and any(part in normalise(i.short) for i in items):
            return part
    return ""


def filtered(knowledge: Knowledge, fact: Fact, part: str, noun: str, suffix: bool = False) -> Answer:
    """Answer which items of a list have a part in their names, and how many."""
    names = [
        n for n in _shorts(knowledge, fact.items) if (normalise(n).endswith(part) if suffix else part in normalise(n))
    ]
    kind = knowledge.subjects[fact.items[0]].type
    text = f"{noun}里名称带“{part}”的有{len(names)}{_COUNT_WORD.get(kind, '个')}：{_join(names)}。"
    return from_fact(fact, text, echoed=(part,), counted=((len(names), tuple(names)),))


SAME = re.compile(r"[1一]回事|同[1一]|[1一]码事|[1一]样|是不是[1一]个|区别|不同|分开|[1一]项还是|还是[1一]项|是[2两]项")
_REST = re.compile(
    r"(?:刨|除|去掉|减|扣|抛).{0,6}6(?:大|个)|6(?:大|个)?(?:系统)?(?:之外|以外|外|不算)|剩|其余|另外|余下"
)
_BOTH_ENDS = re.compile(r"(?:第1|头1|首|打头|最前|开头).*(?:最后|末|压尾|收尾|压轴|结尾)")


def nth(knowledge: Knowledge, fact: Fact, place: int, noun: str, text: str = "") -> Answer | None:
    """Answer which item stands at a place of a list, or which are its first and last."""
    if _BOTH_ENDS.search(text):
        first, last = (knowledge.subjects[fact.items[i]].short for i in (0, -1))
        return from_fact(fact, f"按原文列举的顺序，{noun}里第一个是{first}，最后一个是{last}。", positions=(1,))
    index = place - 1 if place > 0 else len(fact.items) + place
    if not 0 <= index < len(fact.items):
        return None
    name = knowledge.subjects[fact.items[index]].short
    return from_fact(
        fact,
        f"按原文列举的顺序，{noun}的第{index + 1}个是{name}。",
        positions=(index + 1,),
        subjects=(fact.items[index],),
    )


def membership(knowledge: Knowledge, fact: Fact, asked: Sequence[str], absent: Sequence[str], noun: str) -> Answer:
    """Answer which of the asked subjects and names are in a list."""
    present = [s for s in asked if s in fact.items or _aspect_in(knowledge, s, fact)]
    outside = [knowledge.subjects[s].name for s in asked if s not in present]
    names = [knowledge.subjects[s].short for s in present]
    missing = [*outside, *(f"“{name}”" for name in absent)]
    if not missing:
        text = f"是的，{_join(names)}在{noun}里。" if len(names) == 1 else f"是的，{_join(names)}都在{noun}里。"
    elif not names:
        text = f"不在，{noun}里没有{_join(missing)}。"
    else:
        text = f"{_join(names)}在{noun}里；{_join(missing)}不在其中。"
    return from_fact(fact, text, echoed=(*outside, *absent), subjects=tuple(asked))


def _aspect_in(knowledge: Knowledge, subject: str, fact: Fact) -> bool:
    return bool(knowledge.subjects[subject].aspect) and knowledge.subjects[subject].aspect in fact.items


def consulted_units(knowledge: Knowledge, question: Question) -> Answer:
    """Answer who was asked for opinions: the whole list, one kind of unit, or whether a unit is on it."""
    fact = knowledge.facts["consultation.units"]
    noun = "2021年9月、11月被征求意见的29个单位"
    text = question.text
    kinds = [s for s in question.subjects if knowledge.subjects[s].type == "unit_kind"]
    units = [s for s in question.subjects if knowledge.subjects[s].type == "unit" and s != "unit.counties"]
    if "unit.counties" in question.subjects and "kind.county" not in kinds:
        kinds.append("kind.county")
    absent: list[str] = []
    units = [u for u in units if not (u == "unit.city_government" and len(units) > 1)]
    if not kinds and not units and not absent and {"yesno"} & question.forms:
        name = asked_name(text)
        if name and not any(n in name for n in ("运营商", "企业", "县", "局委")):
            absent = [name]
    if kinds and not (units and "yesno" in question.forms):
        return _of_kinds(knowledge, fact, kinds, noun, question)
    shared = {knowledge.subjects[u].kind for u in units}
    if len(shared) == 1 and "" not in shared and re.search(r"除|还有(?:哪|谁|什么)|另外", text):
        kind = shared.pop()
        rest = tuple(
            knowledge.subjects[i].name for i in fact.items if knowledge.subjects[i].kind == kind and i not in units
        )
        if rest:
            return from_fact(fact, f"还有{_join(rest)}，都在被征求意见的29个单位里。", subjects=(kind,))
    if units or absent:
        found = membership(knowledge, fact, units, absent, "被征求意见的29个单位")
        if units == ["unit.big_data"] and not absent:
            drafter = knowledge.facts["plan.drafter"]
            return Answer(
                found.text[:-1] + "，它是《工作方案》的起草单位。",
                (*found.facts, drafter.id),
                (*found.quotes, *drafter.proof),
                subjects=found.subjects,
                echoed=found.echoed,
            )
        return found
    part = named_part(text, [knowledge.subjects[i] for i in fact.items])
    if part in ("局", "委", "办", "支队", "公司", "分公司"):
        return filtered(knowledge, fact, part, "29个单位", suffix=part in ("局", "委", "办"))
    if question.ordinal:
        picked = nth(knowledge, fact, question.ordinal, "29个单位", text)
        if picked:
            return picked
    names = _shorts(knowledge, fact.items)
    text = f"2021年9月、11月先后征求了29个单位的意见：{_join(names)}。"
    return from_fact(fact, text)


def _of_kinds(knowledge: Knowledge, fact: Fact, kinds: Sequence[str], noun: str, question: Question) -> Answer:
    sentences, counted = [], []
    for kind in kinds:
        within = (kind, "kind.party") if kind == "kind.department" else (kind,)
        names = [knowledge.subjects[i].name for i in fact.items if knowledge.subjects[i].kind in within]
        sentences.append(f"{knowledge.subjects[kind].name}有{len(names)}个：{_join(names)}")
        counted.append((len(names), tuple(names)))
    if len(kinds) > 1 and "count" in question.forms:
        every = tuple(name for _, names in counted for name in names)
        sentences.append(f"合计{len(every)}个")
        counted.append((len(every), every))
    claimed = [n for n, _ in numbers(question.text) if n != len(fact.items)]
    asserted = "yesno" in question.forms and "count" not in question.forms and not dates(question.text)
    lead = YES if asserted else ""
    if claimed and "yesno" in question.forms:
        lead = YES if all(n == counted[-1][0] for n in claimed) else NO
    return from_fact(
        fact,
        f"{lead}被征求意见的29个单位里，{'；'.join(sentences)}。",
        echoed=tuple(knowledge.subjects[k].name for k in kinds),
        counted=tuple(counted),
        subjects=tuple(kinds),
    )


def of_list(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer a question about the tasks, systems, aspects or pilot tasks: in or out, which, how many."""
    facet = question.facet
    fact_id = _list_asked(question) if facet == "task_membership" else LIST_FACTS[facet]
    if facet == "systems" and _REST.search(question.text):
        fact_id = "plan.infrastructure"
    fact = knowledge.facts[fact_id]
    noun = LIST_NAMES[fact_id]
    asked = [s for s in question.mentioned if knowledge.subjects[s].type in ("task", "topic", "aspect")]
    asked = asked or [s for s in question.subjects if knowledge.subjects[s].type in ("task", "topic", "aspect")]
    if fact_id != "plan.aspects" and any(knowledge.subjects[s].type == "task" for s in asked):
        asked = [s for s in asked if knowledge.subjects[s].type != "aspect"]
    items = [knowledge.subjects[i] for i in fact.items]
    unlisted = "" if asked else unlisted_system(knowledge, question.text)
    if len(asked) > 1 and SAME.search(question.text):
        names = tuple(_shorts(knowledge, asked))
        return from_fact(
            knowledge.facts["plan.tasks"],
            f"不是一回事，{_join(names)}是16项重点任务里分别列出的{len(names)}项。",
            counted=((len(names), names),),
            subjects=tuple(asked),
        )
    if facet == "task_membership" or (asked and "yesno" in question.forms) or unlisted:
        absent = [] if asked else [n for n in [unlisted or asked_name(question.text)] if n]
        if asked and "choice" in question.forms and re.search(r"平台|系统|方面", question.text):
            return task_aspect(knowledge, dataclasses.replace(question, subjects=tuple(asked)))
        if not asked and not absent:
            if facet != "task_membership":
                return None
            return from_fact(fact, fact.say)
        return _in_list(knowledge, fact, asked, absent, noun, question)
    part = named_part(question.text, items)
    if part and not asked and facet != "pilot_tasks" and not (facet == "systems" and part in ("智慧", "系统")):
        suffix = part == "网"
        return filtered(knowledge, fact, part, noun, suffix)
    if question.ordinal:
        return nth(knowledge, fact, question.ordinal, noun, question.text)
    if fact_id != LIST_FACTS.get(facet):
        return from_fact(fact)
    if facet in ("tasks", "systems", "infrastructure_tasks") and not asked and "yesno" in question.forms:
        name = asked_name(question.text)
        if name and not re.search(r"\d|系统|任务|方面|平台和|中枢|基础", name):
            return membership(knowledge, fact, (), [name], noun)
    return None


def _list_asked(question: Question) -> str:
    text = question.text
    if "试点任务" in text or ("试点" in text and "示范" not in text):
        return "pilot.tasks"
    if "6大" in text or "6个系统" in text:
        return "plan.systems"
    if "方面" in text and "16" not in text and "任务" not in text:
        return "plan.aspects"
    if "10项" in text or "10个" in text:
        return "plan.infrastructure"
    return "plan.tasks"


def _in_list(
    knowledge: Knowledge, fact: Fact, asked: Sequence[str], absent: Sequence[str], noun: str, question: Question
) -> Answer:
    tasks = knowledge.facts["plan.tasks"]
    if fact.id == "pilot.tasks":
        inside = [s for s in asked if s in fact.items or s == "aspect.hub"]
        if len(inside) == len(asked) and not absent:
            names = _join([knowledge.subjects[s].short for s in inside])
            return from_fact(fact, f"是的，试点任务里写到了{names}。{fact.say}", subjects=tuple(asked))
        missing = [*(knowledge.subjects[s].short for s in asked if s not in inside), *absent]
        return from_fact(
            fact, f"没有，试点任务里没有列“{_join(missing)}”。{fact.say}", echoed=tuple(missing), subjects=tuple(asked)
        )
    if asked and all(s == "aspect.hub" for s in asked) and fact.id == "plan.tasks":
        hub = knowledge.facts["plan.infrastructure"]
        return from_fact(
            hub,
            f"智慧中枢平台和基础设施是七个方面之一，下面有{len(hub.items)}项重点任务：{_join(_shorts(knowledge, hub.items))}。",
            extra=(knowledge.facts["plan.aspects"],),
            subjects=("aspect.hub",),
        )
    if fact.id == "plan.aspects" and asked and all(knowledge.subjects[s].aspect for s in asked):
        placed = task_aspect(knowledge, dataclasses.replace(question, subjects=tuple(asked)))
        claims = [n for n, _ in numbers(question.text) if n != len(fact.items)] or dates(question.text)
        lead = YES if "yesno" in question.forms and not claims else ""
        return dataclasses.replace(placed, text=lead + placed.text) if placed else from_fact(fact)
    found = membership(knowledge, fact, asked, absent, noun)
    fire = [s for s in asked if knowledge.subjects[s].opinions]
    if fire and fact.id != "pilot.tasks":
        outcome = next(iter(knowledge.facts_about("adoption_check", fire[0])), None)
        if outcome:
            return Answer(
                f"{found.text}{outcome.say}",
                (*found.facts, outcome.id),
                (*found.quotes, *outcome.proof),
                subjects=found.subjects,
                echoed=found.echoed,
            )
    if fact.id == "plan.systems" and found.text.startswith("不在") and asked and all(s in tasks.items for s in asked):
        return Answer(
            f"{found.text[:-1]}；它属于智慧中枢平台和基础设施方面的10项任务。",
            found.facts,
            found.quotes,
            subjects=found.subjects,
            echoed=found.echoed,
        )
    return found


def task_aspect(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer to which of the seven aspects tasks belong."""
    if len(question.subjects) > 1 and SAME.search(question.text):
        return of_list(knowledge, dataclasses.replace(question, facet="tasks"))
    fact, tasks = knowledge.facts["plan.aspects"], knowledge.facts["plan.tasks"]
    subjects = [s for s in question.subjects if knowledge.subjects[s].type in ("task", "aspect", "topic")]
    sentences = []
    for subject in subjects:
        named = knowledge.subjects[subject]
        if named.type == "topic":
            outcome = next(iter(knowledge.facts_about("adoption_check", subject)))
            return from_fact(
                outcome,
                f"不属于，七个方面里没有{named.name}。{outcome.say}",
                extra=(fact,),
                echoed=(named.name,),
                subjects=question.subjects,
            )
        aspect = knowledge.subjects[named.aspect or subject]
        place = fact.items.index(aspect.id) + 1
        what = "本身就是七个方面之一" if aspect.id != "aspect.hub" else "属于“智慧中枢平台和基础设施”这个方面"
        if subject == "aspect.hub":
            what = "本身就是七个方面之一"
        sentences.append(f"{named.short}{what}（按列举顺序是第{place}个）")
    if not sentences:
        return None
    places = tuple(fact.items.index(knowledge.subjects[s].aspect or s) + 1 for s in subjects)
    return from_fact(fact, f"{'；'.join(sentences)}。", extra=(tasks,), subjects=question.subjects, positions=places)
