"""The published additions: what the served version is made with."""

from __future__ import annotations

import pathlib

from wence.additions._file import read
from wence.additions._types import Additions
from wence.settings import Settings


def published_file(settings: Settings) -> pathlib.Path:
    """Return where the published additions stand; only publishing and rolling back replace it."""
    return settings.state / "additions" / "published.yml"


def published(settings: Settings) -> Additions:
    """Return the published additions, none where there is no file; raises AdditionsError."""
    path = published_file(settings)
    return read(path) if path.exists() else Additions.empty()
