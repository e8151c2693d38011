"""The judge: whether the last reply of a conversation is right, and if not, why.

    Judge(corpus).judge(conversation, messages)     → Verdict: the reasons why it fails, its status
    leads(conversation, text)                       whether the reply says at once what was asked

The rules are those of the contract of a reply. White space, quotation marks, full and half width do not
count; a text holds at most 500 characters, a quote at most 320, and stands verbatim in a source.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wence.evaluation.questions import Conversation
from wence.replies import MAX_TEXT, Status
from wence.text import squash

MAX_QUOTE = 320
LEAD = 120
NO_STATUS = "none"
FAILED = "error"

Message = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Why a reply fails (no reason: it is right), the status that it carries, and its text."""

    reasons: tuple[str, ...]
    status: str
    text: str


@dataclasses.dataclass(frozen=True)
class Judge:
    """Judges replies by what the sources say."""

    corpus: str

    @classmethod
    def of_sources(cls, folder: pathlib.Path) -> Judge:
        """Create a judge who has read every file of a folder."""
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()]
        return cls.of_texts(texts)

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> Judge:
        """Create a judge who has read these sources."""
        return cls(squash("\n".join(texts)))

    def judge(self, conversation: Conversation, messages: Sequence[Message]) -> Verdict:
        """Judge the messages of the last reply."""
        text = text_of(messages)
        customs = [m["custom"] for m in messages if isinstance(m.get("custom"), Mapping) and "status" in m["custom"]]
        status = str(customs[-1]["status"]) if customs else NO_STATUS
        reasons = [
            *_of_status(conversation, status, len(customs)),
            *_of_text(conversation, status, squash(text)),
        ]
        if status == Status.ANSWERED.value:
            reasons += self._of_citations(customs[-1].get("citations") or [])
        return Verdict(tuple(reasons), status, text)

    def _of_citations(self, citations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        if not citations:
            yield "回答没有出处"
        for citation in citations:
            quote = str(citation.get("quote") or "")
            if not quote or squash(quote) not in self.corpus:
                yield f"引文不在原文里:{quote!r}"
            if len(quote) > MAX_QUOTE:
                yield f"引文有 {len(quote)} 字,超过 {MAX_QUOTE}"


def text_of(messages: Sequence[Message]) -> str:
    """Return the text of a reply: all texts of its messages."""
    return "\n".join(str(m["text"]) for m in messages if m.get("text")).strip()


def leads(conversation: Conversation, text: str) -> bool:
    """Whether the first LEAD characters of a reply already hold everything that was asked for."""
    return not list(_missing(conversation, squash(text)[:LEAD]))


def _of_status(conversation: Conversation, status: str, carriers: int) -> Iterator[str]:
    if carriers != 1:
        yield f"有 {carriers} 条消息带状态,应当只有 1 条"
    elif status not in {known.value for known in Status}:
        yield f"没有状态 {status!r}"
    accepted = {known.value for known in conversation.statuses}
    if status not in accepted:
        yield f"状态是 {status},应当是 {'/'.join(sorted(accepted))}"


def _of_text(conversation: Conversation, status: str, text: str) -> Iterator[str]:
    if not text:
        yield "没有文字"
    if len(text) > MAX_TEXT:
        yield f"有 {len(text)} 字,超过 {MAX_TEXT}"
    asks_back = status == Status.CLARIFY.value and Status.CLARIFY in conversation.statuses
    if not asks_back:
        yield from _missing(conversation, text)
    for words in conversation.forbidden:
        if squash(words) in text:
            yield f"不该说“{words}”"


def _missing(conversation: Conversation, text: str) -> Iterator[str]:
    for words in conversation.needed:
        if squash(words) not in text:
            yield f"缺“{words}”"
    for group in conversation.needed_one_of:
        if not any(squash(words) in text for words in group):
            yield f"缺“{'/'.join(group)}”之一"
