"""What is asked, and what a conversation remembers of what was asked before."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a conversation remembers: the last facet, the last subjects (newest first) and the last facts."""

    facet: str = ""
    subjects: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Question:
    """A facet asked of subjects.

    `mentioned` are all subjects that the question names, for yes and no; `likely` the facts that would answer
    it best, by its wording alone; `pinned` the one that answers it whatever its facet.
    """

    facet: str
    subjects: tuple[str, ...]
    text: str
    forms: frozenset[str] = frozenset()
    ordinal: int = 0
    mentioned: tuple[str, ...] = ()
    named: bool = True
    pinned: str = ""
    likely: tuple[tuple[str, float], ...] = ()
