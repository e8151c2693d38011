"""What officials have settled, looked up by the wording of a question (`wence.settled.key`).

    Settled.learn(examples)      of the training examples whose metadata marks them as settled
    settled(part, text)          the part as it was settled; as it is where its wording is not a settled one
    weight(example), dumps(), loads(text)

The linear models learn the settled examples as well, to know them in other words; a lookup is certain.
"""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from wence.reading import Part
from wence.settled import key

#: The keys of an intent's metadata that name the fact which answers its examples, and mark them as settled.
FACT, SETTLED = "fact", "settled"
#: Settled examples are few: those of one label weigh together what so many others do, each at most so much.
FULL, HEAVIEST = 18, 5.0


def fact_of(example: Message) -> str:
    """Return the fact that an example is answered with, as the metadata of its intent names it, or nothing."""
    return str(_metadata(example).get(FACT) or "")


def is_settled(example: Message) -> bool:
    """Whether officials have settled an example."""
    return bool(_metadata(example).get(SETTLED))


def _metadata(example: Message) -> Mapping[str, Any]:
    return (example.get(METADATA) or {}).get(METADATA_INTENT) or {}


def weights(examples: Sequence[Message]) -> list[float]:
    """Return how much each example weighs among all: 1, or more where it is one of few settled ones."""
    of = [(example.get(INTENT), fact_of(example)) if is_settled(example) else None for example in examples]
    counts = collections.Counter(of)
    return [1.0 if label is None else min(HEAVIEST, max(1.0, FULL / counts[label])) for label in of]


class Settled:
    """All settled wordings, each with its facet and its fact, if it has one."""

    def __init__(self, decisions: Mapping[str, tuple[str, str]]) -> None:
        self._decisions = dict(decisions)

    @classmethod
    def learn(cls, examples: Iterable[Message]) -> Settled:
        """Return what the settled ones among training examples say."""
        return cls({key(e.get(TEXT)): (str(e.get(INTENT)), fact_of(e)) for e in examples if is_settled(e)})

    def __call__(self, part: Part, text: str) -> Part:
        """Return a part, worded as `text`, as it was settled, or unchanged where it was not."""
        # Nearly every assistant has none: then no key is made.
        decision = self._decisions.get(key(text)) if self._decisions else None
        if decision is None:
            return part
        facet, fact = decision
        others = tuple((other, 0.0) for other, _ in part.facets if other != facet)
        return dataclasses.replace(
            part, facets=((facet, 1.0), *others), facts=((fact, 1.0),) if fact else (), settled=True
        )

    def dumps(self) -> str:
        """Return the settled wordings as text."""
        return json.dumps(self._decisions, ensure_ascii=True, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> Settled:
        """Read back what `dumps` wrote."""
        return cls({wording: (facet, fact) for wording, (facet, fact) in json.loads(text).items()})
