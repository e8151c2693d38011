"""The additions: what officials add at the review desk, kept in WENCE_STATE and merged over the knowledge.

Additions            examples and added facts; `Additions.empty()`
Example              a way of asking, of a facet or a fact; or off topic
AddedFact            a 问答, or what fills a gap, with its proof
Quoted               proof: verbatim in a source
StaffAnswer          proof: 工作人员答复
read(path), write(additions, path)      the file; written whole or not at all
published_file(settings), published(settings)    what the served version is made with
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
from wence.additions._published import published, published_file
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
    "published",
    "published_file",
    "read",
    "write",
]
