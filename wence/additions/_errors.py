"""What can go wrong with the additions.

AdditionsError
  AdditionsFileError      a file that cannot be read or written
  AdditionsSchemaError    a file that is not laid out as additions are; says what and where
  AdditionsDefectError    additions that must not become part of the knowledge; holds every defect
"""

from __future__ import annotations

from collections.abc import Sequence


class AdditionsError(Exception):
    """Root of what can go wrong with the additions; the message is one for people."""


class AdditionsFileError(AdditionsError):
    """A file of additions cannot be read or written."""


class AdditionsSchemaError(AdditionsError):
    """A file is not laid out as additions are; the message names file, entry and field."""


class AdditionsDefectError(AdditionsError):
    """Additions hold what must not become knowledge; `defects` says so of each, in one sentence."""

    def __init__(self, defects: Sequence[str]) -> None:
        super().__init__(";".join(defects))
        self.defects = tuple(defects)
