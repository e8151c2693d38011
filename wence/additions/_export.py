"""Writes additions into the tracked files: the knowledge, and the examples in `data/nlu/settled.yml`.

    changes(project, knowledge_folder, additions)    the files that change, with their new text
    as_diff(project, changes)                        the same as one unified diff

Lines are put in and taken out and all others stay as they are, comments too. What comes out is read back and must
be exactly what merging makes: so a text that a person typed is a text there as well, or nothing is written.
"""

from __future__ import annotations

import difflib
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from wence.additions._check import check
from wence.additions._errors import AdditionsDefectError, AdditionsFileError
from wence.additions._file import as_yaml
from wence.additions._merge import Parts, remaining
from wence.additions._training_data import training_data
from wence.additions._types import AddedFact, Additions
from wence.knowledge import POLICY_FILE, load

EXAMPLES_FILE = "data/nlu/settled.yml"
EXAMPLES_HEAD = """version: "3.1"

# 工作人员在审核台定下的问法,由 `wence additions export` 写入。
nlu:
"""
_INDENT = "  "


def changes(
    project: pathlib.Path, knowledge_folder: pathlib.Path, additions: Additions
) -> dict[pathlib.Path, tuple[str, str]]:
    """Return the files that additions change, each with its text before and after; before is empty for a new one.

    Raises AdditionsDefectError, AdditionsFileError and KnowledgeError.
    """
    knowledge = load(knowledge_folder)
    found = check(additions, knowledge)
    if found:
        raise AdditionsDefectError(found)
    texts: dict[pathlib.Path, tuple[str, str]] = {}
    if additions.facts:
        parts = Parts(knowledge, additions.facts)
        policy = knowledge_folder / POLICY_FILE
        before = policy.read_bytes().decode("utf-8")
        texts[policy] = (before, _with_facts(before, parts, additions.facts))
        texts |= {knowledge_folder / file: ("", text) for file, text in parts.files.items()}
    examples = project / EXAMPLES_FILE
    before = examples.read_bytes().decode("utf-8") if examples.exists() else ""
    after = _with_examples(before, training_data(additions)["nlu"])
    if after != before:
        texts[examples] = (before, after)
    return texts


def as_diff(project: pathlib.Path, texts: Mapping[pathlib.Path, tuple[str, str]]) -> str:
    """Return changes as a unified diff with paths relative to the project."""
    lines: list[str] = []
    for path, (before, after) in texts.items():
        name = str(path.relative_to(project)) if path.is_relative_to(project) else str(path)
        old = f"a/{name}" if before else "/dev/null"
        for line in difflib.unified_diff(_lines(before), _lines(after), old, f"b/{name}"):
            lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _lines(text: str) -> list[str]:
    """Return the lines of a text as a diff counts them: nothing but a newline ends one."""
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])


def _plain(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))


def _with_facts(text: str, parts: Parts, facts: tuple[AddedFact, ...]) -> str:
    wanted = _plain(text)
    wanted["sources"].update(parts.sources)
    wanted["quotes"].update(parts.quotes)
    wanted["facts"].extend(parts.facts)
    wanted["not_stated"] = list(remaining(wanted["not_stated"], facts))
    top = _entries(YAML(pure=True).compose(text))
    lines = _lines(text)
    # From the end of the file to its start, so that the places of the rest stay true.
    edits = sorted(
        [
            *_left_out(top["not_stated"], wanted["not_stated"], lines),
            (_end(top["facts"], lines), 0, _entries_of_list(parts.facts)),
            (_end(top["quotes"], lines), 0, _entries_of_map(parts.quotes)),
            (_end(top["sources"], lines), 0, _entries_of_map(parts.sources)),
        ],
        key=lambda edit: edit[0],
        reverse=True,
    )
    for line, gone, new in edits:
        lines[line : line + gone] = new
    return _proved("".join(lines), wanted, POLICY_FILE)


def _proved(text: str, wanted: Any, name: str) -> str:
    try:
        same = _plain(text) == wanted
    except yaml.YAMLError:
        same = False
    if not same:
        raise AdditionsFileError(f"{name} 的写法不是预料的样子,没有写入;请照 README「怎样改一个事实」手工加")
    return text


def _entries(node: MappingNode) -> dict[str, Node]:
    return {key.value: value for key, value in node.value}


def _end(section: Node, lines: list[str]) -> int:
    """Return the line after the last entry of a section, before the comments and empty lines that follow it."""
    line = section.end_mark.line + (section.end_mark.column > 0)
    while line > 0 and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    return int(line)


def _left_out(
    section: Node, wanted: Iterable[Mapping[str, Any]], lines: list[str]
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the edits that leave the wanted gaps: where, how many lines go, and what stands there instead."""
    left = {gap["id"]: gap for gap in wanted}
    starts = [item.start_mark.line for item in section.value]
    ends = [*starts[1:], _end(section, lines)]
    for item, start, end in zip(section.value, starts, ends, strict=True):
        fields = _entries(item)
        gap = left.get(fields["id"].value)
        if gap is None:
            while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
                end -= 1
            yield start, end - start, []
        elif "subjects" in fields and [s.value for s in fields["subjects"].value] != gap["subjects"]:
            node = fields["subjects"]
            first, last = node.start_mark, node.end_mark
            head, tail = lines[first.line][: first.column], lines[last.line][last.column :]
            yield first.line, last.line - first.line + 1, [f"{head}[{', '.join(gap['subjects'])}]{tail}"]


def _entries_of_list(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for entry in entries:
        fields = [line for name, value in entry.items() for line in [f"{name}: {_flow(name, value)}\n"]]
        lines += [f"{_INDENT}{'- ' if not place else '  '}{field}" for place, field in enumerate(fields)]
    return lines


def _entries_of_map(entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"{_INDENT}{key}: {{{', '.join(f'{name}: {_flow(name, value)}' for name, value in entry.items())}}}\n"
        for key, entry in entries.items()
    ]


#: Fields that hold ids and flags, which need no quotes.
_BARE = frozenset({"id", "facets", "subjects", "names", "proof", "added", "staff", "source", "file"})


def _flow(name: str, value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_flow(name, part) for part in value)}]"
    return value if name in _BARE else _quoted(value)


def _quoted(text: str) -> str:
    """Return a text between double quotes, on one line, with everything unusual escaped."""
    return as_yaml({"text": text}).removeprefix("text: ").rstrip("\n")


def _with_examples(text: str, intents: list[dict[str, Any]]) -> str:
    """Return the text of the file of examples with those that it does not hold yet at its end."""
    held = _plain(text)["nlu"] if text else []
    known = {(intent["intent"], _fact_of(intent), example["text"]) for intent in held for example in intent["examples"]}
    new = []
    for intent in intents:
        unknown = [e for e in intent["examples"] if (intent["intent"], _fact_of(intent), e["text"]) not in known]
        if unknown:
            new.append({**intent, "examples": unknown})
    if not new:
        return text
    block = as_yaml({"nlu": new}).removeprefix("nlu:\n")
    base = text if not text or text.endswith("\n") else f"{text}\n"
    after = (base or EXAMPLES_HEAD) + block
    wanted = {"version": "3.1", "nlu": [*held, *_plain(as_yaml({"nlu": new}))["nlu"]]}
    return _proved(after, wanted, EXAMPLES_FILE)


def _fact_of(intent: Mapping[str, Any]) -> str:
    return str(intent.get("metadata", {}).get("fact", ""))
