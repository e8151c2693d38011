"""What the components of the pipeline hand to each other on a Rasa message.

A message is read as stretches: the whole text first, then its clauses where it has several. Each component
adds its part to every stretch; everything in them is plain data, so that Rasa can fingerprint it.
"""

from __future__ import annotations

from typing import Any, TypedDict

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from wence.nlu.subject_finder import Mention
from wence.text import clauses, normalise

STRETCHES = "stretches"
MAX_CLAUSES = 8


class Stretch(TypedDict, total=False):
    """A normalised text with its words, its subjects, its likeliest facets and its likeliest facts."""

    text: str
    words: list[str]
    mentions: list[list[Any]]
    facets: list[list[Any]]
    facts: list[list[Any]]


def split(message: Message, with_clauses: bool) -> None:
    """Normalise the text of a message and lay its stretches out."""
    text = normalise(message.get(TEXT) or "")
    parts = clauses(text)[:MAX_CLAUSES] if with_clauses else []
    stretches: list[Stretch] = [{"text": part} for part in (text, *(parts if len(parts) > 1 else ()))]
    message.set(STRETCHES, stretches)


def stretches_of(message: Message) -> list[Stretch]:
    """Return the stretches of a message, none for a message without text."""
    found: list[Stretch] = message.get(STRETCHES) or []
    return found


def mentions_of(stretch: Stretch) -> list[Mention]:
    """Return the subjects of a stretch as mentions."""
    return [
        Mention(start, end, text, tuple(subjects), exact) for start, end, text, subjects, exact in stretch["mentions"]
    ]
