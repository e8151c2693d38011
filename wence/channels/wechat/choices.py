"""Which of the numbered options a message chooses: `chosen(text, options)`.

"2", "２", "二", "②", "2." and "第二个" choose the second, and the words of an option choose it. Whatever else a
message says is no choice but a question of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from wence.replies import Option

_NUMERALS = "一二三四五六七八九"
_FORMAT = re.compile(r"第?\(?([1-9一二三四五六七八九])\)?(?:个|项|条|号)?[.。、,)]?")


def chosen(text: str, options: Sequence[Option]) -> Option | None:
    """Return the option that a message means; None when it means none of them."""
    plain = _plain(text)
    match = _FORMAT.fullmatch(plain)
    if match:
        sign = match.group(1)
        number = _NUMERALS.index(sign) + 1 if sign in _NUMERALS else int(sign)
        return options[number - 1] if number <= len(options) else None
    return next((option for option in options if plain in (_plain(option.title), _plain(option.payload))), None)


def _plain(text: str) -> str:
    """A text as it is compared: one way of writing a sign, no spaces."""
    # Keycap emoji are a digit with two marks; the marks go with everything else that is unseen.
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Mn", "Me")).lower()
