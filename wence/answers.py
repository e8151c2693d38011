"""Looks the facts up and composes the reply: the last two steps of a turn.

    reply_to(knowledge, reading, memory, today)  → Reply and the memory after it

Each question becomes one Answer: by a rule of its facet where a list or a date must be computed, else from
the facts of its facet and subject, else by saying what the sources do not state.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from wence import replies
from wence.answer import Answer, from_fact
from wence.asked import Memory, Question
from wence.dialogue import resolve
from wence.knowledge import ADDED, Knowledge
from wence.options import ask_back, next_questions
from wence.places import elsewhere
from wence.reading import Reading
from wence.replies import Reply, Status
from wence.rules import RULES
from wence.rules.documents import validity
from wence.rules.stated import from_facts, gap, likely_detail
from wence.rules.terms import origin as origin_of_name
from wence.rules.units import with_added_leads
from wence.verdict import verdict

MAX_REMEMBERED = 4

MAX_CITATIONS = 12


def answer(knowledge: Knowledge, question: Question, today: datetime.date) -> Answer | None:
    """Return the answer to one question; None where it cannot be told what is asked about."""
    found = _answer(knowledge, question, today)
    return found and with_added_leads(knowledge, found)


def _answer(knowledge: Knowledge, question: Question, today: datetime.date) -> Answer | None:
    facet = knowledge.facets[question.facet]
    if facet.kind == "smalltalk":
        return Answer(_talk(facet.id, question.text, knowledge.contact_phone), (), (), Status.SMALLTALK)
    if facet.kind == "off":
        return Answer(decline(question.text), (), (), Status.OUT_OF_SCOPE)
    origin = origin_of_name(knowledge, question)
    if origin is not None:
        return origin
    if question.pinned:
        return from_fact(knowledge.facts[question.pinned])
    if facet.id == ADDED:
        return None
    if facet.kind == "unknown":
        rule = RULES.get(facet.id)
        return (rule(knowledge, question) if rule else None) or gap(knowledge, question)
    if facet.id == "validity":
        return validity(knowledge, question, today) or gap(knowledge, question)
    detail = likely_detail(knowledge, question)
    if detail is not None:
        return from_fact(detail, verdict(knowledge, detail, question) + detail.say, subjects=question.subjects)
    rule = RULES.get(facet.id)
    found = rule(knowledge, question) if rule else None
    found = found or from_facts(knowledge, question)
    if found is None and (question.subjects or knowledge.gap_for(facet.id)):
        if not question.subjects and facet.takes and not facet.default:
            return None
        return gap(knowledge, question)
    return found


def _talk(facet: str, text: str, phone: str) -> str:
    if facet == "courtesy":
        if re.search(r"谢|辛苦|麻烦你|有劳", text):
            return replies.THANKS
        return (
            replies.ACKNOWLEDGE
            if re.search(r"^(?:好|嗯|行|哦|知道|明白|了解|收到|懂|晓得|中|ok)", text)
            else replies.PRAISE
        )
    return replies.SMALLTALK[facet].format(phone=phone)


_EMERGENCY = re.compile(
    r"着火|起火|火灾了|失火|救命|报警|打人|抢劫|杀|晕倒|昏迷|急救|煤气泄漏|被困|自杀|车祸|溺水|心梗|中毒"
)


def decline(text: str) -> str:
    """Return the words that decline a question about something else; emergencies are sent to their numbers."""
    if _EMERGENCY.search(text):
        return replies.OUT_OF_SCOPE_EMERGENCY
    return replies.OUT_OF_SCOPE_ELSEWHERE if elsewhere(text) else replies.OUT_OF_SCOPE


def _compose(knowledge: Knowledge, answers: Sequence[Answer], questions: Sequence[Question]) -> Reply:
    kept: list[Answer] = []
    for found in answers:
        if sum(len(k.text) for k in kept) + len(found.text) <= replies.MAX_TEXT and found.text not in [
            k.text for k in kept
        ]:
            kept.append(found)
    statuses = [k.status for k in kept]
    status = Status.ANSWERED if Status.ANSWERED in statuses else statuses[0]
    quotes = list(dict.fromkeys(quote for k in kept for quote in k.quotes))
    facts = tuple(dict.fromkeys(f for k in kept for f in k.facts))
    return Reply(
        status=status,
        text="\n".join(k.text for k in kept),
        facts=facts,
        citations=tuple(knowledge.citation(quote) for quote in quotes[:MAX_CITATIONS]),
        options=next_questions(knowledge, status, facts, questions),
    )


def reply_to(knowledge: Knowledge, reading: Reading, memory: Memory, today: datetime.date) -> tuple[Reply, Memory]:
    """Answer one message and return what the conversation remembers after it."""
    questions = resolve(knowledge, reading, memory)
    answers = [answer(knowledge, question, today) for question in questions]
    known = [a for a in answers if a is not None]
    if not known:
        return ask_back(knowledge, reading, questions), memory
    reply = _compose(knowledge, known, questions)
    last = questions[-1]
    if knowledge.facets[last.facet].kind in ("smalltalk", "off"):
        return reply, memory
    stated = [knowledge.facts[f] for f in reply.facts[:2]]
    opinions = [s for f in stated for s in f.subjects if knowledge.subjects[s].type == "opinion"]
    documents = [s for f in stated for s in f.names if knowledge.subjects[s].type == "document"]
    subjects = tuple(
        dict.fromkeys(
            (*documents, *opinions[:1], *last.subjects, *(s for a in known for s in a.subjects), *memory.subjects)
        )
    )
    return reply, Memory(known[-1].facet or last.facet, subjects[:MAX_REMEMBERED], reply.facts)
