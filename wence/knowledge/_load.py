"""Reads `policy.yml`, `facets.yml` and the sources into a Knowledge, and refuses every defect of structure."""

from __future__ import annotations

import datetime
import hashlib
import pathlib
from collections.abc import Mapping
from typing import Any

from wence.knowledge._errors import KnowledgeFileError
from wence.knowledge._types import (
    FACET_KINDS,
    OUTSIDER,
    QUESTION_FORMS,
    SUBJECT_TYPES,
    Facet,
    Fact,
    Gap,
    Knowledge,
    Quote,
    Source,
    Subject,
)
from wence.knowledge._yaml import Reader, open_file

POLICY_FILE = "policy.yml"

FACETS_FILE = "facets.yml"


def lines(folder: pathlib.Path) -> dict[tuple[str, ...], tuple[str, int]]:
    """Return file and line of everything in a knowledge: ("facts", "plan.title", "say") and so on."""
    return {place: line for name in (POLICY_FILE, FACETS_FILE) for place, line in open_file(folder / name)[1].lines()}


def load(folder: pathlib.Path) -> Knowledge:
    """Read the knowledge in `folder` (policy.yml, facets.yml, sources/).

    Raises KnowledgeFileError where a file is missing, KnowledgeSchemaError where its structure is wrong.
    """
    policy_raw, policy = open_file(folder / POLICY_FILE)
    facets_raw, facets_reader = open_file(folder / FACETS_FILE)
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
        plan=top["plan"].reference(subjects, "主题"),
        sources=sources,
        quotes=quotes,
        subjects=subjects,
        facets=facets,
        groups=groups,
        facts=facts,
        gaps=_gaps(top["not_stated"], subjects, facets, facts),
        silent=tuple(silent),
    )


def _sources(reader: Reader, folder: pathlib.Path) -> tuple[dict[str, Source], list[bytes]]:
    sources, raws = {}, []
    for name, entry in reader.entries().items():
        fields = entry.fields(("file", "title", "cited_as", "date"), ("section", "staff"))
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
            staff=fields["staff"].flag() if "staff" in fields else False,
        )
    return sources, raws


def _quotes(reader: Reader, sources: Mapping[str, Source]) -> dict[str, Quote]:
    quotes = {}
    for name, entry in reader.entries().items():
        fields = entry.fields(("source", "text"))
        source = sources[fields["source"].reference(sources, "来源")]
        span = source.find(fields["text"].text())
        if span is None:
            fields["text"].fail(f"引句不在来源「{source.cited_as}」里,须逐字相同")
        quotes[name] = Quote(name, source.id, fields["text"].text(), source.section_at(span[0]))
    return quotes


def _subjects(reader: Reader) -> dict[str, Subject]:
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


def _outsiders(reader: Reader) -> dict[str, Subject]:
    """Units that people ask about and no source names; they are found in questions, and no fact is about them."""
    found = {}
    for place, name in enumerate(reader.texts()):
        aliases = (name.removeprefix("市委").removeprefix("市"),) if name.startswith("市") else ()
        found[f"{OUTSIDER}{place}"] = Subject(f"{OUTSIDER}{place}", "unit", name, aliases)
    return found


def _facets(reader: Reader, subjects: Mapping[str, Subject]) -> tuple[dict[str, Facet], dict[str, dict[str, str]]]:
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
    reader: Reader, subjects: Mapping[str, Subject], facets: Mapping[str, Facet], quotes: Mapping[str, Quote]
) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for entry in reader.items():
        fields = entry.fields(
            ("id", "facets", "subjects", "question", "value", "say", "proof"),
            ("says", "names", "items", "complete", "derived", "expires", "cues", "added"),
        )
        identity = fields["id"].text()
        if identity in facts:
            fields["id"].fail(f"事实「{identity}」出现了两次")
        options: dict[str, Any] = {
            name: fields[name].references(subjects, "主题") for name in ("names", "items") if name in fields
        }
        if "cues" in fields:
            options["cues"] = fields["cues"].texts()
        options |= {name: fields[name].flag() for name in ("complete", "added") if name in fields}
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


def _derived(reader: Reader) -> Mapping[str, Any]:
    fields = reader.fields(("text",), ("difference", "percent", "months", "count"))
    rules = [name for name in fields if name != "text"]
    if len(rules) != 1:
        reader.fail("须有 difference、percent、months、count 之一")
    rule = rules[0]
    value: Any = fields[rule].text() if rule == "count" else fields[rule].texts()
    return {"text": fields["text"].text(), rule: value}


def _gaps(
    reader: Reader, subjects: Mapping[str, Subject], facets: Mapping[str, Facet], facts: Mapping[str, Fact]
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
