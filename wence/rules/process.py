"""Rules about the drafting process: what happened when, and who was asked in which round."""

from __future__ import annotations

from wence import question as q
from wence.answer import Answer, from_fact
from wence.asked import Question
from wence.knowledge import Knowledge
from wence.rules.stated import chosen, not_stated
from wence.verdict import verdict


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


def consultation_round(knowledge: Knowledge, question: Question) -> Answer | None:
    """Say who was asked in September or in November, and who of them is named."""
    rounds = [s for s in question.subjects if s in ("stage.september", "stage.november")]
    if not rounds or len(rounds) > 1 or "compare" in question.forms:
        return from_fact(knowledge.facts["process.rounds"], subjects=tuple(rounds) or ("stage.november",))
    fact = chosen(knowledge, question, rounds[0])
    if fact is None:
        return None
    claimed = [s for s in question.mentioned if knowledge.subjects[s].type == "unit"]
    if claimed and "yesno" in question.forms and not all(c in fact.names for c in claimed):
        names = "、".join(knowledge.subjects[c].name for c in claimed if c not in fact.names)
        return from_fact(fact, f"没有点名{names}：{fact.say}", echoed=(names,), subjects=tuple(rounds))
    lead = "是的，" if claimed and "yesno" in question.forms else verdict(knowledge, fact, question)
    return from_fact(fact, lead + fact.say, subjects=tuple(rounds))
