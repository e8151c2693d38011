"""Rules about documents: validity, basis, order, and several of them at once."""

from __future__ import annotations

import dataclasses
import datetime
import re

from wence import replies
from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import detailed, from_facts, not_stated
from wence.selection import selector


def validity(knowledge: Knowledge, question: Question, today: datetime.date) -> Answer | None:
    """Say until when the plan holds and, by `today`, whether that has passed."""
    answer = from_facts(knowledge, question)
    if answer is None:
        return None
    fact = knowledge.facts[answer.facts[0]]
    lapsed = fact.expires and today > datetime.date.fromisoformat(fact.expires)
    note = (replies.LAPSED if lapsed else replies.CURRENT).format(today=f"{today.year}年{today.month}月{today.day}日")
    return from_fact(fact, fact.say + note, subjects=question.subjects)


def basis(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer the plan's basis where a document is named that is part of it, or is held to be."""
    fact = knowledge.facts["plan.basis"]
    claimed = [s for s in question.subjects if s not in (*fact.items, *fact.subjects)]
    if claimed and "yesno" in question.forms and _IS_BASIS.search(question.text):
        names = "、".join(knowledge.subjects[s].name for s in claimed)
        return from_fact(fact, f"不是，{fact.say}", echoed=(names,), subjects=tuple(claimed))
    if set(question.subjects) <= set(fact.items) and re.search(r"方案|制定|份|哪[个几]", question.text):
        return from_fact(fact)
    return None


def document_order(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say which of two documents came first."""
    detail = selector(knowledge).best(question.text, detailed(knowledge, question.facet), None)
    timeline = knowledge.facts["documents.timeline"]
    if len(set(question.mentioned) & set(timeline.subjects)) > 2:
        detail = timeline
    if detail is not None:
        return from_fact(detail)
    if {"doc.plan", "doc.interpretation"} & set(question.subjects) and not {"doc.guideline", "doc.notice"} & set(
        question.subjects
    ):
        plan, interpretation = knowledge.facts["plan.date"], knowledge.facts["interpretation.date"]
        return from_fact(plan, f"《工作方案》在先：{plan.say}{interpretation.say}", extra=(interpretation,))
    return from_fact(knowledge.facts["documents.order"])


_IS_BASIS = re.compile(r"(?:是|算|作|属于|当|列)[^,]{0,12}依据|依据[^,]{0,8}(?:包括|包含|有|里|中)|依据吧|依据吗")
#: What somebody chose, and no source says why.
_CHOSEN = ("document_number", "document_title")
_BOTH = re.compile(r"先|还是|同一天|同时|哪个[先早]|先后|和|跟|与|分别|各")


def documents(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer a facet of several documents one by one; the name of a task is asked like that of a document."""
    tasks = [s for s in question.mentioned if knowledge.subjects[s].type == "task"]
    if question.facet == "document_title" and tasks and not question.named:
        return from_fact(
            knowledge.facts["plan.tasks"],
            f"叫{knowledge.subjects[tasks[0]].name}，是16项重点任务之一。",
            subjects=tuple(tasks),
        )
    if (
        question.subjects == ("doc.interpretation",)
        and _BOTH.search(question.text)
        and re.search(r"方案(?!的?政?策?解读)", question.text)
    ):
        return documents(knowledge, dataclasses.replace(question, subjects=("doc.plan", "doc.interpretation")))
    if "why" in question.forms and question.facet in _CHOSEN and question.subjects:
        names = tuple(knowledge.subjects[s].name for s in question.subjects)
        what = f"{'、'.join(names)}为什么是这个{knowledge.facets[question.facet].title}"
        return not_stated(knowledge, what, (), question.subjects, names)
    if len(question.subjects) < 2:
        return None
    answers = [
        from_facts(knowledge, dataclasses.replace(question, subjects=(s,), forms=frozenset()))
        for s in question.subjects[:3]
    ]
    known = [a for a in answers if a]
    if len(known) < 2:
        return None
    return Answer(
        "".join(a.text for a in known),
        tuple(f for a in known for f in a.facts),
        tuple(dict.fromkeys(x for a in known for x in a.quotes)),
        subjects=question.subjects,
    )
