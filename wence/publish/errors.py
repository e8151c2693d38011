"""What can go wrong when a version is published or rolled back to.

PublishError
  BusyError         somebody else publishes at this moment
  VersionError      a version that is not there, or not whole
  EvaluationError   a model could not be evaluated
"""

from __future__ import annotations


class PublishError(Exception):
    """Root of what can go wrong; the message, in Chinese, says what to do. What is served stays as it was."""


class BusyError(PublishError):
    """Somebody else publishes at this moment."""


class VersionError(PublishError):
    """A version that is not there, or not whole."""


class EvaluationError(PublishError):
    """A model could not be evaluated."""
