"""Conversations to measure with: what a citizen says, and what a right reply holds.

    read(paths)     every conversation of these files, in order; QuestionFileError for the first bad line

One JSON object a line: `turns`, `kind`, `topic`, `noise`, `status` (accepted), `all`, `any`, `none`.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from wence.replies import Status

#: What a conversation is about, with the words for it.
KINDS = {"fact": "事实", "followup": "追问", "unknown": "未写明", "oos": "无关", "smalltalk": "闲谈"}
#: How the question is worded, with the words for it.
NOISES = {
    "clean": "规范",
    "colloquial": "口语",
    "terse": "简短",
    "verbose": "啰嗦",
    "asr": "语音转写",
    "typo": "错字",
    "homophone": "同音字",
    "mixed": "中英夹杂",
    "traditional": "繁体",
}


class QuestionFileError(Exception):
    """A file of conversations that cannot be used; the message names file and line."""


@dataclasses.dataclass(frozen=True)
class Conversation:
    """One conversation; its last reply is judged.

    A right reply has one of the `statuses`, holds `needed` and one of each group of `needed_one_of`, and
    nothing `forbidden`.
    """

    id: str
    turns: tuple[str, ...]
    kind: str
    noise: str
    statuses: frozenset[Status]
    topic: str = ""
    needed: tuple[str, ...] = ()
    needed_one_of: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()


def read(paths: Iterable[pathlib.Path]) -> list[Conversation]:
    """Read all conversations of these files; raises QuestionFileError."""
    found: dict[str, Conversation] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise QuestionFileError(f"读不了题目文件 {path}:{error}") from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                conversation = from_json(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise QuestionFileError(f"{path} 第 {number} 行不是一道题({error!r}):请对照格式改正") from error
            if conversation.id in found:
                raise QuestionFileError(f"{path} 第 {number} 行的 id {conversation.id} 已经用过:请换一个")
            found[conversation.id] = conversation
    return list(found.values())


def from_json(data: Mapping[str, Any]) -> Conversation:
    """Return the conversation that a line describes; raises KeyError, TypeError or ValueError."""
    conversation = Conversation(
        id=str(data["id"]),
        turns=_texts(data["turns"]),
        kind=str(data["kind"]),
        noise=str(data.get("noise", "clean")),
        statuses=frozenset(Status(name) for name in _texts(data["status"])),
        topic=str(data.get("topic", "")),
        needed=_texts(data.get("all", [])),
        needed_one_of=tuple(group for group in map(_texts, data.get("any", [])) if group),
        forbidden=_texts(data.get("none", [])),
    )
    if not conversation.turns or not conversation.statuses:
        raise ValueError("turns and status must not be empty")
    if conversation.kind not in KINDS or conversation.noise not in NOISES:
        raise ValueError(f"unknown kind {conversation.kind!r} or noise {conversation.noise!r}")
    return conversation


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TypeError(f"a list of texts was expected, not {value!r}")
    return tuple(value)
