"""Yes or no: whether what a question asserts is what a fact states.

    verdict(knowledge, fact, question)  → 「是的，」, 「不是，」, or nothing where the fact does not settle it

Only what can be compared one to one is judged: a subject with the subjects that are the fact's answer, a single
count with the only count of its measure word, dates with the dates of a facet that asks for one.
"""

from __future__ import annotations

import re

from wence import question as q
from wence.asked import Question
from wence.knowledge import Fact, Knowledge
from wence.text import normalise

YES, NO = "是的，", "不是，"
#: Facets that ask for a date.
DATED = frozenset(
    {
        "document_date",
        "validity",
        "pilot_designation",
        "goal_date",
        "finalisation",
        "first_draft",
        "survey",
        "major_revision",
        "legal_review",
        "government_review",
        "assessment",
    }
)


def verdict(knowledge: Knowledge, fact: Fact, question: Question) -> str:
    """Return the yes or no that a fact gives to a question, or nothing."""
    if "yesno" not in question.forms or "choice" in question.forms or fact.say.startswith(("没有", "不", "未")):
        return ""
    counts, dates = _counts(fact, question), _dates(fact, question, knowledge)
    votes = [
        vote
        for vote in (_subjects(knowledge, fact, question), counts, dates, _number(knowledge, fact, question))
        if vote
    ]
    if NO in votes:
        return NO
    open_claims = (q.numbers(question.text) and not counts) or (q.dates(question.text) and not dates)
    return YES if votes and not open_claims else ""


def _subjects(knowledge: Knowledge, fact: Fact, question: Question) -> str:
    types = {knowledge.subjects[name].type for name in fact.names}
    claimed = [s for s in question.mentioned if knowledge.subjects[s].type in types and s not in fact.subjects]
    if not claimed:
        return ""
    return YES if all(s in fact.names for s in claimed) else NO


def _counts(fact: Fact, question: Question) -> str:
    stated = q.numbers(normalise(fact.say))
    claimed = q.numbers(question.text)
    votes = []
    for number, measure in claimed:
        same = {len(fact.items)} if fact.complete else {n for n, m in stated if m == measure}
        if len(same) == 1:
            votes.append(number in same)
    if not votes:
        return ""
    if not all(votes):
        return NO
    return YES if len(votes) == len(claimed) else ""


def _dates(fact: Fact, question: Question, knowledge: Knowledge) -> str:
    if question.facet not in DATED or any(knowledge.subjects[s].type == "stage" for s in question.subjects):
        return ""
    claimed, stated = q.dates(question.text), q.dates(normalise(fact.say))[:2]
    if not claimed or not stated:
        return ""
    if any(c.month and not any(s.month for s in stated) for c in claimed):
        return ""
    return YES if all(any(_agrees(c, s) for s in stated) for c in claimed) else NO


def _agrees(claimed: q.Date, stated: q.Date) -> bool:
    pairs = ((claimed.year, stated.year), (claimed.month, stated.month), (claimed.day, stated.day))
    return all(a == b for a, b in pairs if a and b)


_DOCUMENT_NUMBER = re.compile(r"\d{4}(\d{1,4})号|(?<!\d)(\d{1,4})号")


def _number(knowledge: Knowledge, fact: Fact, question: Question) -> str:
    if question.facet != "document_number":
        return ""
    # A document that is named by its number asserts nothing by it.
    naming = " ".join(normalise(a) for s in question.subjects for a in knowledge.subjects[s].aliases)
    claimed = {a or b for a, b in _DOCUMENT_NUMBER.findall(question.text)}
    claimed -= {a or b for a, b in _DOCUMENT_NUMBER.findall(naming)}
    stated = {a or b for a, b in _DOCUMENT_NUMBER.findall(normalise(fact.value[0]))}
    if not claimed or not stated:
        return ""
    return YES if claimed <= stated else NO
