"""What one process loads once and all its parts share: the knowledge, and the masking that follows from it.

    knowledge_in(folder)    the knowledge in a folder
    masker()                masks with the public numbers of the knowledge that the settings name, and of
                            whatever is published beside it while the process runs

Rasa makes the tracker store and the channels itself, each from a few lines of configuration: so they find
here what `wence.server` checked before it started them.
"""

from __future__ import annotations

import functools
import logging
import os
import pathlib
from collections.abc import Collection, Iterator

from wence import knowledge, settings
from wence.additions import AdditionsError, published_file, published_numbers, read
from wence.privacy import Masker, public_numbers
from wence.state.keys import sender_key

_log = logging.getLogger(__name__)


class Published(Collection[str]):
    """The numbers that are public: those of the knowledge, and those of the additions that are published now."""

    def __init__(self, known: frozenset[str], file: pathlib.Path) -> None:
        """Create the numbers of a knowledge, with a file of additions that may be missing and may be replaced."""
        self._known, self._file = known, file
        self._seen: tuple[int, int, int] | None = None
        self._added: frozenset[str] = frozenset()

    def _now(self) -> frozenset[str]:
        try:
            status = os.stat(self._file)
        except OSError:
            return self._known
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            try:
                self._added = published_numbers(read(self._file))
            except AdditionsError as error:
                # Without its numbers more is masked, and nothing less.
                _log.error("读不出已发布的补充,其中的电话会被遮住:%s", error)
                self._added = frozenset()
            self._seen = seen
        return self._known | self._added

    def __contains__(self, number: object) -> bool:
        """Say whether a number is public."""
        return number in self._known or number in self._now()

    def __iter__(self) -> Iterator[str]:
        """Yield the public numbers."""
        return iter(self._now())

    def __len__(self) -> int:
        """Return how many numbers are public."""
        return len(self._now())


@functools.lru_cache(maxsize=2)
def knowledge_in(folder: pathlib.Path) -> knowledge.Knowledge:
    """Return the knowledge in `folder`; raises KnowledgeError."""
    return knowledge.load(folder)


@functools.lru_cache(maxsize=1)
def masker() -> Masker:
    """Return the masker of this process; raises KnowledgeError and KeyFileError."""
    wanted = settings.load()
    numbers = Published(public_numbers(knowledge_in(wanted.knowledge)), published_file(wanted))
    return Masker(numbers, sender_key(wanted.secrets_folder))
