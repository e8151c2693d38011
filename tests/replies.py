"""What every reply keeps to, whatever was asked: the contract that all tests over HTTP hold it to.

    reply = heard(messages)         Rasa's messages as one reply; AssertionError when there is not exactly one
    breaches(reply, knowledge)      the rules that it breaks, each in a line

Nothing here knows how a reply is made.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.assistant import Assistant
from wence.knowledge import Knowledge
from wence.settings import PROJECT

MAX_TEXT = 500
MAX_QUOTE = 320
STATUSES = frozenset({"answered", "not_in_source", "clarify", "out_of_scope", "smalltalk", "invalid", "unavailable"})
#: A button leads on: whatever it sends is dealt with.
LEADS_ON = frozenset({"answered", "not_in_source", "smalltalk", "clarify"})
#: Replies that leave the citizen with somebody to call.
NAMES_THE_TELEPHONE = frozenset({"not_in_source", "unavailable"})
SOURCES = {"interpretation": "interpretation.txt", "plan_notice": "plan_notice.md"}


@dataclasses.dataclass(frozen=True)
class Heard:
    """One reply as it came over HTTP."""

    text: str
    status: str
    facts: tuple[str, ...]
    citations: tuple[Mapping[str, str], ...]
    options: tuple[Mapping[str, str], ...]
    buttons: tuple[Mapping[str, str], ...]

    @property
    def payloads(self) -> tuple[str, ...]:
        """What its buttons send."""
        return tuple(button["payload"] for button in self.buttons)


def heard(messages: Sequence[Mapping[str, Any]]) -> Heard:
    """Read Rasa's list of messages as the contract has it."""
    customs = [message["custom"] for message in messages if "custom" in message]
    assert len(customs) == 1, messages
    (custom,) = customs
    return Heard(
        "\n".join(message["text"] for message in messages if message.get("text")),
        custom["status"],
        tuple(custom["facts"]),
        tuple(custom["citations"]),
        tuple(custom.get("options", ())),
        tuple(button for message in messages for button in message.get("buttons") or ()),
    )


def say(live: Assistant, sender: str, *texts: str) -> Heard:
    """Say one text after the other; the reply to the last."""
    for text in texts:
        reply = heard(live.ask(text, sender))
    return reply


def breaches(reply: Heard, knowledge: Knowledge) -> list[str]:
    """Return every rule of the contract that a reply breaks."""
    rules = {
        "no text": bool(reply.text.strip()),
        f"longer than {MAX_TEXT} characters": len(reply.text) <= MAX_TEXT,
        f"unknown status {reply.status}": reply.status in STATUSES,
        "answered without a citation": reply.status != "answered" or bool(reply.citations),
        "answered without a fact": reply.status != "answered" or bool(reply.facts),
        "names no telephone": reply.status not in NAMES_THE_TELEPHONE or knowledge.contact_phone in reply.text,
        "asks back without options": reply.status != "clarify" or bool(reply.options),
        "options are not the buttons": reply.status != "clarify" or reply.options == reply.buttons,
    }
    found = [rule for rule, kept in rules.items() if not kept]
    found += [f"unknown fact {fact}" for fact in reply.facts if fact not in knowledge.facts]
    found += [f"not verbatim: {citation}" for citation in reply.citations if not _is_verbatim(citation)]
    found += [f"no plain question: {button}" for button in reply.buttons if not _is_plain(button)]
    return found


def _is_verbatim(citation: Mapping[str, str]) -> bool:
    quote = _bare(citation["quote"])
    return (
        0 < len(citation["quote"]) <= MAX_QUOTE and quote in _source(citation["source"]) and bool(citation["section"])
    )


@functools.lru_cache(maxsize=len(SOURCES))
def _source(name: str) -> str:
    return _bare((PROJECT / "knowledge" / "sources" / SOURCES[name]).read_text(encoding="utf-8"))


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _is_plain(button: Mapping[str, str]) -> bool:
    return bool(button["title"].strip()) and bool(button["payload"].strip()) and button["payload"][0] not in "/@"


def told(problems: Iterable[object]) -> str:
    """Return problems one a line, for the message of an assertion."""
    return "\n".join(str(problem) for problem in problems)
