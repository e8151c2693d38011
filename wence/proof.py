"""Proves the content of the knowledge: that it says what its sources say, and all that they say.

    check(folder)  → defects, each with file, line and field; none where everything is proved

`wence.knowledge.load` has checked the structure before. Two directions are proved here: nothing is stated
that no quote holds (values, and every number, date, document number, telephone, title and unit of the
answers), and nothing stands in a source that no fact quotes or the list `silent` does not give a reason for.
"""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wence import claims as c
from wence.knowledge import ADDED, OUTSIDER, Fact, Knowledge, Source, Subject, lines, load
from wence.text import normalise

MAX_QUOTE = 320
#: How an answer names the documents (这两份材料): its number is that of the sources but the answers of officials.
_OWN_SOURCES = re.compile(r"这([两二三四五六七八九十\d]+)份(?:公开)?材料")
_DIGITS = re.compile(r"\d+(?:\.\d+)?|[一二两三四五六七八九十百]+")

#: What a check yields: where in the file, and what is wrong there.
Finding = tuple[tuple[str, ...], str]


@dataclasses.dataclass(frozen=True)
class Defect:
    """Something in the knowledge that is not proved, and where it stands."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} 第{self.line}行 {self.field}:{self.message}"


def check(folder: pathlib.Path) -> list[Defect]:
    """Return the defects of the knowledge in `folder`, in the order of its files.

    Raises KnowledgeError where its structure is broken already.
    """
    knowledge, places = load(folder), lines(folder)
    defects = [
        Defect(*_line(places, place), ".".join(place), message) for run in _CHECKS for place, message in run(knowledge)
    ]
    return sorted(defects, key=lambda d: (d.file != "policy.yml", d.line))


def _line(places: Mapping[tuple[str, ...], tuple[str, int]], place: tuple[str, ...]) -> tuple[str, int]:
    while place not in places:
        place = place[:-1]
    return places[place]


def _quotes(knowledge: Knowledge) -> Iterator[Finding]:
    used = {quote for fact in knowledge.facts.values() for quote in fact.proof}
    for quote in knowledge.quotes.values():
        if len(quote.text) > MAX_QUOTE:
            yield ("quotes", quote.id, "text"), f"引句有{len(quote.text)}字,最多{MAX_QUOTE}字"
        if quote.id not in used:
            yield ("quotes", quote.id), "没有事实引用这句"


def _facts(knowledge: Knowledge) -> Iterator[Finding]:
    claims = c.Claims(knowledge)
    for fact in knowledge.facts.values():
        evidence = c.Evidence(claims, [knowledge.quotes[quote].text for quote in fact.proof])
        for index, value in enumerate(fact.value):
            if not evidence.stands(value):
                yield ("facts", fact.id, "value", str(index)), f"「{value}」不在它的引句里"
        for place, text in said(fact):
            for claim in evidence.lacks(unproved_part(knowledge, fact, text)):
                if claim.kind != c.NUMBER or claim.value != str(len(fact.items)):
                    yield ("facts", fact.id, *place), f"{claim.kind}「{claim.text}」不在它的引句里"
        yield from _named(knowledge, fact, evidence)
        yield from _derived(knowledge, fact)


def said(fact: Fact) -> list[tuple[tuple[str, ...], str]]:
    """Return the answers of a fact with the field that each stands in."""
    return [(("say",), fact.say), *((("says", form), text) for form, text in fact.says.items())]


def unproved_part(knowledge: Knowledge, fact: Fact, text: str) -> str:
    """Return an answer without the numbers that need no quote: derived ones, and the number of the sources."""
    for derived in fact.derived:
        text = text.replace(derived["text"], _DIGITS.sub(" ", derived["text"]))
    documents = sum(not source.staff for source in knowledge.sources.values())
    return _OWN_SOURCES.sub(lambda m: "这些材料" if _value(m[1]) == documents else m[0], text)


def _value(number: str) -> int:
    return int(float(number)) if number[0].isdigit() else c.chinese_number(number)


def _named(knowledge: Knowledge, fact: Fact, evidence: c.Evidence) -> Iterator[Finding]:
    for field, subjects in (("names", fact.names), ("items", fact.items)):
        for index, subject in enumerate(map(knowledge.subjects.__getitem__, subjects)):
            if not _stands(knowledge, subject, evidence):
                yield ("facts", fact.id, field, str(index)), f"引句里没有「{subject.name}」,也没有它的别名"


def _stands(knowledge: Knowledge, subject: Subject, evidence: c.Evidence) -> bool:
    if subject.type == "opinion":  # An opinion has no name in the sources: it is known by who gave it.
        return _stands(knowledge, knowledge.subjects[subject.by], evidence)
    if any(evidence.stands(name) for name in (subject.name, subject.listed, *subject.aliases) if name):
        return True
    parts = [part for part in re.split(r"[（）()]", subject.name) if part]
    return len(parts) > 1 and all(map(evidence.stands, parts))  # 第一部分（工作目标） stands in two places


def _derived(knowledge: Knowledge, fact: Fact) -> Iterator[Finding]:
    quoted: set[str] = set()
    for quote in fact.proof:
        quoted |= c.numbers(knowledge.quotes[quote].text)
        quoted |= {f"{d.year}-{d.month:02}" for d in c.dates(knowledge.quotes[quote].text)}
    for index, derived in enumerate(fact.derived):
        place = ("facts", fact.id, "derived", str(index))
        rule = next(name for name in derived if name != "text")
        if not any(derived["text"] in text for _, text in said(fact)):
            yield (*place, "text"), f"「{derived['text']}」不在答句里"
        if rule == "count":
            counted = knowledge.facts.get(derived[rule])
            result = len(counted.items) if counted else None
        else:
            for number in derived[rule]:
                if number not in quoted:
                    yield (*place, rule), f"算式里的「{number}」不在它的引句里"
            result = _computed(rule, derived[rule])
        if result is None:
            yield (*place, rule), "这个算式算不出来"
        elif result not in map(_value, _DIGITS.findall(derived["text"])):
            yield (*place, "text"), f"「{derived['text']}」应当是{result}"


def _computed(rule: str, operands: tuple[str, ...]) -> int | None:
    try:
        first, second = operands
        if rule == "difference":
            return abs(int(first) - int(second))
        if rule == "percent":
            return round(100 * int(first) / int(second))
        since, until = (datetime.date.fromisoformat(f"{month}-01") for month in operands)
    except (ValueError, ZeroDivisionError):
        return None
    return 12 * (until.year - since.year) + until.month - since.month + 1


def _sources(knowledge: Knowledge) -> Iterator[Finding]:
    proofs = dict.fromkeys(quote for fact in knowledge.facts.values() for quote in fact.proof)
    covered: dict[str, set[int]] = {name: set() for name in knowledge.sources}
    for quote in map(knowledge.quotes.__getitem__, proofs):
        covered[quote.source].update(_places(knowledge.sources[quote.source], quote.text))
    for index, (name, text, _) in enumerate(knowledge.silent):
        found = _places(knowledge.sources[name], text)
        if not found:
            yield ("silent", str(index), "text"), f"这句不在来源「{knowledge.sources[name].cited_as}」里"
        covered[name].update(found)
    for source in knowledge.sources.values():
        for start, stretch in _uncovered(source.text, covered[source.id]):
            line = source.text.count("\n", 0, start) + 1
            yield ("sources", source.id, "file"), f"原文第{line}行「{stretch}」没有事实引用,也没有列在 silent 里"


def _places(source: Source, text: str) -> set[int]:
    pattern = r"\s*".join(re.escape(character) for character in re.sub(r"\s+", "", text))
    return {place for match in re.finditer(pattern, source.text) for place in range(*match.span())}


def _uncovered(text: str, covered: set[int]) -> Iterator[tuple[int, str]]:
    """Yield the stretches of a text outside `covered`; punctuation and white space alone make none."""
    bare = "".join("\0" if place in covered else character for place, character in enumerate(text))
    for match in re.finditer(r"[^\0\n]+", bare):
        if any(unicodedata.category(character)[0] not in "PSZC" for character in match[0]):
            yield match.start(), match[0].strip()


def _questions(knowledge: Knowledge) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for fact in knowledge.facts.values():
        question = normalise(fact.question).rstrip("?")
        if question in seen:
            yield ("facts", fact.id, "question"), f"与事实「{seen[question]}」的问句相同"
        seen.setdefault(question, fact.id)


def _facets(knowledge: Knowledge) -> Iterator[Finding]:
    answered = {facet for fact in knowledge.facts.values() for facet in fact.facets}
    answered.add(ADDED)  # What officials add is not in the repository.
    answered |= {gap.facet for gap in knowledge.gaps if not gap.subjects}
    for facet in knowledge.facets.values():
        if facet.kind == "policy" and facet.id not in answered:
            yield ("facets", facet.id), "没有事实回答这一方面,也没有列在 not_stated 里"


def _gaps(knowledge: Knowledge) -> Iterator[Finding]:
    seen: set[str] = set()
    for gap in knowledge.gaps:
        if gap.id in seen:
            yield ("not_stated", gap.id, "id"), "这个 id 出现了两次"
        seen.add(gap.id)
        for index, subject in enumerate(gap.subjects):
            for fact in knowledge.facts_about(gap.facet, subject)[:1]:
                name = knowledge.subjects[subject].name
                yield ("not_stated", gap.id, "subjects", str(index)), f"「{name}」的这一方面有事实「{fact.id}」"


def _aliases(knowledge: Knowledge) -> Iterator[Finding]:
    bearers: dict[tuple[str, str], str] = {}
    for subject in knowledge.subjects.values():
        fields: list[tuple[tuple[str, ...], Any]] = [(("name",), subject.name), (("listed",), subject.listed)]
        fields += [(("aliases", str(index)), alias) for index, alias in enumerate(subject.aliases)]
        for field, name in fields:
            bearer = bearers.setdefault((subject.type, normalise(name)), subject.id)
            if not name or bearer == subject.id:
                continue
            if not subject.id.startswith(OUTSIDER):
                yield ("subjects", subject.id, *field), f"「{name}」也是「{bearer}」的名称"
            elif not bearer.startswith(OUTSIDER):
                yield ("absent_units", subject.id.removeprefix(OUTSIDER)), f"「{name}」也是「{bearer}」的名称"


_CHECKS: tuple[Callable[[Knowledge], Iterator[Finding]], ...] = (
    _quotes,
    _facts,
    _sources,
    _questions,
    _facets,
    _gaps,
    _aliases,
)
