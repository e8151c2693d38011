"""Whether a message can be a question at all, judged before anything reads it for its meaning.

    admit(raw)      the text to hand on; `Refusal`, with words for the citizen, when there is none

Refused are: nothing, symbols only, too much, and what Rasa would execute: `/restart`, `/intent{...}`,
`@0.1`. What is handed on has lost its markup, its control characters and its half characters, and begins
with something visible.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 300

EMPTY = "没有看到您的问题。请用一句话写下想了解的内容，例如：智慧社区由哪个单位牵头？"
NO_WORDS = "这条消息里只有符号，没有能读懂的文字。请用一句话写下想了解的内容，例如：智慧社区由哪个单位牵头？"
TOO_LONG = f"您的问题太长了。请缩短到{MAX_CHARACTERS}字以内再发送；有几个问题时，请分开来问。"
COMMAND = "问题不能以“/”或“@”开头。请去掉开头的这个符号，直接写下想了解的内容。"

_COMMAND_SIGNS = ("/", "@")
_MARKUP = re.compile(
    r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>|</?[a-z!?][^<>]*>|<!\[CDATA\[|\]\]>",
    re.DOTALL | re.IGNORECASE,
)
_CHARACTER_REFERENCE = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)
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
