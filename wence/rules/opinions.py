"""Rules about the opinions: how many, which were rejected, whose, what they proposed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from wence import lists
from wence import question as q
from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import OUTSIDER, Knowledge
from wence.rules.stated import detailed, from_facts, gap, not_stated
from wence.selection import selector
from wence.subject_choice import opinions_of
from wence.verdict import NO, YES


def opinion_counts(knowledge: Knowledge, question: Question) -> Answer:
    """Say how many opinions were made, adopted, rejected, or which share was."""
    fact = knowledge.facts["consultation.counts"]
    text = question.text
    others = [s for s in question.mentioned if knowledge.subjects[s].kind and not opinions_of(knowledge, (s,))]
    if others:
        return _own_opinion(knowledge, others)
    if re.search(r"月|什么时候", text) and question.forms & {"when", "choice"}:
        units = knowledge.facts["consultation.units"]
        return from_fact(units, f"{units.say}{fact.say}", extra=(fact,))
    negative = re.search(r"[没未不]有?(?:被)?[采接同吸]|驳|否|拒|落选", text)
    positive = re.search(r"(?<![没未不])(?<!没被)(?<!未被)(?<!没有)采[纳那]|接受|吸收|听进", text)
    if re.search(r"率|比例|百分|几成|占|过半|一半", text):
        return from_fact(fact, fact.says["rate"])
    if re.search(r"全部?[都]?(?:给)?采|都(?:被|给)?采|一条(?:没|不)|全都|统统|照单全收|全数|全被|悉数", text):
        return from_fact(fact, fact.says["denial"])
    text, count, facet = fact.say, 9, ""
    if negative and not positive:
        text, count = fact.says["rejected"], 4
    elif positive and not negative:
        text, count, facet = fact.says["adopted"], 5, "adopted_opinions"
    claimed = [number for number, _ in q.numbers(question.text)]
    lead = "" if not claimed or "yesno" not in question.forms else YES if set(claimed) == {count} else NO
    return dataclasses.replace(from_fact(fact, lead + text), facet=facet)


def _own_opinion(knowledge: Knowledge, units: Sequence[str]) -> Answer:
    """Say that the sources do not tell what a unit proposed whose opinion is not among the rejected ones."""
    names = "、".join(knowledge.subjects[unit].name for unit in units)
    counts = knowledge.facts["consultation.counts"]
    return not_stated(knowledge, f"{names}提了什么意见、有几条", (counts,), tuple(units), (names,))


def adopted_opinions(knowledge: Knowledge, question: Question) -> Answer:
    """Count the adopted opinions; what they say is not stated."""
    if re.search(r"剩|其余|余下|[没未]被?采", question.text):
        return from_fact(knowledge.facts["opinions.rejected"])
    if {"count"} & question.forms and not re.search(r"什么|内容|哪|谁|具体", question.text):
        return opinion_counts(knowledge, question)
    return gap(knowledge, question)


def without_opinion(knowledge: Knowledge, question: Question) -> Answer | None:
    """Correct the belief that a unit without one made an opinion that was rejected."""
    if question.facet == "rejected_opinions" and re.search(r"针对|哪些地方|哪[1一]?页", question.text):
        return proposal(knowledge, dataclasses.replace(question, facet="proposal_place"))
    units = [s for s in question.subjects if knowledge.subjects[s].type == "unit"]
    if any(knowledge.facts_about(question.facet, s) for s in question.subjects):
        return None
    others = [s for s in units if knowledge.subjects[s].kind or s.startswith(OUTSIDER)]
    if (
        others
        and question.facet in ("proposal", "rejected_opinions")
        and not re.search(r"[没未不]|驳|拒|否", question.text)
    ):
        return _own_opinion(knowledge, others)
    if others:
        fact = knowledge.facts["opinions.rejected"]
        names = [knowledge.subjects[s].name for s in others]
        return from_fact(
            fact, f"没有{'、'.join(names)}提的：{fact.say}", echoed=tuple(names), subjects=question.subjects
        )
    return None


def about_opinions(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer about rejected opinions: not of other units, and of the detail where one is named."""
    return without_opinion(knowledge, question) or proposal(knowledge, question)


def proposal(knowledge: Knowledge, question: Question) -> Answer | None:
    """Answer of the detail of an opinion where one is named, of all rejected ones where none is."""
    precise = [s for s in question.subjects if knowledge.subjects[s].type in ("opinion", "topic")]
    if precise and tuple(precise) != question.subjects:
        return from_facts(knowledge, dataclasses.replace(question, subjects=tuple(precise)))
    if question.facet == "proposal_place" and question.subjects == ("doc.plan",):
        return from_fact(knowledge.facts["opinions.places"])
    if not question.subjects:
        plain = knowledge.facts["opinions.rejected"]
        return from_fact(selector(knowledge).best(question.text, detailed(knowledge, question.facet), plain) or plain)
    return None


def adoption_check(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say whether something was adopted, or stands among the tasks."""
    if not question.subjects:
        name = q.asked_name(question.text)
        if name and "建议" not in name and "意见" not in name:
            return lists.membership(knowledge, knowledge.facts["plan.tasks"], (), [name], "16项重点任务")
        return opinion_counts(knowledge, question)
    tasks = [s for s in question.subjects if knowledge.subjects[s].type == "task"]
    if tasks and tasks[0] != "task.community":
        return lists.membership(knowledge, knowledge.facts["plan.tasks"], tasks, (), "16项重点任务")
    return proposal(knowledge, question)
