"""The key of a settled question: what is left of its wording when manners of speech do not count.

    key(text)    the same for 「请问，智慧交通谁牵头呢？」 and 「智慧交通谁牵头」

What an official has settled is answered as settled whenever it is asked in the same words (`wence.nlu.scope`).
"""

from __future__ import annotations

import re
import unicodedata

from wence.text import normalise

_BEFORE = re.compile(r"^(?:请问1?下?|麻烦问1?下?|想问1?下?|问1?下|我想问1?下?|您好|你好|咨询1?下?)+")
_AFTER = re.compile(r"(?:呢|啊|呀|哦|嘛|哈|吧啊|谢谢|多谢)+$")


def key(text: str) -> str:
    """Return the wording of a text without punctuation, white space and words of manner; may be empty."""
    bare = "".join(c for c in normalise(text) if unicodedata.category(c)[0] in "LN" or c in "+%")
    previous = ""
    while bare != previous:
        previous, bare = bare, _AFTER.sub("", _BEFORE.sub("", bare))
    return bare or previous
