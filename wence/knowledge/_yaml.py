"""A YAML file read node by node, so that every defect names file, line and field."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn

import yaml

from wence.knowledge._errors import KnowledgeFileError, KnowledgeSchemaError


class Reader:
    """A YAML node with the place it came from, so that a defect can be shown where it is."""

    def __init__(self, file: str, node: yaml.Node, path: str = "") -> None:
        self.file, self.node, self.path = file, node, path

    def fail(self, message: str) -> NoReturn:
        line = self.node.start_mark.line + 1
        raise KnowledgeSchemaError(f"{self.file} 第{line}行 {self.path or '文件'}:{message}")

    def entries(self) -> dict[str, Reader]:
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("应当是「名称: 值」的对照表")
        found: dict[str, Reader] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                Reader(self.file, key, self.path).fail("名称应当是一段文字")
            if key.value in found:
                Reader(self.file, key, self.path).fail(f"「{key.value}」出现了两次")
            found[key.value] = Reader(self.file, value, f"{self.path}.{key.value}".lstrip("."))
        return found

    def items(self) -> list[Reader]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("应当是列表")
        return [Reader(self.file, n, f"{self.path}[{i}]") for i, n in enumerate(self.node.value)]

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

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Reader]:
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
        children: Iterable[tuple[str, Reader]] = ()
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


def open_file(path: pathlib.Path) -> tuple[bytes, Reader]:
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
    return raw, Reader(path.name, node)
