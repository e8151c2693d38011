"""The additions: what officials add at the review desk, kept in WENCE_STATE and merged over the knowledge.

Additions            examples and added facts; `Additions.empty()`
Example              a way of asking, of a facet or a fact; or off topic
AddedFact            a 问答, or what fills a gap, with its proof
Quoted               proof: verbatim in a source
StaffAnswer          proof: 工作人员答复
read(path), write(additions, path)      the file; written whole or not at all
published_file(settings), published(settings)    what the served version is made with
published_numbers(additions)            the numbers that they make public
merge(folder, additions, target)        a complete knowledge folder, with the additions in it
check(additions, knowledge)             every defect, each a Chinese sentence
AdditionsError       root of what can go wrong
"""

from __future__ import annotations

from wence.additions._check import check
from wence.additions._errors import (
    AdditionsDefectError,
    AdditionsError,
    AdditionsFileError,
    AdditionsSchemaError,
)
from wence.additions._file import read, write
from wence.additions._merge import merge
from wence.additions._published import published, published_file, published_numbers
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
    "Example",
    "Quoted",
    "StaffAnswer",
    "check",
    "merge",
    "published",
    "published_file",
    "published_numbers",
    "read",
    "write",
]
