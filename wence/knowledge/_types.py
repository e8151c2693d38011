"""What the knowledge is made of: sources, quotes, subjects, facets, facts and gaps, all immutable."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping
from typing import Any

from wence.text import normalise

SUBJECT_TYPES = (
    "document",
    "unit",
    "unit_kind",
    "task",
    "aspect",
    "opinion",
    "topic",
    "part",
    "requirement",
    "stage",
    "person",
    "place",
)

FACET_KINDS = ("policy", "unknown", "smalltalk", "context", "off")

#: The facet of what officials add as a question of its own: only a fact that is likely answers it.
ADDED = "added"
#: Prefix of the ids of units that stand on no list of the sources.
OUTSIDER = "outsider."

QUESTION_FORMS = (
    "who",
    "when",
    "why",
    "how",
    "whom",
    "rate",
    "rejected",
    "adopted",
    "denial",
    "count",
)


@dataclasses.dataclass(frozen=True)
class Source:
    """A document that proves facts; `staff`: it holds the answers of an official."""

    id: str
    title: str
    cited_as: str
    date: str
    text: str
    section: str | None
    staff: bool = False

    @functools.cached_property
    def headings(self) -> list[tuple[int, int, str]]:
        """Offset, level and text of each heading, in order."""
        found = []
        for match in re.finditer(
            r"^\s*((?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\))[^\n]*)$", self.text, re.M
        ):
            title = match[1].strip()
            if len(title) <= 40 and not title.endswith(("。", "?")):
                found.append((match.start(1), 2 if title.startswith("(") else 1, title))
        return found

    def section_at(self, offset: int) -> str:
        """Name the section of the document in which `offset` lies."""
        if self.section:
            return self.section
        chapter = part = ""
        for start, level, title in self.headings:
            if start > offset:
                break
            chapter, part = (title, "") if level == 1 else (chapter, title)
        return " ".join(filter(None, (chapter, part))) or "标题和导语"

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return start and end of `quote` in the document, white space aside; None if it is not there."""
        pattern = r"\s*".join(re.escape(c) for c in re.sub(r"\s+", "", quote))
        match = re.search(pattern, self.text)
        return match.span() if match else None


@dataclasses.dataclass(frozen=True)
class Quote:
    """A verbatim passage of a source."""

    id: str
    source: str
    text: str
    section: str


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """What a question can be about: a document, a unit, a task, an opinion, a stage …."""

    id: str
    type: str
    name: str
    aliases: tuple[str, ...] = ()
    listed: str = ""
    kind: str = ""
    aspect: str = ""
    by: str = ""
    document: str = ""
    opinions: tuple[str, ...] = ()
    ordinal: int = 0
    since: str = ""
    until: str = ""

    @property
    def short(self) -> str:
        """The name as the sources list it."""
        return self.listed or self.name


@dataclasses.dataclass(frozen=True, eq=False)
class Facet:
    """What can be asked: an intent, the subjects it takes and the subject it has when none is named.

    `strict`: a subject without a fact of this facet is not answered with the default subject's facts.
    `cues`: nouns that name the facet in a bare question (「文号呢」).
    """

    id: str
    title: str
    group: str
    kind: str = "policy"
    takes: tuple[str, ...] = ()
    default: str = ""
    strict: bool = False
    cues: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Fact:
    """One statement of the sources with the facets and subjects it answers and the quotes that prove it.

    `names` are the subjects that are its answer, `items` the list it gives (`complete`: nothing else is in
    it), `derived` the numbers computed from quoted ones, `cues` words without one of which a detail is not
    chosen over the plain fact, `added`: officials added it.
    """

    id: str
    facets: tuple[str, ...]
    subjects: tuple[str, ...]
    question: str
    value: tuple[str, ...]
    say: str
    says: Mapping[str, str]
    proof: tuple[str, ...]
    names: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    complete: bool = False
    derived: tuple[Mapping[str, Any], ...] = ()
    expires: str = ""
    cues: tuple[str, ...] = ()
    added: bool = False


@dataclasses.dataclass(frozen=True)
class Gap:
    """Something that people ask and the sources do not state, by name."""

    id: str
    facet: str
    what: str
    subjects: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything the assistant knows; immutable. `version` is the policy's, `digest` the content's."""

    version: str
    digest: str
    place: str
    contact: str
    plan: str
    sources: Mapping[str, Source]
    quotes: Mapping[str, Quote]
    subjects: Mapping[str, Subject]
    facets: Mapping[str, Facet]
    groups: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Fact]
    gaps: tuple[Gap, ...]
    silent: tuple[tuple[str, str, str], ...]

    @functools.cached_property
    def _index(self) -> dict[tuple[str, str], tuple[Fact, ...]]:
        index: dict[tuple[str, str], tuple[Fact, ...]] = {}
        for fact in self.facts.values():
            for facet in fact.facets:
                for subject in fact.subjects:
                    index[facet, subject] = (*index.get((facet, subject), ()), fact)
        return index

    def facts_about(self, facet: str, subject: str) -> tuple[Fact, ...]:
        """Return the facts that answer `facet` of `subject`, in the order of the file."""
        return self._index.get((facet, subject), ())

    def gap_for(self, facet: str, subject: str = "") -> Gap | None:
        """Return what is not stated about `facet` of `subject`: the entry that names it, else the general one."""
        general = None
        for gap in self.gaps:
            if gap.facet == facet:
                if subject in gap.subjects:
                    return gap
                if not gap.subjects:
                    general = gap
        return general

    def of_type(self, *types: str) -> list[Subject]:
        """Return the subjects of these types, in the order of the file, outsiders last."""
        return [s for s in self.subjects.values() if s.type in types]

    @property
    def absent_units(self) -> tuple[str, ...]:
        """The names of the units that people ask about and no source names."""
        return tuple(s.name for s in self.subjects.values() if s.id.startswith(OUTSIDER))

    @functools.cached_property
    def contact_phone(self) -> str:
        """The telephone number that a citizen is given."""
        return self.facts[self.contact].value[0]

    def citation(self, quote_id: str) -> dict[str, str]:
        """Return a quote as a reply cites it: source, section and verbatim text."""
        quote = self.quotes[quote_id]
        return {"source": quote.source, "section": quote.section, "quote": quote.text}

    @functools.cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Every normalised name and alias, with the subjects that bear it."""
        names: dict[str, tuple[str, ...]] = {}
        for subject in self.subjects.values():
            for name in (subject.name, subject.listed, *subject.aliases):
                key = normalise(name)
                if len(key) >= 2 and subject.id not in names.get(key, ()):
                    names[key] = (*names.get(key, ()), subject.id)
        return names
