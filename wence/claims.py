"""What a text claims that can be checked: numbers, dates, document numbers, telephones, titles and units.

    Claims(knowledge).of(text)            the claims of a text
    Evidence(claims, quotes).lacks(text)  those that the quotes do not hold

A number is a number whether written 16 or 十六, but only before a measure word (十四五 is a name); 一项 is an
article, not a count. A month without a year has the year named before it in the same sentence. An ordinal
(第5页, (六), 三、) proves ordinals only; a number proves both.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from wence.knowledge import Knowledge
from wence.text import squash

#: A shorter alias (消防, 移动) is also an ordinary word, which proves no unit.
MIN_UNIT = 3
NUMBER, ORDINAL = "数字", "序号"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMERAL = "[一二两三四五六七八九十百零]+"
_MEASURE = (
    "个|项|条|家|份|大(?=系统|任务|方面)|部分|页|号|次|类|张|种|期|点|轮|步|字|级|名|位|人|户|座|倍|成|天|年|月|日|"
    "万|亿|元|公里|方面|单位|任务|要求|意见|系统"
)
_ADDRESS = re.compile(r"https?://\S+")
_PHONE = re.compile(r"\d{3,4}-\d{7,8}")
_DOCUMENT_NUMBER = re.compile(r"([\u4e00-\u9fff]*)[〔(\[](\d{4})[〕)\]](\d+)号")
_TITLE = re.compile(r"《([^《》]{9,})》")
_DATE = re.compile(
    r"(?P<year>\d{4})年(?P<part>底|初|末|上半年|下半年)?"
    r"|(?P<month>\d{1,2})(?:[-—~至到](?P<last>\d{1,2}))?月(?:(?P<day>\d{1,2})日)?"
)
_CODE = re.compile(r"\d+[A-Za-z]+|[A-Za-z]+\d+")
_SERIAL = re.compile(r"(\d+)号")
_LABEL = re.compile(rf"第?\(({_NUMERAL})\)|(?<![\u4e00-\u9fff])({_NUMERAL})、|^\s*(\d+)、")
_NUMBER = re.compile(r"(第?)(\d+(?:\.\d+)?%?)")
_COUNTED = re.compile(rf"(第?)({_NUMERAL})(?={_MEASURE})")
_OTHER_UNIT = re.compile(
    r"(?:(?![由向和与在是的为把被对从经报给让])[\u4e00-\u9fff]){2,7}?"
    r"(?:局|厅|委员会|管委会|支队|办公室|分公司|集团|公司)"
)


@dataclasses.dataclass(frozen=True)
class Date:
    """A date with what is missing left 0; `part` is the part of the year (底)."""

    year: int
    month: int = 0
    day: int = 0
    part: str = ""

    def within(self, other: Date) -> bool:
        """Say whether `other` states at least this date."""
        return (
            self.year in (0, other.year)
            and self.month in (0, other.month)
            and self.day in (0, other.day)
            and self.part in ("", other.part)
        )


@dataclasses.dataclass(frozen=True)
class Claim:
    """One checkable piece of a text; `kind` says in Chinese what it is, `value` what is compared."""

    kind: str
    text: str
    value: object


def chinese_number(numeral: str) -> int:
    """Read a Chinese numeral below 1000: 29 for 二十九."""
    total, digit = 0, 0
    for character in numeral:
        if character in "十百":
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


def numbers(text: str) -> set[str]:
    """Return every number that stands in a text, the parts of its dates and document numbers too."""
    text = unicodedata.normalize("NFKC", text)
    found = set(re.findall(r"\d+(?:\.\d+)?", text))
    return found | {str(chinese_number(numeral)) for _, numeral in _COUNTED.findall(text)}


def dates(text: str) -> list[Date]:
    """Return the dates of a text in order; a month takes the year named before it in its sentence."""
    found: list[Date] = []
    for sentence in re.split("[。\n]", unicodedata.normalize("NFKC", text)):
        year, year_end = 0, -1
        for match in _DATE.finditer(sentence):
            if match["year"]:
                year, year_end = int(match["year"]), match.end()
                found.append(Date(year, part=match["part"] or ""))
                continue
            if match.start() == year_end and not found[-1].part:
                found.pop()
            found += [Date(year, int(m), int(match["day"] or 0)) for m in (match["month"], match["last"]) if m]
    return found


class Claims:
    """Finds the claims of texts; knows the units of a knowledge by all their names."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Read the names of the units."""
        self._units: dict[str, frozenset[str]] = {}
        for unit in knowledge.of_type("unit"):
            for name in map(squash, (unit.name, *unit.aliases)):
                if len(name) >= MIN_UNIT:
                    self._units[name] = self._units.get(name, frozenset()) | {unit.id}
        longest_first = sorted(self._units, key=len, reverse=True)
        self._unit = re.compile("|".join(re.escape(name) for name in longest_first) or "(?!)")
        self._cached = functools.lru_cache(maxsize=4096)(lambda text: tuple(self._find(text)))

    def of(self, text: str) -> tuple[Claim, ...]:
        """Return the claims of a text."""
        return self._cached(text)

    def _find(self, text: str) -> Iterator[Claim]:
        yield from self._named_units(squash(text))
        text = _ADDRESS.sub(" ", unicodedata.normalize("NFKC", text))
        yield from (Claim("文件名", f"《{m[1]}》", squash(m[1])) for m in _TITLE.finditer(text))
        yield from (Claim("电话", m[0], m[0]) for m in _PHONE.finditer(text))
        text = _PHONE.sub(" ", text)
        yield from (Claim("文号", m[0], (m[1], m[2], m[3])) for m in _DOCUMENT_NUMBER.finditer(text))
        text = _DOCUMENT_NUMBER.sub(" ", text)
        yield from (Claim("日期", _told(date), date) for date in dates(text))
        text = _DATE.sub(" ", text)
        yield from (Claim("代号", m[0], m[0]) for m in _CODE.finditer(text))
        text = _CODE.sub(" ", text)
        yield from (Claim("文号", m[0], ("", "", m[1])) for m in _SERIAL.finditer(text))
        text = _SERIAL.sub(" ", text)
        for match in _LABEL.finditer(text):
            yield Claim(ORDINAL, match[0], match[3] or str(chinese_number(match[1] or match[2])))
        text = _LABEL.sub(" ", text)
        for match in _NUMBER.finditer(text):
            yield Claim(ORDINAL if match[1] else NUMBER, match[0], match[2])
        for match in _COUNTED.finditer(text):
            if match[1] or match[2] != "一":
                yield Claim(ORDINAL if match[1] else NUMBER, match[0], str(chinese_number(match[2])))

    def _named_units(self, text: str) -> Iterator[Claim]:
        for match in self._unit.finditer(text):
            yield Claim("单位", match[0], self._units[match[0]])
        for match in _OTHER_UNIT.finditer(self._unit.sub("\n", text)):
            yield Claim("单位", match[0], frozenset())


def _told(date: Date) -> str:
    parts = ((date.year, "年"), (date.month, "月"), (date.day, "日"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) + date.part


class Evidence:
    """What a set of quotes holds."""

    def __init__(self, claims: Claims, quotes: Iterable[str]) -> None:
        """Read the quotes."""
        quotes = list(quotes)
        self._claims = claims
        self._texts = [squash(quote) for quote in quotes]
        self._held: dict[str, set[object]] = {}
        for quote in quotes:
            for claim in claims.of(quote):
                self._held.setdefault(claim.kind, set()).add(claim.value)

    def stands(self, text: str) -> bool:
        """Say whether a text stands verbatim in one of the quotes, white space and quotation marks aside."""
        return any(squash(text) in quote for quote in self._texts)

    def lacks(self, text: str) -> list[Claim]:
        """Return the claims of a text that the quotes do not hold."""
        return [claim for claim in self._claims.of(text) if not self.holds(claim)]

    def holds(self, claim: Claim) -> bool:
        """Say whether the quotes hold a claim."""
        held, value = self._held.get(claim.kind, set()), claim.value
        if isinstance(value, Date):
            return any(isinstance(other, Date) and value.within(other) for other in held)
        if isinstance(value, tuple):
            return any(isinstance(other, tuple) and _same_number(value, other) for other in held)
        if isinstance(value, frozenset) and value:
            return any(isinstance(other, frozenset) and value & other for other in held)
        if claim.kind == NUMBER:
            return value in held
        if claim.kind == ORDINAL:  # 第七个方面 is the last of 七个方面
            return value in held or value in self._held.get(NUMBER, ())
        return self.stands(claim.text)


def _same_number(said: tuple[str, str, str], held: tuple[str, str, str]) -> bool:
    if not said[1]:
        return said[2] == held[2]
    # What stands before the number in a sentence is no part of it: 文号是豫政办〔2020〕27号.
    return said[1:] == held[1:] and said[0].endswith(held[0])
