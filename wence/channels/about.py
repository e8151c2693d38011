"""What a page shows before the first question: `about(knowledge, keep_days)`, as the web channel sends it.

Everything in it is a fact of the knowledge or a constant of `wence.replies`.
"""

from __future__ import annotations

import datetime
from typing import Any

from wence import options, replies
from wence.knowledge import Knowledge, Source

TITLE_FACT = "plan.title"
NUMBER_FACT = "plan.number"
DATE_FACT = "plan.date"
VALIDITY_FACT = "plan.validity"


def about(knowledge: Knowledge, keep_days: int) -> dict[str, Any]:
    """Return the policy, the sources, the greeting and notices, and the questions to start with.

    Missed questions are kept for `keep_days`.
    """
    return {
        "title": replies.TITLE,
        "policy": {
            "name": _value(knowledge, TITLE_FACT),
            "number": _value(knowledge, NUMBER_FACT),
            "date": _value(knowledge, DATE_FACT),
            "validity": _value(knowledge, VALIDITY_FACT),
        },
        "greeting": replies.GREETING,
        "notice": replies.NOTICE,
        "privacy": replies.PRIVACY.format(days=keep_days),
        "phone": knowledge.contact_phone,
        "max_characters": replies.MAX_CHARACTERS,
        "starters": [option.as_dict() for option in options.starters(knowledge)],
        "sources": {source.id: _source(knowledge, source) for source in knowledge.sources.values()},
    }


def _value(knowledge: Knowledge, fact: str) -> str:
    return knowledge.facts[fact].value[0]


def _source(knowledge: Knowledge, source: Source) -> dict[str, str]:
    """Return how a source is called; the number is the plan's where the source is an excerpt of the plan."""
    day = datetime.date.fromisoformat(source.date)
    number = _value(knowledge, NUMBER_FACT)
    proves_number = any(knowledge.quotes[quote].source == source.id for quote in knowledge.facts[NUMBER_FACT].proof)
    return {
        "name": source.title,
        "published": f"{day.year}年{day.month}月{day.day}日",
        "number": number if proves_number else "",
    }
