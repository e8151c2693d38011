"""The file of additions: written from plain data, read back through a strict schema, replaced atomically.

Every text is written between double quotes with everything unusual escaped, so that nothing in it can become
structure, whatever a person typed.
"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any, NoReturn

import yaml

from wence.additions._errors import AdditionsFileError, AdditionsSchemaError
from wence.additions._types import AddedFact, Additions, Example, Quoted, StaffAnswer
from wence.durable import write_text

SCHEMA = 1


class _Writer(yaml.SafeDumper):
    """Writes every text as data: quoted, and escaped where it is not plain."""


def _text_node(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"')


def _key_node(writer: yaml.SafeDumper, content: dict[str, Any]) -> yaml.Node:
    pairs: list[tuple[yaml.Node, yaml.Node]] = [
        (writer.represent_scalar("tag:yaml.org,2002:str", key), writer.represent_data(value))
        for key, value in content.items()
    ]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


_Writer.add_representer(str, _text_node)
_Writer.add_representer(dict, _key_node)


def as_yaml(content: dict[str, Any]) -> str:
    """Return plain data as YAML in which every value that is a text is quoted; keys must be plain names."""
    return yaml.dump(content, Dumper=_Writer, allow_unicode=True, width=2**31, sort_keys=False)


def as_text(additions: Additions) -> str:
    """Return additions as the text of their file; equal additions give equal texts."""
    return as_yaml(
        {
            "schema": SCHEMA,
            "examples": [_plain_example(example) for example in additions.examples],
            "facts": [_plain_fact(fact) for fact in additions.facts],
        }
    )


def _plain_example(example: Example) -> dict[str, Any]:
    plain = {"text": example.text, "facet": example.facet}
    return {**plain, "fact": example.fact} if example.fact else plain


def _plain_fact(fact: AddedFact) -> dict[str, Any]:
    return {
        "id": fact.id,
        "facet": fact.facet,
        "subjects": list(fact.subjects),
        "question": fact.question,
        "value": list(fact.value),
        "say": fact.say,
        "proof": [_plain_proof(proof) for proof in fact.proof],
    }


def _plain_proof(proof: Quoted | StaffAnswer) -> dict[str, Any]:
    if isinstance(proof, Quoted):
        return {"source": proof.source, "text": proof.text}
    return {"name": proof.name, "date": proof.date, "text": proof.text}


def write(additions: Additions, path: pathlib.Path) -> None:
    """Write additions to a file, whole or not at all; raises AdditionsFileError."""
    try:
        write_text(path, as_text(additions))
    except UnicodeEncodeError as error:
        raise AdditionsFileError(
            f"补充里有写不成文字的符号,不能保存:{error.object[error.start : error.end]!a}"
        ) from error
    except OSError as error:
        raise AdditionsFileError(f"补充写不进 {path}:{error.strerror},请检查这个文件夹的权限和空间") from error


def read(path: pathlib.Path) -> Additions:
    """Read additions; raises AdditionsFileError or AdditionsSchemaError."""
    try:
        return from_text(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise AdditionsFileError(f"读不到补充的文件 {path}:{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AdditionsFileError(f"补充的文件 {path} 不是 UTF-8 编码") from error


def from_text(text: str, name: str) -> Additions:
    """Read additions from the text of the file `name`; raises AdditionsSchemaError."""
    try:
        content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        raise AdditionsSchemaError(f"{name}:不是合法的 YAML({error})".replace("\n", " ")) from error
    top = _Entry(name, "", content).fields(("schema", "examples", "facts"))
    if top["schema"].content != SCHEMA:
        top["schema"].fail(f"应当是 {SCHEMA}")
    return Additions(
        tuple(_example(entry) for entry in top["examples"].entries()),
        tuple(_fact(entry) for entry in top["facts"].entries()),
    )


def _example(entry: _Entry) -> Example:
    fields = entry.fields(("text", "facet"), ("fact",))
    return Example(**{name: field.text() for name, field in fields.items()})


def _fact(entry: _Entry) -> AddedFact:
    fields = entry.fields(("id", "facet", "subjects", "question", "value", "say", "proof"))
    return AddedFact(
        id=fields["id"].text(),
        facet=fields["facet"].text(),
        subjects=fields["subjects"].texts(),
        question=fields["question"].text(),
        say=fields["say"].text(),
        proof=tuple(_proof(proof) for proof in fields["proof"].entries()),
        value=fields["value"].texts(),
    )


def _proof(entry: _Entry) -> Quoted | StaffAnswer:
    if isinstance(entry.content, dict) and "source" in entry.content:
        return Quoted(**{name: field.text() for name, field in entry.fields(("source", "text")).items()})
    return StaffAnswer(**{name: field.text() for name, field in entry.fields(("name", "date", "text")).items()})


class _Entry:
    """A piece of the file with the place it stands at, so that a defect can be shown where it is."""

    def __init__(self, file: str, place: str, content: object) -> None:
        self.file, self.place, self.content = file, place, content

    def fail(self, message: str) -> NoReturn:
        raise AdditionsSchemaError(f"{self.file} {self.place or '文件'}:{message}")

    def text(self) -> str:
        if not isinstance(self.content, str):
            self.fail("应当是一段文字")
        return self.content

    def entries(self) -> list[_Entry]:
        if not isinstance(self.content, list):
            self.fail("应当是列表")
        return [_Entry(self.file, f"{self.place}[{place}]", part) for place, part in enumerate(self.content)]

    def texts(self) -> tuple[str, ...]:
        return tuple(entry.text() for entry in self.entries())

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, _Entry]:
        if not isinstance(self.content, dict):
            self.fail("应当是「名称: 值」的对照表")
        for name in required:
            if name not in self.content:
                self.fail(f"缺少字段「{name}」")
        for name in self.content:
            if name not in (*required, *optional):
                self.fail(f"不认识的字段「{name}」")
        return {
            name: _Entry(self.file, f"{self.place}.{name}".lstrip("."), part) for name, part in self.content.items()
        }
