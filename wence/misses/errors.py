"""What can go wrong with missed questions.

MissesError
  EntryError        a line of the spool that is none
  MissStoreError    the database cannot be used, or has failed
"""

from __future__ import annotations


class MissesError(Exception):
    """Root of what can go wrong with missed questions."""


class EntryError(MissesError):
    """A line of the spool that is none."""


class MissStoreError(MissesError):
    """The database of missed questions cannot be used, or has failed; the message, in Chinese, says why."""
