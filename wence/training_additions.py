"""What a training takes from the additions: the knowledge with them merged in, and their examples.

    laid_out(knowledge, source, additions, folder, tell)    writes both into a folder
    fitting(additions, knowledge, tell)                     the additions without those that no longer fit

An upgrade can change the knowledge under additions that were published before it. What no longer fits is told
and left out of the model; it stays in the file, for an official to mend.
"""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
from collections.abc import Callable

from wence.additions import AddedFact, Additions, Example, as_yaml, defects, merge, training_data
from wence.knowledge import Knowledge

KNOWLEDGE_FOLDER, EXAMPLES_FILE = "knowledge", "nlu.yml"
#: Rasa takes a file without one letter beyond ASCII for one whose letters are escaped.
_HEAD = "# 由补充的内容生成,请勿修改\n"


@dataclasses.dataclass(frozen=True)
class LaidOut:
    """What a training reads: the folder of the knowledge, and files of examples besides those of the project."""

    knowledge: pathlib.Path
    examples: tuple[pathlib.Path, ...] = ()


def laid_out(
    knowledge: Knowledge,
    source: pathlib.Path,
    additions: Additions,
    folder: pathlib.Path,
    tell: Callable[[str], None],
) -> LaidOut:
    """Write a knowledge, read from `source`, with the additions merged in and their examples into an emptied folder.

    Raises AdditionsError and OSError.
    """
    fit = fitting(additions, knowledge, tell)
    if not fit:
        return LaidOut(source)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    merge(source, fit, folder / KNOWLEDGE_FOLDER)
    examples = folder / EXAMPLES_FILE
    examples.write_text(examples_text(fit), encoding="utf-8")
    return LaidOut(folder / KNOWLEDGE_FOLDER, (examples,))


def examples_text(additions: Additions) -> str:
    """Return the examples of additions as the text of a file that Rasa reads."""
    return _HEAD + as_yaml(training_data(additions))


def fitting(additions: Additions, knowledge: Knowledge, tell: Callable[[str], None]) -> Additions:
    """Return the additions without those that do not fit the knowledge, and tell of each in one line."""
    while found := defects(additions, knowledge):
        # Without a fact its examples do not fit either: so it is looked again.
        first: dict[Example | AddedFact, str] = {}
        for defect in found:
            first.setdefault(defect.subject, defect.message)
        for message in first.values():
            tell(f"有一条补充不再合用,这次没有学它,请到审核台改正:{message}")
        additions = additions.without(
            [subject for subject in first if isinstance(subject, Example)],
            [subject for subject in first if isinstance(subject, AddedFact)],
        )
    return additions
