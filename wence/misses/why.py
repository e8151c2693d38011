"""What counts as a missed question: the rules, and the words for why it was missed.

    Why                               the reasons
    why(status, confidence)           the reason that shows in a reply itself, if there is one
    confidence(reading)               how sure the assistant was of what it answered
    is_left(asked, next_turn, now)    whether a citizen has left after the assistant asked back

No other place knows these rules.
"""

from __future__ import annotations

import enum

from wence.reading import SURE, Part, Reading
from wence.replies import Status

#: A citizen who says nothing for so long after the assistant asked back has left.
LEFT_AFTER_SECONDS = 600.0


class Why(str, enum.Enum):
    """Why a question counts as missed; one question can be missed for several reasons."""

    OUT_OF_SCOPE = "out_of_scope"
    NOT_IN_SOURCE = "not_in_source"
    ASKED_BACK = "asked_back"
    UNSURE = "unsure"
    NOT_HELPFUL = "not_helpful"
    LEFT = "left"


#: What people read.
WORDS = {
    Why.OUT_OF_SCOPE: "当作无关",
    Why.NOT_IN_SOURCE: "没有写",
    Why.ASKED_BACK: "反问",
    Why.UNSURE: "把握低",
    Why.NOT_HELPFUL: "评为没用",
    Why.LEFT: "反问后离开",
}
_OF_STATUS = {
    Status.OUT_OF_SCOPE: Why.OUT_OF_SCOPE,
    Status.NOT_IN_SOURCE: Why.NOT_IN_SOURCE,
    Status.CLARIFY: Why.ASKED_BACK,
}


def why(status: Status, confidence: float | None) -> Why | None:
    """Return why a reply of this status counts as a miss, or None; without a confidence it was not guessed."""
    if status is Status.ANSWERED and confidence is not None and confidence < SURE:
        return Why.UNSURE
    return _OF_STATUS.get(status)


def confidence(reading: Reading) -> float:
    """Return how sure a reading is: of the whole message, or else of its least sure clause.

    A message of two questions is no question of one facet, however sure each of the two is.
    """
    whole, *clauses = map(_confidence, reading.parts)
    return max(whole, min(clauses, default=0.0))


def _confidence(part: Part) -> float:
    # Either model is enough to answer: that of facets, or that of facts.
    return max(part.confidence, part.facts[0][1] if part.facts else 0.0)


def is_left(asked: float, next_turn: float | None, now: float) -> bool | None:
    """Return whether the citizen has left after a question was asked back; None while that is open.

    All are seconds since 1970; `next_turn` is when the citizen spoke again, None where they have not.
    """
    until = asked + LEFT_AFTER_SECONDS
    if next_turn is not None:
        return next_turn > until
    return True if now > until else None
