"""`wence additions`: what officials added; lists it, checks it, and writes it into the tracked files.

    wence additions list      facts and ways of asking, one a line
    wence additions check     every defect; exit code 1 if there is one
    wence additions export    a unified diff of the knowledge and the examples; --write changes the files

All take --file, a file of additions; without it they take the published ones. What a command needs is imported
when it runs: the command line itself stays quick.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wence.settings import PROJECT, Settings
from wence.settings import load as load_settings

if TYPE_CHECKING:
    from wence.additions import Additions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wence additions` takes."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="动作")
    told = {
        "list": "列出补充的问答、补上的内容和问法",
        "check": "检查补充,逐条说哪里不对",
        "export": "写进知识和例句:印出改动",
    }
    for name, words in told.items():
        command = commands.add_parser(name, help=words)
        command.add_argument("--file", type=pathlib.Path, metavar="文件", help="补充的文件,默认是已发布的")
        if name == "export":
            command.add_argument("--write", action="store_true", help="直接改文件")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands; returns the exit code."""
    from wence.additions import AdditionsError, published, read
    from wence.knowledge import KnowledgeError

    settings = load_settings()
    try:
        additions = read(arguments.file) if arguments.file else published(settings)
        if arguments.action == "list":
            print("\n".join(listed(additions)))
            return 0
        if arguments.action == "check":
            return _check(settings, additions)
        return _export(settings, additions, write=arguments.write)
    except (AdditionsError, KnowledgeError) as error:
        print(error, file=sys.stderr)
        return 1


def listed(additions: Additions) -> Iterator[str]:
    """Yield facts, then ways of asking, one a line, then how many there are."""
    for fact in additions.facts:
        yield f"{fact.id}\t{fact.facet}\t{fact.question}\t{fact.say}"
    for example in additions.examples:
        yield f"问法\t{example.facet}\t{example.fact or '-'}\t{' '.join(example.text.split())}"
    yield f"共{len(additions.facts)}个事实,{len(additions.examples)}个问法"


def _check(settings: Settings, additions: Additions) -> int:
    from wence.additions import check
    from wence.knowledge import load

    found = check(additions, load(settings.knowledge))
    if found:
        print("\n".join(found), file=sys.stderr)
        print(f"没有通过:{len(found)}处", file=sys.stderr)
        return 1
    print(f"通过:{len(additions.facts)}个事实,{len(additions.examples)}个问法")
    return 0


def _export(settings: Settings, additions: Additions, *, write: bool) -> int:
    from wence.additions import AdditionsFileError, as_diff, changes

    texts = changes(PROJECT, settings.knowledge, additions)
    if not write:
        print(as_diff(PROJECT, texts), end="")
        return 0
    for path, (_, text) in texts.items():
        try:
            path.write_bytes(text.encode("utf-8"))
        except OSError as error:
            raise AdditionsFileError(f"写不进 {path}:{error.strerror}") from error
        print(path)
    return 0
