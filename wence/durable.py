"""Files that are there whole or not at all, also when a process is killed or the power fails in the middle.

write_text(path, text)    replaces a file in one step
settle(folder)            what was renamed into or within a folder is on the disk
"""

from __future__ import annotations

import os
import pathlib
import tempfile


def write_text(path: pathlib.Path, text: str) -> None:
    """Replace a file by a text in one step, making its folder where needed; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    unfinished = pathlib.Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    settle(path.parent)


def settle(folder: pathlib.Path) -> None:
    """Wait until the names in a folder are on the disk; raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
