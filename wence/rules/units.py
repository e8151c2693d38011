"""Rules about units: which leads a task, what a unit leads, what its role is."""

from __future__ import annotations

import dataclasses
import re

from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Fact, Knowledge
from wence.rules.stated import LONGEST, from_facts, gap
from wence.verdict import YES

_LEADS_KNOWN, _LEADS_IN_PLAN = "leads.known", "leads.in_plan"
_MOST_LEADS = 400  # characters, of the facts that are said one after the other


def lead_unit(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say who leads each of the tasks asked, and for which of them nobody is named."""
    if not question.subjects:
        if re.search(r"每|各项|都(?:有|写|明)|谁牵头谁配合", question.text):
            return from_fact(knowledge.facts[_LEADS_IN_PLAN])
        listed = question.facet == "lead_unit" and question.forms & {"list", "count"}
        return from_fact(knowledge.facts[_LEADS_KNOWN]) if listed else None
    answers = [from_facts(knowledge, dataclasses.replace(question, subjects=(s,))) for s in question.subjects[:3]]
    known = [a for a in answers if a]
    missing = [s for s, a in zip(question.subjects, answers, strict=False) if not a]
    if known and missing:
        names = "、".join(knowledge.subjects[s].name for s in missing)
        text = "".join(a.text for a in known) + f"{names}的{knowledge.facets[question.facet].title}没有写。"
        return Answer(
            text,
            tuple(f for a in known for f in a.facts),
            tuple(x for a in known for x in a.quotes),
            subjects=question.subjects,
            echoed=(names,),
        )
    if len(known) > 1:
        return Answer(
            "".join(a.text for a in known),
            tuple(f for a in known for f in a.facts),
            tuple(x for a in known for x in a.quotes),
            subjects=question.subjects,
        )
    return None


def with_added_leads(knowledge: Knowledge, answer: Answer) -> Answer:
    """Return an answer that lists the known lead units with those that officials added; any other as it is."""
    added = [fact for fact in knowledge.facts.values() if fact.added and "lead_unit" in fact.facets]
    listing = next((knowledge.facts[f] for f in answer.facts[:1] if f in (_LEADS_KNOWN, _LEADS_IN_PLAN)), None)
    if listing is None or not added:
        return answer
    known = [
        fact for task in knowledge.facts[_LEADS_KNOWN].items for fact in knowledge.facts_about("lead_unit", task)[:1]
    ]
    leads = list(dict.fromkeys((*known, *added)))
    tasks = tuple(
        s for s in dict.fromkeys(s for f in leads for s in f.subjects) if knowledge.subjects[s].type == "task"
    )
    # What follows the first clause speaks of the documents alone.
    text = f"{listing.say.partition('；')[0]}。" if listing.id == _LEADS_IN_PLAN else ""
    text += f"已经知道{len(tasks)}项任务的牵头单位。"
    said = [fact for place, fact in enumerate(leads) if sum(len(f.say) for f in leads[: place + 1]) <= _MOST_LEADS]
    text += "".join(fact.say for fact in said)
    if len(said) < len(leads) or any(gap.facet == "lead_unit" and gap.subjects for gap in knowledge.gaps):
        text += "其余的可以按任务的名称来问。"
    return from_fact(listing, text, extra=said, subjects=answer.subjects, counted=((len(tasks), tasks),))


def _led(knowledge: Knowledge, unit: str) -> list[Fact]:
    """Return the added facts that give a unit as the lead unit of a task."""
    return [f for f in knowledge.facts.values() if f.added and "lead_unit" in f.facets and unit in f.names]


def _of_led(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say what a unit leads, where officials added some of it."""
    units = [s for s in question.subjects if knowledge.subjects[s].type == "unit"]
    added = [fact for unit in units for fact in _led(knowledge, unit)]
    if not added:
        return None
    stated = [fact for unit in units for fact in knowledge.facts_about(question.facet, unit)[:1]]
    facts = list(dict.fromkeys((*stated, *added)))
    told = {subject for fact in facts for subject in (*fact.subjects, *fact.names)}
    claimed = {s for s in question.mentioned if knowledge.subjects[s].type == "task"}
    lead = YES if "yesno" in question.forms and claimed and claimed <= told else ""
    text = lead + facts[0].say
    text += "".join(fact.say for fact in facts[1:] if len(text) + len(fact.say) <= LONGEST)
    return from_fact(facts[0], text, extra=facts[1:], subjects=question.subjects)


def unit_tasks(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say which lead units are known, where no unit is named, and what officials added of one that is."""
    if not question.subjects:
        return from_fact(knowledge.facts[_LEADS_KNOWN])
    return _of_led(knowledge, question)


def unit_role(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say what a unit does, of the units where tasks are named beside them."""
    if re.search(r"除.{0,8}(?:以外|之外|外|的)(?:的)?(?:部门|单位)", question.text):
        return from_fact(knowledge.facts["unit.other_departments.role"])
    units = tuple(s for s in question.subjects if knowledge.subjects[s].type in ("unit", "unit_kind"))
    if units and units != question.subjects:
        return from_facts(knowledge, dataclasses.replace(question, subjects=units)) or gap(
            knowledge, dataclasses.replace(question, subjects=units)
        )
    return _of_led(knowledge, question)
