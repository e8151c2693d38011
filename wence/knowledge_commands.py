"""`wence knowledge`: checks the knowledge, lists what is not stated, and finds the facts that hold a text.

    wence knowledge check          every defect with file, line and field; exit code 1 if there is one
    wence knowledge gaps           what people ask and the sources do not state
    wence knowledge facts [文字]   facts whose quotes or answers hold a text: what a change of it touches

What a command needs is imported when it runs: the command line itself stays quick.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from wence.settings import load as load_settings

if TYPE_CHECKING:
    from wence.knowledge import Fact, Gap, Knowledge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wence knowledge` takes."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="动作")
    commands.add_parser("check", help="检查知识:结构、引句、答句里的数字和单位、原文有没有漏引")
    commands.add_parser("gaps", help="列出来源没有写的内容")
    facts = commands.add_parser("facts", help="列出引句或答句里有这段文字的事实")
    facts.add_argument("text", nargs="?", default="", metavar="文字", help="不写就列出全部事实")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands on the knowledge of the settings; returns the exit code."""
    from wence.knowledge import KnowledgeError, load

    folder = load_settings().knowledge
    try:
        if arguments.action == "check":
            return check(folder)
        knowledge = load(folder)
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        return 1
    told = gaps(knowledge) if arguments.action == "gaps" else facts(knowledge, arguments.text)
    print("\n".join(told))
    return 0


def check(folder: pathlib.Path) -> int:
    """Print the defects of the knowledge in `folder`, or what was proved; returns the exit code."""
    from wence import proof
    from wence.knowledge import load

    defects = proof.check(folder)
    if defects:
        print("\n".join(map(str, defects)), file=sys.stderr)
        print(f"没有通过:{len(defects)}处", file=sys.stderr)
        return 1
    knowledge = load(folder)
    print(
        f"通过:{len(knowledge.facts)}个事实,{len(knowledge.quotes)}条引句,{len(knowledge.subjects)}个主题,"
        f"{len(knowledge.facets)}个方面,{len(knowledge.gaps)}条没有写的内容;原文逐字引全"
    )
    return 0


def gaps(knowledge: Knowledge) -> Iterator[str]:
    """Yield what is not stated, one line each, the subjects by their names."""
    for gap in knowledge.gaps:
        for name in _names(knowledge, gap):
            yield f"{gap.id}\t{gap.what.format(subject=name)}"


def _names(knowledge: Knowledge, gap: Gap) -> list[str]:
    named = [knowledge.subjects[subject].name for subject in gap.subjects]
    return named if named and "{subject}" in gap.what else ["其他单位"]


def facts(knowledge: Knowledge, text: str) -> Iterator[str]:
    """Yield the facts that hold a text, with their questions and where it stands; all facts for no text."""
    found = [(fact, places) for fact in knowledge.facts.values() if (places := _places(knowledge, fact, text))]
    for fact, places in found:
        yield f"{fact.id}\t{fact.question}\t{'、'.join(places)}"
    yield f"共{len(found)}个事实"


def _places(knowledge: Knowledge, fact: Fact, text: str) -> list[str]:
    from wence import proof
    from wence.text import squash

    texts = [("value", value) for value in fact.value]
    texts += [(".".join(place), said) for place, said in proof.said(fact)]
    texts += [(f"引句 {quote}", knowledge.quotes[quote].text) for quote in fact.proof]
    return list(dict.fromkeys(place for place, held in texts if squash(text) in squash(held)))
