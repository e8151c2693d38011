"""How a question was understood, as the action hands it to the edge beside the reply.

It travels in the custom object of the action's message (key `understood`), the only thing that Rasa carries
unchanged from an action to a channel. The edge keeps it with the turn; no channel sends it on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from wence.misses.why import confidence
from wence.reading import Reading

UNDERSTOOD = "understood"
MOST_READINGS = 3
MOST_SUBJECTS = 10
MOST_UNKNOWN = 20
#: Digits of a confidence that say anything.
_DIGITS = 4

Ranked = tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class Understood:
    """The likeliest facets and facts of a question, its subjects, its unknown words, and how sure all that was."""

    knowledge: str
    confidence: float
    readings: Ranked
    facts: Ranked = ()
    subjects: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def of(cls, reading: Reading) -> Understood:
        """Return the part of a reading that whoever settles a missed question wants to know."""
        whole = reading.whole
        return cls(
            knowledge=reading.knowledge,
            confidence=round(confidence(reading), _DIGITS),
            readings=_rounded(whole.facets),
            facts=_rounded(whole.facts),
            subjects=tuple(candidates[0] for candidates in whole.subjects if candidates)[:MOST_SUBJECTS],
            unknown=reading.unknown[:MOST_UNKNOWN],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        # By hand: dataclasses.asdict takes ten times as long, and this is done for every reply.
        return {
            "knowledge": self.knowledge,
            "confidence": self.confidence,
            "readings": self.readings,
            "facts": self.facts,
            "subjects": self.subjects,
            "unknown": self.unknown,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Understood:
        """Read back what `as_dict` wrote; KeyError, TypeError or ValueError when it is something else."""
        return cls(
            knowledge=str(data["knowledge"]),
            confidence=_finite(data["confidence"]),
            readings=_ranked(data["readings"]),
            facts=_ranked(data["facts"]),
            subjects=tuple(map(str, data["subjects"])),
            unknown=tuple(map(str, data["unknown"])),
        )


def _rounded(ranked: Ranked) -> Ranked:
    return tuple((name, round(confidence, _DIGITS)) for name, confidence in ranked[:MOST_READINGS])


def _ranked(data: Sequence[Sequence[Any]]) -> Ranked:
    return tuple((str(name), _finite(confidence)) for name, confidence in data)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(number)
    return number
