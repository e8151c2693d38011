"""The spool: files to which serving processes append, and which the writer empties.

    Spool(folder)                    a serving process's side
      .append(line)                  the line is with the operating system when this returns; OSError when not
    files(folder)                    the writer's side: the files, oldest first
    read(file, offset)               the whole lines from there on, and where they end
    remove(file, offset)             remove it, unless there is more in it than was read

Each process appends to a file of its own. The writer may remove a file at any moment, also one that is
still appended to: both hold its lock for what they do, and who appends looks whether the file is still
there and begins another when it is not. Neither ever waits for the lock.

A line is one write to the end of a file. One that was cut off, by a full disk or by the end of the
machine, is the last of its file, because nobody appends to that file again.
"""

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import time

SUFFIX = ".jsonl"
#: A file that is larger is not appended to.
MOST_BYTES = 1_000_000
#: When so many files wait, their writer has been gone for long: no more are made.
MOST_FILES = 256
_READ_BYTES = 1_000_000
_ATTEMPTS = 3


class Spool:
    """Where a serving process appends; from one thread only."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def append(self, line: bytes) -> None:
        """Append a line; OSError when that is impossible."""
        descriptor = self._locked()
        try:
            # Not synchronised with the disk: decision 0014 says why.
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            self.close()
            raise
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file; the next line begins another."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _locked(self) -> int:
        """The file to append to, locked."""
        if self._file is not None and _is_ours(self._file):
            return self._file
        self.close()
        for _ in range(_ATTEMPTS):
            self._file = _begin(self._folder)
            # The writer may have found it empty and removed it before it was locked.
            if _is_ours(self._file):
                return self._file
            self.close()
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _begin(folder: pathlib.Path) -> int:
    if folder.is_dir() and len(os.listdir(folder)) >= MOST_FILES:
        raise OSError(errno.EDQUOT, f"已有 {MOST_FILES} 个文件没有写入数据库", str(folder))
    name = f"{time.time_ns():020}-{os.getpid()}{SUFFIX}"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    try:
        return os.open(folder / name, flags, 0o600)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / name, flags, 0o600)


def _is_ours(descriptor: int) -> bool:
    """Lock a file, and say whether it is still there and may be appended to."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    found = os.fstat(descriptor)
    return found.st_nlink > 0 and found.st_size < MOST_BYTES


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    """Return the files of a spool, oldest first; none where there is no spool."""
    try:
        return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []


def read(file: pathlib.Path, offset: int) -> tuple[bytes, int]:
    """Return the whole lines of a file from an offset on, a part of many, and the offset where they end."""
    with file.open("rb") as opened:
        opened.seek(offset)
        data = opened.read(_READ_BYTES)
        # A line longer than that is none of ours, but has an end as well.
        while b"\n" not in data and (more := opened.read(_READ_BYTES)):
            data += more
    end = data.rfind(b"\n") + 1
    return data[:end], offset + end


def remove(file: pathlib.Path, offset: int) -> int | None:
    """Remove a file unless whole lines stand behind the offset; how many bytes of a cut-off line went with it.

    None when it stays.
    """
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        opened.seek(offset)
        # Under the lock nobody is about to finish a line: what has no end never will have.
        rest = opened.read()
        if b"\n" in rest:
            return None
        file.unlink()
        return len(rest)
