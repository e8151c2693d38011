"""A key of this installation, made once and kept: `load_key(path)`.

What is derived from it is the same in every worker and after every restart, and is worth nothing elsewhere.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key cannot be read or made; the message, in Chinese, says why."""


def load_key(path: Path) -> bytes:
    """Return the key in a file, which is made when it is not there; KeyFileError when that is impossible."""
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyFileError(f"密钥文件 {path} 无法使用（{error}）。请检查该文件及其目录的读写权限。") from error
    if len(key) < KEY_BYTES:
        raise KeyFileError(f"密钥文件 {path} 不完整。请移走该文件后重新启动，会自动重新生成。")
    return key


def _make(path: Path) -> None:
    """Write a new key whole or not at all; whichever worker is first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        os.unlink(temporary)
