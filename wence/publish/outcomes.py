"""What a model made of each question, and how it holds the batch: plain data between two processes.

Outcome     one question: right or wrong, its reply
Held        one example of the batch: how far the model holds it for off topic, how familiar its wording is
Settled     a question that officials settled, and what it must get
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from wence.additions import Additions
from wence.settled import key

#: Of these kinds are the questions that the assistant is there for.
IN_SCOPE = ("fact", "followup", "unknown")
OFF_TOPIC = "oos"
SETTLED = "settled"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One question with the reply of a model; wrong for these reasons."""

    id: str
    file: str
    kind: str
    question: str
    passed: bool
    status: str
    reply: str
    reasons: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """Read back what `dataclasses.asdict` made and JSON carried."""
        return cls(**{**data, "reasons": tuple(data["reasons"])})


@dataclasses.dataclass(frozen=True)
class Held:
    """How a model holds an example: how likely it is off topic, and how much of it is worded as it knows."""

    text: str
    off_topic: float
    familiarity: float


@dataclasses.dataclass(frozen=True)
class Settled:
    """A settled question: it must get its fact, its facet, or be declined."""

    text: str
    facet: str
    fact: str = ""

    @property
    def id(self) -> str:
        """What it is known by in every version: the words themselves."""
        return f"settled:{key(self.text)}"


def settled_in(additions: Additions) -> list[Settled]:
    """Return the questions that additions settle, each once."""
    examples: Iterable[Settled] = (Settled(e.text, e.facet, e.fact) for e in additions.examples)
    facts = (Settled(f.question, f.facet, f.id) for f in additions.facts)
    return list({question.id: question for question in (*facts, *examples)}.values())
