"""Whether a message can be a question at all, judged before anything reads it for its meaning.

    admit(raw)      the text to hand on; `Refusal`, with words for the citizen, when there is none
    excerpt(raw)    what can be kept of a message that was refused

Refused are: nothing, symbols only, too much, and what Rasa would execute: `/restart`, `/intent{...}`,
`@0.1`. What is handed on has lost its markup, its control characters and its half characters, and begins
with something visible.
"""

from __future__ import annotations

import re
import unicodedata

from wence.replies import COMMAND, EMPTY, MAX_CHARACTERS, NO_WORDS, TOO_LONG

_COMMAND_SIGNS = ("/", "@")
_MARKUP = re.compile(
    r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>|</?[a-z!?][^<>]*>|<!\[CDATA\[|\]\]>",
    re.DOTALL | re.IGNORECASE,
)
_CHARACTER_REFERENCE = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"[^\u3400-\u9fff]+$")
_KEYCAP_EMOJI = re.compile("[0-9]\ufe0f?\u20e3")
_LETTERS_WITHOUT_A_SHAPE = frozenset("\u115f\u1160\u3164\uffa0")
_CONTROL = "Cc"
_HALF_CHARACTER = "Cs"
_INVISIBLE = frozenset({_CONTROL, _HALF_CHARACTER, "Cf", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"})
_WORDS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"})


class Refusal(Exception):
    """The message cannot be a question; `str()` tells the citizen what to do."""


def admit(raw: str) -> str:
    """Return the text of a message as it may be handed on; `Refusal` when it cannot be a question."""
    stripped = raw.strip()
    if len(stripped) > MAX_CHARACTERS:
        raise Refusal(TOO_LONG)
    text = _without_unseen_start(_encodable(_MARKUP.sub(" ", stripped)))
    if not text:
        raise Refusal(NO_WORDS if _MARKUP.search(stripped) else EMPTY)
    # Also the full-width signs: whatever is normalised later must not turn into a command.
    if unicodedata.normalize("NFKC", text[0]).startswith(_COMMAND_SIGNS):
        raise Refusal(COMMAND)
    if not _has_words(text):
        raise Refusal(NO_WORDS)
    return text


def excerpt(raw: str) -> str:
    """Return a refused message as it can be kept: in one piece, or only its beginning where it is too long."""
    text = _encodable(raw[: 2 * MAX_CHARACTERS]).strip()
    if len(text) <= MAX_CHARACTERS:
        return text
    # Half a number at the cut would no longer be known as one.
    return _LAST_NUMBER.sub("", text[:MAX_CHARACTERS]) + "…"


def _encodable(text: str) -> str:
    """Make control characters spaces, and drop halves of characters, which no encoding can hold."""
    kept = (character for character in text if unicodedata.category(character) != _HALF_CHARACTER)
    return "".join(" " if unicodedata.category(character) == _CONTROL else character for character in kept)


def _without_unseen_start(text: str) -> str:
    for position, character in enumerate(text):
        if character not in _LETTERS_WITHOUT_A_SHAPE and unicodedata.category(character) not in _INVISIBLE:
            return text[position:].rstrip()
    return ""


def _has_words(text: str) -> bool:
    for pattern in (_CHARACTER_REFERENCE, _KEYCAP_EMOJI):
        text = pattern.sub(" ", text)
    return any(
        unicodedata.category(character) in _WORDS and character not in _LETTERS_WITHOUT_A_SHAPE for character in text
    )
