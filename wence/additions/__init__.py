"""The additions: what officials add at the review desk, kept in WENCE_STATE and merged over the knowledge.

Additions            examples and added facts; `Additions.empty()`
Example              a way of asking, of a facet or a fact; or off topic
AddedFact            a 问答, or what fills a gap, with its proof
Quoted               proof: verbatim in a source
StaffAnswer          proof: 工作人员答复
read(path), write(additions, path)      the file; written whole or not at all
published_file(settings), published(settings)    what the served version is made with
published_numbers(additions)            the numbers that they make public
check(additions, knowledge)             every defect, each a Chinese sentence; `defects` says of what, too
training_data(additions)                their examples, as Rasa's training data
merge(folder, additions, target)        a complete knowledge folder, with the additions in it
changes(project, folder, additions)     what they are in the tracked files; `as_diff` shows it
AdditionsError       root of what can go wrong
"""

from __future__ import annotations

from wence.additions._check import Defect, check, defects
from wence.additions._errors import (
    AdditionsDefectError,
    AdditionsError,
    AdditionsFileError,
    AdditionsSchemaError,
)
from wence.additions._export import as_diff, changes
from wence.additions._file import as_text, as_yaml, read, write
from wence.additions._merge import merge
from wence.additions._published import published, published_file, published_numbers
from wence.additions._training_data import training_data
from wence.additions._types import ADDED, OFF, AddedFact, Additions, Example, Quoted, StaffAnswer

__all__ = [
    "ADDED",
    "OFF",
    "AddedFact",
    "Additions",
    "AdditionsDefectError",
    "AdditionsError",
    "AdditionsFileError",
    "AdditionsSchemaError",
    "Defect",
    "Example",
    "Quoted",
    "StaffAnswer",
    "as_diff",
    "as_text",
    "as_yaml",
    "changes",
    "check",
    "defects",
    "merge",
    "published",
    "published_file",
    "published_numbers",
    "read",
    "training_data",
    "write",
]
