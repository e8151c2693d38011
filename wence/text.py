"""Text as the assistant sees it: normalised once, for training and for use.

    normalise(text)         the text every later step reads: width, traditional characters, invisible
                            characters, case, brackets, English and dialect words, numerals
    syllables(text)         the sound of each character, near-homophones folded together
    clauses(text)           the parts of a long message that can each hold a question
    squash(text)            what is left when width, white space and quotation marks do not count

None of this knows Rasa; a call takes some microseconds.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from opencc import OpenCC
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from wence.lexicon import COLLOQUIAL, ENGLISH, FILLERS

_BRACKETS = re.compile(r"[〔〕\[\]【】《》〈〉「」『』“”\"'‘’()<>{}`*_#~|^]")
_SPACES = re.compile(r"\s+")
_LETTER_O = re.compile(r"(?<=\d)o(?![a-z])")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_QUOTES_AND_SPACES = re.compile(r"[\s“”\"'‘’*_`#>|]+")
_ENGLISH_WORD = re.compile(
    r"(?<![a-z0-9])(" + "|".join(re.escape(w) for w in sorted(ENGLISH, key=len, reverse=True)) + r")(?![a-z0-9])"
)
_COLLOQUIAL_WORD = re.compile("|".join(re.escape(w) for w in sorted(COLLOQUIAL, key=len, reverse=True)))
_FILLER = re.compile("|".join(re.escape(w) for w in sorted(FILLERS, key=len, reverse=True)))
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_YEAR = re.compile(r"([二两][零〇○]|[一二三四五六七八九零〇○])([零〇○一二三四五六七八九]{1,3})(?=年)")
_COUNTED = re.compile(
    r"([一二三四五六七八九]?百(?:零[一二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)?|"
    r"[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"(?=(?:个|项|条|家|份|大系统|大块|方面|部分|页|号|月|日|年|次|类|张|步|轮|期|点|种|单位|任务|款|阶段|要求|意见))"
)
#: 第三、第四条: the first of two ordinals stands before no measure word.
_FIRST_ORDINAL = re.compile(
    r"(?<=第)([一二三四五六七八九]?十?[一二三四五六七八九])(?=[、,和跟与至到]+第?[一二三四五六七八九0-9])"
)
_RANGE = re.compile(r"([一二三四五六七八九]?十?[一二三四五六七八九])(?=[到至、和与\-][0-9]{1,2}月)")
#: 七八月 is two neighbouring months, not the 78th.
_TWO_MONTHS = re.compile(r"(?<![十零〇])([一二三四五六七八])([二三四五六七八九])(?=月)")
_SERIAL = re.compile(r"([零〇○一二三四五六七八九]{2,4})(?=号)")
_CLAUSE_END = re.compile(r"[。!?;,\n:…]+|(?<=[吗呢呀])(?=.{4})")
_SOUND_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINAL_FOLDS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@functools.lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def _number(text: str) -> int:
    """Read a Chinese numeral below 200, or a row of digits (八七〇)."""
    if "十" not in text and "百" not in text:
        return int("".join(str(_DIGITS[c]) for c in text))
    hundreds, _, rest = text.rpartition("百")
    total = 100 * _DIGITS.get(hundreds, 1 if "百" in text else 0)
    rest = rest.lstrip("零〇")
    if "十" in rest:
        tens, _, ones = rest.partition("十")
        return total + 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
    return total + (_DIGITS[rest] if rest else 0)


def _numerals(text: str) -> str:
    text = _YEAR.sub(lambda m: "".join(str(_DIGITS[c]) for c in m[0]), text)
    text = _TWO_MONTHS.sub(lambda m: f"{_DIGITS[m[1]]}-{_DIGITS[m[2]]}", text)
    text = _SERIAL.sub(lambda m: str(_number(m[1])), text)

    def counted(match: re.Match[str]) -> str:
        value = _number(match[1])
        before = match.string[match.start() - 1 : match.start()]
        following = match.string[match.end() : match.end() + 1]
        if value == 1 and before != "第" and following not in "月年日号":
            return match[0]  # 一个手机, 一条: an article, not a count
        return str(value)

    text = _FIRST_ORDINAL.sub(lambda m: str(_number(m[1])), text)
    text = _COUNTED.sub(counted, text)
    return _RANGE.sub(lambda m: str(_number(m[1])), text)


@functools.lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return `text` as every later step reads it.

    Compatibility forms (width, circled digits) and traditional characters are folded, invisible and
    control characters, brackets and quotation marks removed, letters lowered, English and dialect
    words replaced by the plain words of `wence.lexicon`, numerals before a measure word written as
    digits, and spaces between Chinese characters dropped. Idempotent for plain text.

        >>> normalise("請問「視聯網」的 lead unit 是邊個?")
        '视联网的牵头单位是谁?'
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else "" for c in text)
    text = _simplifier().convert(text).lower()
    text = _BRACKETS.sub("", text)
    text = _ENGLISH_WORD.sub(lambda m: ENGLISH[m[1]], text)
    text = _COLLOQUIAL_WORD.sub(lambda m: COLLOQUIAL[m[0]], text)
    text = _numerals(text)
    text = _FILLER.sub("", text)
    text = _LETTER_O.sub("0", text)
    text = _SPACES.sub(" ", text).strip()
    text = _BETWEEN_HAN.sub("", text)
    return re.sub(r"(?<=[\u3400-\u9fff]) (?=[0-9a-z])|(?<=[0-9a-z]) (?=[\u3400-\u9fff])", "", text)


@functools.lru_cache(maxsize=16384)
def syllable(character: str) -> str:
    """Return the toneless sound of one character, near-homophones folded; other characters as they are."""
    if not "\u3400" <= character <= "\u9fff":
        return character
    sounds = PINYIN_DICT.get(ord(character), character).split(",")
    sound = to_normal(sounds[0])
    for initial, folded in _SOUND_FOLDS:
        if sound.startswith(initial):
            sound = folded + sound[len(initial) :]
    for final, folded in _FINAL_FOLDS:
        if sound.endswith(final):
            return sound[: -len(final)] + folded
    return sound


def syllables(text: str) -> list[str]:
    """Return the sound of each character of `text` (see `syllable`)."""
    return [syllable(c) for c in text]


def clauses(text: str) -> list[str]:
    """Split a normalised message into the parts that can each hold a question or a word of talk."""
    return [part.strip() for part in _CLAUSE_END.split(text) if part and part.strip()]


def squash(text: str) -> str:
    """Fold width and drop white space and quotation marks, so that only wording is compared."""
    return _QUOTES_AND_SPACES.sub("", unicodedata.normalize("NFKC", text))
