"""Rules about units: which leads a task, what a unit leads, what its role is."""

from __future__ import annotations

import dataclasses
import re

from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import from_facts, gap


def lead_unit(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say who leads each of the tasks asked, and for which of them nobody is named."""
    if not question.subjects:
        if re.search(r"每|各项|都(?:有|写|明)|谁牵头谁配合", question.text):
            return from_fact(knowledge.facts["leads.in_plan"])
        listed = question.facet == "lead_unit" and question.forms & {"list", "count"}
        return from_fact(knowledge.facts["leads.known"]) if listed else None
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


def unit_tasks(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say which lead units are known, where no unit is named."""
    if not question.subjects:
        return from_fact(knowledge.facts["leads.known"])
    return None


def unit_role(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say what a unit does, of the units where tasks are named beside them."""
    if re.search(r"除.{0,8}(?:以外|之外|外|的)(?:的)?(?:部门|单位)", question.text):
        return from_fact(knowledge.facts["unit.other_departments.role"])
    units = tuple(s for s in question.subjects if knowledge.subjects[s].type in ("unit", "unit_kind"))
    if units and units != question.subjects:
        return from_facts(knowledge, dataclasses.replace(question, subjects=units)) or gap(
            knowledge, dataclasses.replace(question, subjects=units)
        )
    return None
