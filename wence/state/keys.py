"""The secrets of an installation, made at the first start and kept in files that only its user can read.

    sender_key(folder)       the key of the pseudonyms of senders; stays, or what was stored loses its owner
    KeyRing(folder, …)       the keys of session tokens
      .newest()              the one that signs; made anew when it has become old
      .find(id)              any that still verifies
    KeyFileError             a file of keys cannot be used; the message, in Chinese, says why

Several processes may share the folder: a lock keeps them from making keys at the same time, and a key
that one has made is found by the others.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from wence.state.database import SECONDS_A_DAY

SENDER_KEY_FILE = "senders.json"
SESSION_KEYS_FILE = "sessions.json"
KEY_BYTES = 32
ROTATION_DAYS = 30.0

logger = logging.getLogger(__name__)


class KeyFileError(Exception):
    """A file of keys cannot be used."""

    def __init__(self, file: Path, cause: Exception) -> None:
        super().__init__(
            f"密钥文件 {file} 无法使用（{cause}）。请检查它和所在文件夹的权限；文件已损坏时，请移走后重新启动，已有的会话随之失效。"
        )


@dataclass(frozen=True)
class Key:
    """A secret, its name, and when it was made."""

    id: str
    made: float
    secret: bytes


def sender_key(folder: Path) -> bytes:
    """Return the key of the pseudonyms; `KeyFileError` when it can be neither read nor made."""
    file = folder / SENDER_KEY_FILE
    with _alone(folder, file):
        return (_read(file) or _write(file, [_new_key(time.time())]))[-1].secret


class KeyRing:
    """Keys of which the newest signs and all verify, until nothing that they signed is valid any more."""

    def __init__(self, folder: Path, valid_seconds: float, clock: Callable[[], float] = time.time) -> None:
        """Read the keys in `folder`, what they sign being valid for `valid_seconds`; may raise KeyFileError."""
        self._file = folder / SESSION_KEYS_FILE
        self._keep = ROTATION_DAYS * SECONDS_A_DAY + valid_seconds
        self._clock = clock
        self._stamp = 0
        self._keys: list[Key] = []
        self._rotate()

    def newest(self) -> Key:
        """Return the key that signs."""
        if self._is_old(self._keys[-1]):
            try:
                self._rotate()
            except KeyFileError as error:
                logger.error("会话密钥到期，未能更换，继续使用原来的：%s", error)
        return self._keys[-1]

    def find(self, name: str) -> Key | None:
        """Return the key of this name, also if another process has just made it."""
        found = self._named(name)
        if found is None and self._has_changed():
            with contextlib.suppress(KeyFileError):
                self._rotate()
            found = self._named(name)
        return found

    def _named(self, name: str) -> Key | None:
        return next((key for key in self._keys if key.id == name), None)

    def _is_old(self, key: Key) -> bool:
        return self._clock() - key.made >= ROTATION_DAYS * SECONDS_A_DAY

    def _has_changed(self) -> bool:
        try:
            return self._file.stat().st_mtime_ns != self._stamp
        except OSError:
            return False

    def _rotate(self) -> None:
        """Read the file, make a new key if its newest is old, and forget those that verify nothing any more."""
        with _alone(self._file.parent, self._file):
            keys = _read(self._file)
            if not keys or self._is_old(keys[-1]):
                keys = [key for key in keys if self._clock() - key.made < self._keep]
                keys = _write(self._file, [*keys, _new_key(self._clock())])
            self._stamp = self._file.stat().st_mtime_ns
        self._keys = keys


def _new_key(now: float) -> Key:
    return Key(secrets.token_hex(4), now, secrets.token_bytes(KEY_BYTES))


@contextlib.contextmanager
def _alone(folder: Path, file: Path) -> Iterator[None]:
    """Hold the lock of the folder, made if there is none; what goes wrong in the block is a KeyFileError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KeyFileError(file, error) from error


def _read(file: Path) -> list[Key]:
    if not file.exists():
        return []
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
    entries = json.loads(file.read_text(encoding="utf-8"))["keys"]
    keys = [Key(str(entry["id"]), float(entry["made"]), bytes.fromhex(entry["secret"])) for entry in entries]
    if not keys or any(len(key.secret) < KEY_BYTES for key in keys):
        raise ValueError("内容不完整")
    return keys


def _write(file: Path, keys: list[Key]) -> list[Key]:
    """Put the keys into the file, whole or not at all."""
    entries = [{"id": key.id, "made": key.made, "secret": key.secret.hex()} for key in keys]
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as output:
        json.dump({"keys": entries}, output)
        output.flush()
        os.fsync(output.fileno())
    unfinished.replace(file)
    return keys
