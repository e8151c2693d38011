"""What one process loads once and all its parts share: the knowledge, and the masking that follows from it.

    knowledge_in(folder)    the knowledge in a folder
    masker()                masks with the public numbers of the knowledge that the settings name

Rasa makes the tracker store and the channels itself, each from a few lines of configuration: so they find
here what `wence.server` checked before it started them.
"""

from __future__ import annotations

import functools
import pathlib

from wence import knowledge, settings
from wence.privacy import Masker
from wence.state.keys import sender_key


@functools.lru_cache(maxsize=2)
def knowledge_in(folder: pathlib.Path) -> knowledge.Knowledge:
    """Return the knowledge in `folder`; raises KnowledgeError."""
    return knowledge.load(folder)


@functools.lru_cache(maxsize=1)
def masker() -> Masker:
    """Return the masker of this process; raises KnowledgeError and KeyFileError."""
    wanted = settings.load()
    return Masker.of(knowledge_in(wanted.knowledge), sender_key(wanted.secrets_folder))
