"""The lines of the spool: each one thing that happened, as JSON on a line of its own.

    Miss         a question was missed, for one reason; all that is kept of it
    Withdrawn    a citizen says that a reply helped after all
    Forgotten    a citizen has deleted their conversation

    as_line(entry)       the line
    entries_in(data)     the entries of whole lines, and how many lines were none

A row of entries can be stored again and again: after the first time it changes nothing more.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from wence.misses.errors import EntryError
from wence.misses.understood import Understood
from wence.misses.why import Why
from wence.replies import Status


@dataclasses.dataclass(frozen=True)
class Miss:
    """A missed question: masked, of a hashed sender. `time` is when it was missed, `asked` when it was asked."""

    id: str
    why: Why
    time: float
    asked: float
    channel: str
    sender: str
    message: str
    status: Status
    reply: str
    facts: tuple[str, ...] = ()
    understood: Understood | None = None
    model: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Withdrawn:
    """The reply `id` is no longer marked not helpful."""

    id: str
    time: float


@dataclasses.dataclass(frozen=True)
class Forgotten:
    """Nothing that a hashed sender asked up to `time` may be kept."""

    sender: str
    time: float


Entry = Miss | Withdrawn | Forgotten
_TIMES = ("time", "asked")
_LATEST = 1e11  # seconds since 1970 that still make a date
_KINDS: Mapping[str, type[Entry]] = {made.__name__.lower(): made for made in (Miss, Withdrawn, Forgotten)}


def as_line(entry: Entry) -> bytes:
    """Return an entry as one line; half a surrogate pair, which no database takes, becomes a question mark."""
    data = {"kind": type(entry).__name__.lower(), **vars(entry)}
    if isinstance(entry, Miss) and entry.understood:
        data["understood"] = entry.understood.as_dict()
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def entries_in(data: bytes) -> tuple[list[Entry], int]:
    """Return the entries in whole lines, and how many of the lines are none."""
    found: list[Entry] = []
    broken = 0
    for line in _lines(data):
        try:
            found.append(entry_in(line))
        except EntryError:
            broken += 1
    return found, broken


def _lines(data: bytes) -> Iterator[bytes]:
    # Not splitlines(): of bytes it also splits at \r, which JSON lets stand between its parts.
    return (line for line in data.split(b"\n") if line)


def entry_in(line: bytes) -> Entry:
    """Return the entry on a line; EntryError when it is none."""
    try:
        data = json.loads(line.decode("utf-8"))
        json.dumps(data, ensure_ascii=False).encode("utf-8")  # refuses half a surrogate pair, written as an escape
        made = _KINDS[data.pop("kind")]
        return _miss(data) if made is Miss else made(**_plain(data))
    # Whatever JSON can hold: the wrong type, a missing field, one too many, a number or a depth without end.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise EntryError(f"{type(error).__name__}: {error}") from error


def _miss(data: dict[str, Any]) -> Miss:
    understood = data.pop("understood")
    why, status, facts = Why(data.pop("why")), Status(data.pop("status")), data.pop("facts")
    if not isinstance(facts, list):
        raise TypeError("facts")
    return Miss(
        **_plain(data),
        why=why,
        status=status,
        facts=tuple(map(str, facts)),
        understood=None if understood is None else Understood.from_dict(understood),
    )


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are texts and times, if that is what they are."""
    return {name: _time(value) if name in _TIMES else _text(value) for name, value in data.items()}


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LATEST:
        raise TypeError("time")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value.replace("\0", "")  # PostgreSQL takes none
