"""The knowledge: every fact of the sources, once, with its proof.

    Knowledge            what `load` returns: sources, quotes, subjects, facets, facts, what is not stated
      .facts_about(facet, subject)   the facts that answer a facet of a subject
      .gap_for(facet, subject)       what the sources do not state, by name
      .citation(quote_id)            source, section and verbatim text, as a reply carries it
    KnowledgeError       root of what can go wrong
      KnowledgeFileError     missing or unreadable file, with the file's name
      KnowledgeSchemaError   a defect of structure, with file, line and field

The files are `policy.yml` (facts) and `facets.yml` (what can be asked), beside `sources/` (the documents
that prove them). `wence.proof` checks the content; this module checks only the structure.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import yaml

from wence.text import normalise

POLICY_FILE = "policy.yml"
FACETS_FILE = "facets.yml"
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
    "failure",
    "count",
)


class KnowledgeError(Exception):
    """Root of what can go wrong with the knowledge."""


class KnowledgeFileError(KnowledgeError):
    """A file of the knowledge is missing or cannot be read."""


class KnowledgeSchemaError(KnowledgeError):
    """A file of the knowledge has a defect of structure; the message names file, line and field."""


@dataclasses.dataclass(frozen=True)
class Source:
    """A document that proves facts."""

    id: str
    title: str
    cited_as: str
    date: str
    text: str
    section: str | None

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
    chosen over the plain fact.
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


class _Reader:
    """A YAML node with the place it came from, so that a defect can be shown where it is."""

    def __init__(self, file: str, node: yaml.Node, path: str = "") -> None:
        self.file, self.node, self.path = file, node, path

    def fail(self, message: str) -> NoReturn:
        line = self.node.start_mark.line + 1
        raise KnowledgeSchemaError(f"{self.file} 第{line}行 {self.path or '文件'}:{message}")

    def entries(self) -> dict[str, _Reader]:
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("应当是「名称: 值」的对照表")
        found: dict[str, _Reader] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                _Reader(self.file, key, self.path).fail("名称应当是一段文字")
            if key.value in found:
                _Reader(self.file, key, self.path).fail(f"「{key.value}」出现了两次")
            found[key.value] = _Reader(self.file, value, f"{self.path}.{key.value}".lstrip("."))
        return found

    def items(self) -> list[_Reader]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("应当是列表")
        return [_Reader(self.file, n, f"{self.path}[{i}]") for i, n in enumerate(self.node.value)]

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            self.fail("应当是一段文字")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def number(self) -> int:
        if not re.fullmatch(r"-?[0-9]+", self.text()):
            self.fail("应当是整数")
        return int(self.text())

    def month(self) -> str:
        if not re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?", self.text()):
            self.fail("应当是 年-月 或 年-月-日")
        return self.text()

    def flag(self) -> bool:
        if self.text() not in ("true", "false"):
            self.fail("应当是 true 或 false")
        return self.text() == "true"

    def reference(self, known: Iterable[str], what: str) -> str:
        if self.text() not in known:
            self.fail(f"没有这个{what}:「{self.text()}」")
        return self.text()

    def references(self, known: Iterable[str], what: str) -> tuple[str, ...]:
        return tuple(item.reference(known, what) for item in self.items())

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, _Reader]:
        entries = self.entries()
        for name in required:
            if name not in entries:
                self.fail(f"缺少字段「{name}」")
        for name, reader in entries.items():
            if name not in required and name not in optional:
                reader.fail("不认识的字段")
        return entries

    def lines(self, *place: str) -> Iterator[tuple[tuple[str, ...], tuple[str, int]]]:
        """Yield the place of every node below this one, an entry of a list by its id where it has one."""
        yield place, (self.file, self.node.start_mark.line + 1)
        children: Iterable[tuple[str, _Reader]] = ()
        if isinstance(self.node, yaml.MappingNode):
            children = self.entries().items()
        elif isinstance(self.node, yaml.SequenceNode):
            children = ((reader.identity(str(i)), reader) for i, reader in enumerate(self.items()))
        for name, reader in children:
            yield from reader.lines(*place, name)

    def identity(self, otherwise: str) -> str:
        """Return the id of an entry of a list."""
        own = self.entries().get("id") if isinstance(self.node, yaml.MappingNode) else None
        return own.text() if own else otherwise


def _open(path: pathlib.Path) -> tuple[bytes, _Reader]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KnowledgeFileError(f"读不到知识文件 {path}:{error.strerror}") from error
    try:
        node = yaml.compose(raw.decode("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except UnicodeDecodeError as error:
        raise KnowledgeFileError(f"知识文件 {path} 不是 UTF-8 编码") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" 第{mark.line + 1}行" if mark else ""
        raise KnowledgeSchemaError(f"{path.name}{where}:不是合法的 YAML({getattr(error, 'problem', error)})") from error
    if node is None:
        raise KnowledgeSchemaError(f"{path.name}:文件是空的")
    return raw, _Reader(path.name, node)


def _sources(reader: _Reader, folder: pathlib.Path) -> tuple[dict[str, Source], list[bytes]]:
    sources, raws = {}, []
    for name, entry in reader.entries().items():
        fields = entry.fields(("file", "title", "cited_as", "date"), ("section",))
        path = folder / fields["file"].text()
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise KnowledgeFileError(f"读不到来源文件 {path}:{error.strerror}") from error
        raws.append(raw)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise KnowledgeFileError(f"来源文件 {path} 不是 UTF-8 编码") from error
        sources[name] = Source(
            id=name,
            title=fields["title"].text(),
            cited_as=fields["cited_as"].text(),
            date=fields["date"].text(),
            text=text,
            section=fields["section"].text() if "section" in fields else None,
        )
    return sources, raws


def _quotes(reader: _Reader, sources: Mapping[str, Source]) -> dict[str, Quote]:
    quotes = {}
    for name, entry in reader.entries().items():
        fields = entry.fields(("source", "text"))
        source = sources[fields["source"].reference(sources, "来源")]
        span = source.find(fields["text"].text())
        if span is None:
            fields["text"].fail(f"引句不在来源「{source.cited_as}」里,须逐字相同")
        quotes[name] = Quote(name, source.id, fields["text"].text(), source.section_at(span[0]))
    return quotes


def _subjects(reader: _Reader) -> dict[str, Subject]:
    subjects: dict[str, Subject] = {}
    for entry in reader.items():
        fields = entry.fields(
            ("id", "type", "name"),
            ("aliases", "listed", "kind", "aspect", "by", "document", "opinions", "ordinal", "from", "to"),
        )
        identity = fields["id"].text()
        if identity in subjects:
            entry.fail(f"主题「{identity}」出现了两次")
        options: dict[str, Any] = {
            name: fields[name].text() for name in ("listed", "kind", "aspect", "by", "document") if name in fields
        }
        options |= {name: fields[name].texts() for name in ("aliases", "opinions") if name in fields}
        options |= {new: fields[old].month() for old, new in (("from", "since"), ("to", "until")) if old in fields}
        if "ordinal" in fields:
            options["ordinal"] = fields["ordinal"].number()
        subjects[identity] = Subject(
            id=identity, type=fields["type"].reference(SUBJECT_TYPES, "主题类别"), name=fields["name"].text(), **options
        )
    for entry, subject in zip(reader.items(), subjects.values(), strict=True):
        for related in filter(None, (subject.kind, subject.aspect, subject.by, subject.document, *subject.opinions)):
            if related not in subjects:
                entry.fail(f"没有这个主题:「{related}」")
    return subjects


def _outsiders(reader: _Reader) -> dict[str, Subject]:
    """Units that people ask about and no source names; they are found in questions, and no fact is about them."""
    found = {}
    for place, name in enumerate(reader.texts()):
        aliases = (name.removeprefix("市委").removeprefix("市"),) if name.startswith("市") else ()
        found[f"{OUTSIDER}{place}"] = Subject(f"{OUTSIDER}{place}", "unit", name, aliases)
    return found


def _facets(reader: _Reader, subjects: Mapping[str, Subject]) -> tuple[dict[str, Facet], dict[str, dict[str, str]]]:
    top = reader.fields(("schema", "groups", "facets"))
    group_readers = top["groups"].entries()
    facets = {}
    for name, entry in top["facets"].entries().items():
        fields = entry.fields(("title", "group"), ("kind", "takes", "default", "strict", "cues"))
        facets[name] = Facet(
            id=name,
            title=fields["title"].text(),
            group=fields["group"].reference(group_readers, "组"),
            kind=fields["kind"].reference(FACET_KINDS, "种类") if "kind" in fields else "policy",
            takes=fields["takes"].references(SUBJECT_TYPES, "主题类别") if "takes" in fields else (),
            default=fields["default"].reference(subjects, "主题") if "default" in fields else "",
            strict=fields["strict"].flag() if "strict" in fields else False,
            cues=fields["cues"].texts() if "cues" in fields else (),
        )
    groups = {
        name: {form: target.reference(facets, "方面") for form, target in group.entries().items()}
        for name, group in group_readers.items()
    }
    return facets, groups


def _facts(
    reader: _Reader, subjects: Mapping[str, Subject], facets: Mapping[str, Facet], quotes: Mapping[str, Quote]
) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for entry in reader.items():
        fields = entry.fields(
            ("id", "facets", "subjects", "question", "value", "say", "proof"),
            ("says", "names", "items", "complete", "derived", "expires", "cues"),
        )
        identity = fields["id"].text()
        if identity in facts:
            fields["id"].fail(f"事实「{identity}」出现了两次")
        options: dict[str, Any] = {
            name: fields[name].references(subjects, "主题") for name in ("names", "items") if name in fields
        }
        if "cues" in fields:
            options["cues"] = fields["cues"].texts()
        if "complete" in fields:
            options["complete"] = fields["complete"].flag()
        if "expires" in fields:
            try:
                datetime.date.fromisoformat(fields["expires"].text())
            except ValueError:
                fields["expires"].fail("应当是 年-月-日")
            options["expires"] = fields["expires"].text()
        if "derived" in fields:
            options["derived"] = tuple(_derived(item) for item in fields["derived"].items())
        says = fields["says"].entries() if "says" in fields else {}
        for form, said in says.items():
            if form not in QUESTION_FORMS:
                said.fail("不认识的问法")
        facts[identity] = Fact(
            id=identity,
            facets=fields["facets"].references(facets, "方面"),
            subjects=fields["subjects"].references(subjects, "主题"),
            question=fields["question"].text(),
            value=fields["value"].texts(),
            say=fields["say"].text(),
            says={form: said.text() for form, said in says.items()},
            proof=fields["proof"].references(quotes, "引句"),
            **options,
        )
    return facts


def _derived(reader: _Reader) -> Mapping[str, Any]:
    fields = reader.fields(("text",), ("difference", "percent", "months", "count"))
    rules = [name for name in fields if name != "text"]
    if len(rules) != 1:
        reader.fail("须有 difference、percent、months、count 之一")
    rule = rules[0]
    value: Any = fields[rule].text() if rule == "count" else fields[rule].texts()
    return {"text": fields["text"].text(), rule: value}


def _gaps(
    reader: _Reader, subjects: Mapping[str, Subject], facets: Mapping[str, Facet], facts: Mapping[str, Fact]
) -> tuple[Gap, ...]:
    gaps = []
    for entry in reader.items():
        fields = entry.fields(("id", "facet", "what"), ("subjects", "near"))
        gaps.append(
            Gap(
                id=fields["id"].text(),
                facet=fields["facet"].reference(facets, "方面"),
                what=fields["what"].text(),
                subjects=fields["subjects"].references(subjects, "主题") if "subjects" in fields else (),
                near=fields["near"].references(facts, "事实") if "near" in fields else (),
            )
        )
    return tuple(gaps)


def lines(folder: pathlib.Path) -> dict[tuple[str, ...], tuple[str, int]]:
    """Return file and line of everything in a knowledge: ("facts", "plan.title", "say") and so on."""
    return {place: line for name in (POLICY_FILE, FACETS_FILE) for place, line in _open(folder / name)[1].lines()}


def load(folder: pathlib.Path) -> Knowledge:
    """Read the knowledge in `folder` (policy.yml, facets.yml, sources/).

    Raises KnowledgeFileError where a file is missing, KnowledgeSchemaError where its structure is wrong.
    """
    policy_raw, policy = _open(folder / POLICY_FILE)
    facets_raw, facets_reader = _open(folder / FACETS_FILE)
    top = policy.fields(
        (
            "schema",
            "version",
            "place",
            "contact",
            "plan",
            "sources",
            "quotes",
            "silent",
            "subjects",
            "absent_units",
            "facts",
            "not_stated",
        ),
    )
    sources, source_raws = _sources(top["sources"], folder)
    quotes = _quotes(top["quotes"], sources)
    subjects = _subjects(top["subjects"])
    subjects |= _outsiders(top["absent_units"])
    facets, groups = _facets(facets_reader, subjects)
    facts = _facts(top["facts"], subjects, facets, quotes)
    silent = []
    for entry in top["silent"].items():
        fields = entry.fields(("source", "text", "reason"))
        silent.append((fields["source"].reference(sources, "来源"), fields["text"].text(), fields["reason"].text()))
    return Knowledge(
        version=top["version"].text(),
        digest=hashlib.sha256(b"\0".join((policy_raw, facets_raw, *source_raws))).hexdigest()[:16],
        place=top["place"].text(),
        contact=top["contact"].reference(facts, "事实"),
        sources=sources,
        quotes=quotes,
        subjects=subjects,
        facets=facets,
        groups=groups,
        facts=facts,
        gaps=_gaps(top["not_stated"], subjects, facets, facts),
        silent=tuple(silent),
    )
