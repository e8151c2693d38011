"""The training examples that additions are, laid out as Rasa's YAML says.

The metadata marks them as settled and names the fact that answers them, as `data/nlu/facts.yml` does.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from wence.additions._types import Additions

RASA_FORMAT = "3.1"
#: What Rasa reads as a mark within an example, and what `wence.text.normalise` reads as the same again.
_MARKS = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "[](){}$"})


def training_data(additions: Additions) -> dict[str, Any]:
    """Return the examples of additions, and the questions of their facts, as Rasa's NLU training data."""
    texts: dict[tuple[str, str], list[str]] = {}
    for fact in additions.facts:
        texts.setdefault((fact.facet, fact.id), []).append(fact.question)
    for example in additions.examples:
        texts.setdefault((example.facet, example.fact), []).append(example.text)
    return {"version": RASA_FORMAT, "nlu": [_intent(*label, of) for label, of in texts.items()]}


def _intent(facet: str, fact: str, texts: list[str]) -> dict[str, Any]:
    metadata = {"settled": True, **({"fact": fact} if fact else {})}
    examples = [{"text": text} for text in dict.fromkeys(map(_unmarked, texts)) if text]
    return {"intent": facet, "metadata": metadata, "examples": examples}


def _unmarked(text: str) -> str:
    """Return a text on one line without anything that Rasa would read as more than text."""
    visible = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return " ".join(visible.translate(_MARKS).split())
