"""Personal numbers in a text, and how they are taken out of it before anything keeps the text.

    mask(text, public_numbers)    the text with `[手机号]`, `[电话号]`, `[身份证号]`, `[银行卡号]`, `[邮箱]` and
                                  `[车牌号]` in the place of such numbers; masking again changes nothing
    public_numbers(knowledge)     the numbers that the knowledge itself makes public, which are never masked
    Masker                        both bound together, for texts, for whole events, for names of senders

Numbers are found however they are written: full width, with spaces, dashes, dots or invisible characters
in between. What only looks like one stays: dates, document numbers, amounts of money. Where a doubt is
left, the number goes: a question hardly ever needs it, and nobody can take back what was stored.

None of this knows Rasa; a text without digits costs a microsecond, one with a number some tens.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from wence.knowledge import Knowledge
from wence.replies import PUBLIC_NUMBERS

MOBILE = "[手机号]"
LANDLINE = "[电话号]"
IDENTITY_CARD = "[身份证号]"
BANK_CARD = "[银行卡号]"
EMAIL = "[邮箱]"
PLATE = "[车牌号]"

#: A local number needs so many digits; shorter ones (110, 12345) belong to nobody.
SHORTEST_NUMBER = 7

_WORTH_A_LOOK = re.compile(r"[@＠﹫]|(?:[\d①-⑨⓪⓵-⓽❶-❾➀-➈][^\d①-⑨⓪⓵-⓽❶-❾➀-➈]{0,6}?){3}")
_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Mn", "Me"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})
_DASHES = frozenset("‐‑‒–—―−－﹣～~_ー·•・‧∙⋅")
# Where a number may begin: not inside another one, nor behind the point of 0.93….
_START = r"(?<!\d)(?<![^\d]0\.)(?<!^0\.)"
_GAP = r"[ \-.]{0,3}"
_PLATE_SIGNS = "A-HJ-NP-Za-hj-np-z0-9"


def _digits(count: str, gap: str = _GAP) -> str:
    return rf"(?:\d{gap}){{{count}}}"


# Begins where the word begins, so that a long word is read once only.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]*[A-Za-z0-9_%+] ?@ ?[A-Za-z0-9\-]+(?:[.。][A-Za-z0-9\-]+)+"
)
_IDENTITY_18 = re.compile(
    rf"{_START}[1-9]{_GAP}{_digits('5')}(?:1{_GAP}[89]|2{_GAP}0){_GAP}{_digits('2')}"
    rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01]){_GAP}{_digits('3')}[\dXx](?!\d)"
)
_IDENTITY_15 = re.compile(
    rf"{_START}(?:[1-8]\d{{5}}(?P<gap>{_GAP})\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?P=gap)\d{{3}}"
    r"|[1-8](?:[ \-.]\d){14})(?!\d)"
)
_CARD = re.compile(
    rf"{_START}(?:"
    r"[1-9]\d{12,18}"
    r"|(?!(?:19|20)\d\d)[1-9]\d{3}(?:(?P<gap>[ \-.]{1,3})\d{4}){2}(?P=gap)\d{1,4}(?:(?P=gap)\d{1,4}){0,2}"
    r"|[1-9]\d{5}[ \-.]{1,3}\d{7,13}"
    r"|[1-9](?:[ \-.]\d){12,18}"
    r")(?!\d)"
)
# A row of digits too long for any number hides one, or several without a space between them.
_TOO_LONG = re.compile(rf"{_START}\d{{20,}}(?!\d)")
_MOBILE = re.compile(
    rf"{_START}(?:(?:\+|00)?86{_GAP}|0)?(?P<number>1{_GAP}[3-9]{_GAP}{_digits('8')}\d)(?!\d)(?! ?(?:元|万|亿|美元|吨))"
)
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ \-.]{0,3}(?:\(0\))?[ \-.]{0,3})?"
    r"(?P<open>\()?(?P<area>0?(?:10|2\d)|0?[3-9]\d{2})(?(open)\))(?P<gap>[ \-.]{0,3})"
    r"(?P<local>[2-9]\d{2,3}[ \-.]{0,2}\d{4})(?!\d)"
)
# Without an area code only words tell a telephone from any other number.
_LOCAL = re.compile(
    r"(?:电话|座机|号码|传真|拨打|致电|热线|[Tt]el|TEL|[Pp]hone)[^\d\]。;;!?]{0,8}(?<!\d)"
    r"(?P<local>[2-9]\d{2,3}[ \-.]{0,2}\d{4})(?!\d)(?! ?(?:元|万|亿|号文))"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][ \-.]{0,2}[A-Za-z][ \-.]{0,2}"
    rf"(?P<number>[A-HJKa-hjk]{_GAP}[{_PLATE_SIGNS}]{_GAP}{_digits('3')}\d|{_digits('5')}[A-HJKa-hjk]"
    rf"|(?:[{_PLATE_SIGNS}]{_GAP}){{4}}[{_PLATE_SIGNS}学警挂港澳])(?![A-Za-z0-9])"
)
_MOBILE_WITH_COUNTRY = re.compile(r"(?:00)?861[3-9]\d{9}")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d){1,2})?")
_PUBLISHED = re.compile(rf"\d(?:{_GAP}\d){{{SHORTEST_NUMBER - 1},}}")


def mask(text: str, public_numbers: Collection[str] = frozenset()) -> str:
    """Return `text` with every personal number replaced by the name of its kind.

    `public_numbers` are digits only, as `public_numbers()` gives them.

        >>> mask("我的电话是１３８ 1234-5678，智慧社区谁牵头？")
        '我的电话是[手机号]，智慧社区谁牵头？'
    """
    while _WORTH_A_LOOK.search(text):
        masked = _masked_once(text, public_numbers)
        if masked == text:
            break
        # What stood beside a number may now be seen to be one, too.
        text = masked
    return text


def _masked_once(text: str, public_numbers: Collection[str]) -> str:
    plain = _plain(text)
    found: list[tuple[int, int, str]] = []
    for pattern, kind, judge in _KINDS:
        for start, end in _matches(pattern, plain, judge, public_numbers):
            if all(end <= other or start >= until for other, until, _ in found):
                found.append((start, end, kind))
    pieces: list[str] = []
    position = 0
    for start, end, kind in sorted(found):
        pieces += (text[position:start], kind)
        position = end
    return "".join((*pieces, text[position:]))


def _plain(text: str) -> str:
    """The text in plain characters, one for one: ASCII digits and letters, one kind of space, of dash."""
    return text if text.isascii() and text.isprintable() else "".join(map(_plain_character, text))


@functools.lru_cache(maxsize=8192)
def _plain_character(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in _DASHES:
        return "-"
    category = unicodedata.category(character)
    if category in _SPACES or category in _INVISIBLE:
        return " "
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


_Judge = Callable[[re.Match[str], Collection[str]], tuple[int, int] | None]


def _matches(
    pattern: re.Pattern[str], plain: str, judge: _Judge, public_numbers: Collection[str]
) -> Iterator[tuple[int, int]]:
    position = 0
    while match := pattern.search(plain, position):
        span = judge(match, public_numbers)
        # What is no number may still have one inside.
        position = span[1] if span else match.start() + 1
        if span:
            yield span


def _figures(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _always(match: re.Match[str], _public_numbers: Collection[str]) -> tuple[int, int]:
    return match.span()


def _unless_public(match: re.Match[str], public_numbers: Collection[str]) -> tuple[int, int] | None:
    return None if _figures(match[0]) in public_numbers else match.span()


def _is_card(match: re.Match[str], public_numbers: Collection[str]) -> tuple[int, int] | None:
    figures = _figures(match[0])
    if not 13 <= len(figures) <= 19 or not _passes_luhn(figures):
        return None
    if _DATE.fullmatch(figures) or _MOBILE_WITH_COUNTRY.fullmatch(figures):
        return None
    return _unless_public(match, public_numbers)


def _passes_luhn(figures: str) -> bool:
    total = 0
    for place, figure in enumerate(reversed(figures)):
        value = int(figure) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_mobile(match: re.Match[str], public_numbers: Collection[str]) -> tuple[int, int] | None:
    groups = [len(group) for group in re.findall(r"\d+", match["number"])]
    # A mobile number is written in groups, the first of them long; a day, a month and a year are not.
    if groups[0] < 3 and max(groups) > 2:
        return None
    return _unless_public(match, public_numbers)


def _is_landline(match: re.Match[str], public_numbers: Collection[str]) -> tuple[int, int] | None:
    area, local = _figures(match["area"]), _figures(match["local"])
    has_prefix = area.startswith("0") or match[0].lstrip("(").startswith(("+", "00", "86"))
    # Without its 0 an area code is only seen by how it stands apart from the number.
    if not has_prefix and "(" not in match[0] and "-" not in match["gap"]:
        return None
    if len(area.lstrip("0")) == 2 and len(local) != 8:
        return None
    if not has_prefix and _DATE.fullmatch(local):
        return None
    if "0" + area.lstrip("0") + local in public_numbers or local in public_numbers:
        return None
    return match.span()


def _is_local(match: re.Match[str], public_numbers: Collection[str]) -> tuple[int, int] | None:
    local = _figures(match["local"])
    if local in public_numbers or _DATE.fullmatch(local):
        return None
    return match.span("local")


def _is_plate(match: re.Match[str], _public_numbers: Collection[str]) -> tuple[int, int] | None:
    return match.span() if len(_figures(match["number"])) >= 3 else None


_KINDS: tuple[tuple[re.Pattern[str], str, _Judge], ...] = (
    (_EMAIL, EMAIL, _always),
    (_IDENTITY_18, IDENTITY_CARD, _unless_public),
    (_CARD, BANK_CARD, _is_card),
    (_TOO_LONG, BANK_CARD, _unless_public),
    (_IDENTITY_15, IDENTITY_CARD, _unless_public),
    (_MOBILE, MOBILE, _is_mobile),
    (_LANDLINE, LANDLINE, _is_landline),
    (_LOCAL, LANDLINE, _is_local),
    (_PLATE, PLATE, _is_plate),
)


def public_numbers(knowledge: Knowledge) -> frozenset[str]:
    """Return the digits of every number that the knowledge publishes, telephones also without area code."""
    texts = [source.text for source in knowledge.sources.values()]
    for fact in knowledge.facts.values():
        texts += (*fact.value, fact.say, *fact.says.values(), fact.question)
    for subject in knowledge.subjects.values():
        texts += (subject.name, *subject.aliases)
    return numbers_in(texts).union(PUBLIC_NUMBERS)


def numbers_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the digits of every number in texts that are public, telephones also without area code."""
    found: set[str] = set()
    for text in texts:
        plain = _plain(text)
        found |= {_figures(match[0]) for match in _PUBLISHED.finditer(plain)}
        found |= {_figures(match["local"]) for match in _LANDLINE.finditer(plain)}
    return frozenset(found)


@dataclasses.dataclass(frozen=True)
class Masker:
    """Masks with the public numbers of one knowledge; `key` makes the pseudonyms of this installation."""

    public_numbers: Collection[str] = frozenset()
    key: bytes = b""

    @classmethod
    def of(cls, knowledge: Knowledge, key: bytes = b"") -> Masker:
        """Return the masker of a knowledge."""
        return cls(public_numbers(knowledge), key)

    def __call__(self, text: str) -> str:
        """Return a text with its personal numbers masked."""
        return mask(text, self.public_numbers)

    def within(self, value: Any) -> Any:
        """Return a value of JSON, such as an event, with every text in it masked."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self.within(key): self.within(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.within(inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10 ** (SHORTEST_NUMBER - 1):
            masked = self(str(value))
            return value if masked == str(value) else masked
        return value

    def sender(self, sender: str) -> str:
        """Return the name under which a sender may be kept: their own, or a pseudonym where it tells a number."""
        return sender if self(sender) == sender else pseudonym(sender, self.key)


def pseudonym(name: str, key: bytes) -> str:
    """Return a name that stands for another one, always the same, which nobody without the key can find."""
    return hmac.new(key, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
