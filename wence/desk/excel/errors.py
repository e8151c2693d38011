"""What can be wrong with an Excel file; each message is a Chinese sentence that says what to do.

ExcelError
  UnreadableError     the file as a whole cannot be taken
"""

from __future__ import annotations


class ExcelError(Exception):
    """Root of what can be wrong with an Excel file."""


class UnreadableError(ExcelError):
    """The file as a whole cannot be taken; nothing of it was read."""
