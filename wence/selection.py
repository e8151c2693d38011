"""Chooses among facts of the same facet and subject the one that a question is closest to in sound.

The first fact of a facet and subject is the plain answer; the further ones hold details (which database, on
which page, approved by whom). A detail is chosen when the question shares clearly more with it. What is
compared are pairs of sounds, weighted by how few facts hold them, so that a misspelt detail is found too.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Sequence

from wence.knowledge import Fact, Knowledge
from wence.question import strip_forms
from wence.text import normalise, syllables

#: How much more than the plain fact a detail must share with the question.
CLEARLY = 1.5
#: How much a detail must share at the least: about two pairs of rare sounds.
ENOUGH = 6.0
#: How much the cue of a detail weighs.
CUED = 2.0


def _pairs(text: str) -> frozenset[str]:
    sounds = syllables(normalise(text))
    return frozenset(f"{a} {b}" for a, b in itertools.pairwise(sounds))


class Selector:
    """The facts of a knowledge, ready to be compared with questions."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._facts = dict(knowledge.facts)
        self._pairs = {f.id: _pairs(" ".join((f.question, f.say, *f.value))) for f in knowledge.facts.values()}
        counts: dict[str, int] = {}
        for pairs in self._pairs.values():
            for pair in pairs:
                counts[pair] = counts.get(pair, 0) + 1
        self._weights = {pair: math.log((1 + len(self._pairs)) / count) for pair, count in counts.items()}

    def closeness(self, text: str, facts: Iterable[Fact]) -> dict[str, float]:
        """Return by fact how much of a question's sounds it holds, rare ones counting more."""
        asked = _pairs(text)
        return {fact.id: sum(self._weights[pair] for pair in asked & self._pairs[fact.id]) for fact in facts}

    def coverage(self, text: str) -> tuple[Fact | None, float]:
        """Return the fact that holds most of what a question says, and that share between 0 and 1.

        Sounds that no fact holds count in full against it: they are what the question is about.
        """
        asked = _pairs(strip_forms(text))
        rarest = math.log(1 + len(self._pairs))
        whole = sum(self._weights.get(pair, rarest) for pair in asked)
        if not whole:
            return None, 0.0
        shares = {fact: sum(self._weights[pair] for pair in asked & pairs) for fact, pairs in self._pairs.items()}
        closest = max(shares, key=lambda fact: shares[fact])
        return self._facts[closest], shares[closest] / whole

    def best(self, text: str, facts: Sequence[Fact], plain: Fact | None) -> Fact | None:
        """Return the fact closest to a question; `plain` unless another is clearly closer."""
        details = [f for f in facts if f is not plain and (not f.cues or self._cued(text, f))]
        if not details:
            return plain
        closeness = self.closeness(text, [*details, *([plain] if plain else [])])
        closest = max(details, key=lambda fact: closeness[fact.id] * (CUED if fact.cues else 1.0))
        if plain is None:
            return closest
        weight = CUED if closest.cues else 1.0
        floor = max(closeness[plain.id] * CLEARLY, ENOUGH)
        return closest if closeness[closest.id] * weight > floor else plain

    def _cued(self, text: str, fact: Fact) -> bool:
        heard = " ".join(syllables(text))
        return any(" ".join(syllables(normalise(cue))) in heard for cue in fact.cues)


@functools.lru_cache(maxsize=4)
def selector(knowledge: Knowledge) -> Selector:
    """Return the selector of a knowledge, made once."""
    return Selector(knowledge)


def related(knowledge: Knowledge, subjects: Iterable[str]) -> tuple[str, ...]:
    """Return subjects with what belongs to them: a unit's opinions, an opinion's details, the topics of an opinion."""
    found: list[str] = []
    for subject in subjects:
        found.append(subject)
        opinions = [
            *knowledge.subjects[subject].opinions,
            *(o.id for o in knowledge.of_type("opinion") if o.by == subject),
        ]
        if knowledge.subjects[subject].type == "opinion":
            opinions.append(subject)
        found += opinions
        found += [t.id for t in knowledge.of_type("topic") if set(t.opinions) <= set(opinions)]
    return tuple(dict.fromkeys(found))
