"""Rules for questions whose facet is mostly not stated: what the sources do say nearby."""

from __future__ import annotations

import dataclasses
import re

from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.process import consultation_round
from wence.rules.stated import gap


def contact(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that office hours are not stated, where they are asked."""
    if re.search(r"周[末六日]|上班|几点|节假日|有人接|24小时|晚上|中午", question.text):
        return gap(knowledge, dataclasses.replace(question, facet="unknown_address"))
    return None


def detail(knowledge: Knowledge, question: Question) -> Answer | None:
    """Name the departments that the sources do name, where they are asked."""
    if re.search(r"点名|点到名|写了名字|列了名字|提到名字|写出名字", question.text) and not re.search(
        r"[没未]|其余|其他|剩|另外", question.text
    ):
        return consultation_round(knowledge, question)
    return None


_POST = re.compile(r"职务|职位|级别|领导|年龄|多大|几岁|主任|局长|科长|处长|当官|什么官|头衔|履历")


def fulltext(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell where the public information stands, where the website is asked."""
    if re.search(r"网站|栏目|门户|来源|公开信息", question.text):
        source = "interpretation.source" if "来源" in question.text else "public_pages"
        return from_fact(knowledge.facts[source])
    return None


def other_pilots(knowledge: Knowledge, question: Question) -> Answer | None:
    """Correct the belief that there is one pilot city only."""
    if re.search(r"只有|就(?:只|是)?(?:有)?(?:我们|三门峡)|唯[一1]|独[一1]|光", question.text):
        return from_fact(knowledge.facts["pilot.one_of_many"])
    return None


def money(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell which requirement is about money, where that is asked."""
    if re.search(r"要求|哪[1一]?[条个项]", question.text) and "多少" not in question.text:
        return from_fact(knowledge.facts["requirement.3.content"])
    return None


def official(knowledge: Knowledge, question: Question) -> Answer | None:
    """Tell who the interpreter is, where not his post is asked."""
    if "person.interpreter" in question.mentioned and not _POST.search(question.text):
        return from_fact(knowledge.facts["contact.person"])
    return None
