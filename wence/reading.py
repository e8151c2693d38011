"""What the understanding of one message hands to the dialogue: facets with confidence, and subjects.

A Reading travels inside Rasa's parse data (key `reading`), so it is plain JSON there:

    {"knowledge": "45632d…", "text": "…", "parts": [{"text": …, "facets": [["lead_unit", 0.93], …],
     "subjects": [["task.community"]], "facts": [["task.community.lead", 0.8], …]}], "unknown": ["…"]}

The first part is the whole message; the others are its clauses, where it has several. Unknown are the words
that do not sound as if the examples held them. A part that officials have settled (`settled`) is certain: its
first facet and, where it has one, its only fact are what they settled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

READING = "reading"
#: Confidences below which a facet is a guess, and from which it can be relied on, and hardly be wrong.
UNSURE, SURE, CERTAIN = 0.35, 0.55, 0.9


@dataclasses.dataclass(frozen=True)
class Part:
    """A stretch of text with its likeliest facets and facts, best first, and the subjects that it names."""

    text: str
    facets: tuple[tuple[str, float], ...]
    subjects: tuple[tuple[str, ...], ...] = ()
    facts: tuple[tuple[str, float], ...] = ()
    settled: bool = False

    @property
    def facet(self) -> str:
        """The likeliest facet."""
        return self.facets[0][0]

    @property
    def confidence(self) -> float:
        """How sure the likeliest facet is, between 0 and 1."""
        return self.facets[0][1]


@dataclasses.dataclass(frozen=True)
class Reading:
    """What one message was understood to be; `knowledge` is the version that it was understood with."""

    knowledge: str
    parts: tuple[Part, ...]
    unknown: tuple[str, ...] = ()

    @property
    def whole(self) -> Part:
        """The whole message."""
        return self.parts[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the reading as JSON can carry it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Reading:
        """Read back what `as_dict` wrote."""
        parts = tuple(
            Part(
                text=part["text"],
                facets=tuple((str(facet), float(confidence)) for facet, confidence in part["facets"]),
                subjects=tuple(tuple(candidates) for candidates in part["subjects"]),
                facts=tuple((str(fact), float(confidence)) for fact, confidence in part["facts"]),
                settled=bool(part.get("settled", False)),
            )
            for part in data["parts"]
        )
        return cls(knowledge=data["knowledge"], parts=parts, unknown=tuple(map(str, data.get("unknown", ()))))
