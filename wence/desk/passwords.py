"""Passwords: what is asked of one, and how it is kept.

check(password, name)     RefusedError with a sentence for whoever chose it
Hasher()                  argon2id; `.hash(password)`, `.matches(password, hash)`
"""

from __future__ import annotations

import threading
import unicodedata

import argon2

from wence.desk.errors import RefusedError

SHORTEST = 10
LONGEST = 128
# What attackers try first, of those that are long enough; compared without case.
_COMMON = (
    "1234567890 12345678910 123456789012 0123456789 0987654321 9876543210 1111111111 0000000000 8888888888 "
    "6666666666 1234512345 1231231231 1122334455 112233445566 123123123123 12341234123 1qaz2wsx3edc 1q2w3e4r5t "
    "1q2w3e4r5t6y q1w2e3r4t5 qwertyuiop qwerty12345 qwerty123456 qazwsxedcrfv asdfghjkl123 abcdefghij abc1234567 "
    "abcd123456 abcd1234567 aa123456789 a123456789 a1234567890 woaini1314 woaini520 woaini123456 iloveyou123 "
    "password12 password123 password1234 password123456 passw0rd123 p@ssw0rd123 p@ssword123 admin12345 "
    "admin123456 administrator administrator1 root123456 test123456 welcome123 welcome1234 changeme123 "
    "letmein1234 sanmenxia123 sanmenxia2021 smx12345678 smx0398smx zhengfu123 zhengwu123 wence12345 wence123456"
)
COMMON = frozenset(_COMMON.split())


def check(password: str, name: str) -> None:
    """Make sure that a new password will do; RefusedError says why not."""
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < SHORTEST:
        raise RefusedError(f"密码太短：至少要 {SHORTEST} 个字符，可以用一句自己记得住的话。")
    if len(password) > LONGEST:
        raise RefusedError(f"密码太长：最多 {LONGEST} 个字符。")
    if name and unicodedata.normalize("NFKC", name).casefold() in plain:
        raise RefusedError("密码里不能有自己的名字，请换一个。")
    if plain in COMMON or len(set(plain)) < 4:
        raise RefusedError("这个密码太常见，很容易被猜中，请换一个。")


class Hasher:
    """Keeps passwords as argon2id hashes.

    32 MiB and three passes are 60 ms of one core: unnoticed once a day, and dear to whoever guesses. Two at a
    time at most, so that many log-ins at once neither fill the memory nor take both cores for long.
    """

    def __init__(self, time_cost: int = 3, memory_kib: int = 32 * 1024) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._turns = threading.BoundedSemaphore(2)
        # Checked in place of a hash that is not there, so that it takes as long.
        self._nobody = self._argon2.hash("nobody")

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._turns:
            return self._argon2.hash(_same(password))

    def matches(self, password: str, kept: str) -> bool:
        """Whether this is the password; takes as long where none is kept, and then never is."""
        with self._turns:
            try:
                self._argon2.verify(kept or self._nobody, _same(password))
            except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
                return False
        return bool(kept)


def _same(password: str) -> str:
    """The password as one input method or another would have typed it."""
    return unicodedata.normalize("NFKC", password)
