"""What can go wrong at the review desk; each message is a Chinese sentence that says what to do.

DeskError
  RefusedError      what somebody asked for cannot be done: a name that is taken, a password that is too short
  DeskStartError    the desk cannot start
"""

from __future__ import annotations


class DeskError(Exception):
    """Root of what can go wrong at the desk."""


class RefusedError(DeskError):
    """What somebody asked for cannot be done; nothing was changed."""


class DeskStartError(DeskError):
    """The desk cannot start."""
