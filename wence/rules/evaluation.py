"""Rules about the evaluation of the pilot: its measures, and what follows from it."""

from __future__ import annotations

import dataclasses
import re

from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import from_facts, gap, not_stated

_MEASURES = re.compile(r"指标|分数线|打分(?:标准|指标|细则|表)|评分|多少分|奖补|奖金|奖励|给不给钱|补助")


def assessment(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that measures and rewards of the evaluation are not stated, where they are asked."""
    if _MEASURES.search(question.text):
        return gap(knowledge, dataclasses.replace(question, facet="unknown_result"))
    return None


def certification(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say how the title is awarded, and deny that it comes by itself."""
    if _MEASURES.search(question.text):
        return gap(knowledge, dataclasses.replace(question, facet="unknown_result"))
    fact = knowledge.facts["evaluation.outcome"]
    if re.search(r"自动|直接|印发了|不用评|就算|就是示范市|现在.*(?:是|算)|板上|肯定能|一定", question.text):
        return from_fact(fact, fact.says["denial"])
    if re.search(r"没通过|不通过|没过|通不过|不合格|失败|落选|没评上|评不上|过不了", question.text):
        return not_stated(knowledge, "没有通过评估会怎样", (fact,))
    return from_facts(knowledge, question)
