"""One answer to one question: its text and everything that proves it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from wence.knowledge import Fact
from wence.replies import Status


@dataclasses.dataclass(frozen=True)
class Answer:
    """A text with the facts it states and the quotes that prove it.

    `echoed` are words of the question that the text repeats (市教育局 in «没有市教育局»), `counted` the numbers
    that are lengths of quoted lists, `positions` the places in them: the tests prove every other number. `facet` is
    what a follow-up goes on about, where that is not the facet of the question.
    """

    text: str
    facts: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    status: Status = Status.ANSWERED
    subjects: tuple[str, ...] = ()
    echoed: tuple[str, ...] = ()
    counted: tuple[tuple[int, tuple[str, ...]], ...] = ()
    positions: tuple[int, ...] = ()
    facet: str = ""


def from_fact(
    fact: Fact,
    text: str = "",
    *,
    extra: Iterable[Fact] = (),
    subjects: tuple[str, ...] = (),
    echoed: tuple[str, ...] = (),
    counted: tuple[tuple[int, tuple[str, ...]], ...] = (),
    positions: tuple[int, ...] = (),
) -> Answer:
    """Return an answer that states `fact` (and `extra` facts) in `text`, or in the fact's own words."""
    facts = (fact, *extra)
    return Answer(
        text=text or fact.say,
        facts=tuple(f.id for f in facts),
        quotes=tuple(dict.fromkeys(quote for f in facts for quote in f.proof)),
        subjects=subjects or fact.subjects,
        echoed=echoed,
        counted=counted,
        positions=positions,
    )
