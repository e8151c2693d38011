"""Rules about the drafting process: what happened when, and who was asked in which round."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from wence import question as q
from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import chosen, detailed, gap, not_stated
from wence.selection import selector
from wence.verdict import YES, verdict

_WHICH_OFFICE = re.compile(r"哪[1一]?[个几些]?科室?|科室(?:名字|名称)?叫|什么科|科室.{0,4}名")


def legal_review(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say that the sources do not name the offices which reviewed the law, where their names are asked."""
    if _WHICH_OFFICE.search(question.text):
        near = knowledge.facts["process.legal_review"]
        return not_stated(knowledge, "做法制审查的是局里哪个科室", (near,), question.subjects)
    return None


def process_event(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say what happened in the stages that are asked."""
    if not question.subjects:
        if q.dates(question.text):
            date = q.dates(question.text)[0]
            when = "".join((f"{date.year}年" if date.year else "", f"{date.month}月" if date.month else ""))
            return not_stated(knowledge, f"{when}的情况", (), (), (when,))
        return from_fact(knowledge.facts["process.overview"])
    events = [f for s in question.subjects for f in knowledge.facts_about("process_event", s)]
    if len(events) > 3:
        return from_fact(knowledge.facts["process.overview"], extra=())
    if len(events) < 2:
        return None
    texts, total = [], 0
    for event in events:
        if total + len(event.say) <= 300:
            texts.append(event.say)
            total += len(event.say)
    return from_fact(events[0], "".join(texts), extra=events[1 : len(texts)], subjects=question.subjects)


ROUNDS = ("stage.september", "stage.november")


def _round_of(knowledge: Knowledge, units: Sequence[str], claimed: Sequence[str]) -> Answer:
    """Say in which round units were asked, where the sources name them there, and deny the round that is claimed."""
    facts = [fact for stage in ROUNDS for fact in knowledge.facts_about("consultation_round", stage)[:1]]
    found = [fact for fact in facts if set(units) & set(fact.names)]
    names = "、".join(knowledge.subjects[unit].name for unit in units)
    if not found:
        rounds = knowledge.facts["process.rounds"]
        return not_stated(knowledge, f"{names}是哪一轮被征求意见的", (rounds,), tuple(units), (names,))
    lead = ""
    if claimed:
        # Of those asked in a round only three are named: that another was not asked is nowhere said.
        is_named = set(claimed) <= {stage for fact in found for stage in fact.subjects}
        lead = YES if is_named else f"那一轮没有点名{names}，点名的是这一轮："
    return from_fact(found[0], lead + found[0].say, extra=found[1:], subjects=tuple(units), echoed=(names,))


def consultation_round(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say who was asked in September or in November, and who of them is named."""
    if q.REST.search(question.text):
        return gap(knowledge, dataclasses.replace(question, facet="unknown_detail"))
    rounds = [s for s in question.subjects if s in ROUNDS]
    units = [s for s in question.mentioned if s in knowledge.facts["consultation.units"].items]
    if units and (len(rounds) != 1 or "yesno" in question.forms):
        return _round_of(knowledge, units, rounds if len(rounds) == 1 else ())
    detail = selector(knowledge).best(question.text, detailed(knowledge, question.facet), None)
    if detail is not None and not rounds:
        return from_fact(detail)
    if not rounds or len(rounds) > 1 or "compare" in question.forms:
        return from_fact(knowledge.facts["process.rounds"], subjects=tuple(rounds) or ("stage.november",))
    fact = chosen(knowledge, question, rounds[0])
    if fact is None:
        return None
    return from_fact(fact, verdict(knowledge, fact, question) + fact.say, subjects=tuple(rounds))
