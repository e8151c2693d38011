"""What officials add: ways of asking, and facts with their proof; all immutable, all plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

#: The facet of a 问答: a question of its own with the fact that answers it.
ADDED = "added"
#: The facet of an example that is off topic.
OFF = "out_of_scope"
MAX_EXAMPLE = 300
MAX_QUESTION = 80
MAX_SAY = 500
MAX_QUOTE = 320
MAX_NAME = 30


@dataclasses.dataclass(frozen=True)
class Example:
    """A way of asking: for a facet (`out_of_scope`: off topic), and by `fact` for the fact that answers it."""

    text: str
    facet: str
    fact: str = ""


@dataclasses.dataclass(frozen=True)
class Quoted:
    """A proof that stands verbatim in a source of the knowledge, white space aside."""

    source: str
    text: str


@dataclasses.dataclass(frozen=True)
class StaffAnswer:
    """A proof that an official gives by name: 工作人员答复; `date` is 年-月-日."""

    name: str
    date: str
    text: str


@dataclasses.dataclass(frozen=True)
class AddedFact:
    """A fact that officials add: a 问答 (facet `added`), or what fills a gap (facet and subjects of the gap).

    `subjects` may be empty for a 问答 and for a gap that names no subjects; `value` are the words of the proof
    that are the answer, for a gap the name that was asked for.
    """

    id: str
    facet: str
    subjects: tuple[str, ...]
    question: str
    say: str
    proof: tuple[Quoted | StaffAnswer, ...]
    value: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Additions:
    """Everything that officials added."""

    examples: tuple[Example, ...] = ()
    facts: tuple[AddedFact, ...] = ()

    @classmethod
    def empty(cls) -> Additions:
        """Return additions that add nothing."""
        return cls()

    def __bool__(self) -> bool:
        return bool(self.examples or self.facts)

    def without(self, examples: Iterable[Example], facts: Iterable[AddedFact]) -> Additions:
        """Return these additions without some examples and some facts."""
        gone_examples, gone_facts = set(examples), set(facts)
        return Additions(
            tuple(example for example in self.examples if example not in gone_examples),
            tuple(fact for fact in self.facts if fact not in gone_facts),
        )
