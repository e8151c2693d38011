"""Session tokens: who holds one continues a conversation, and nobody else can.

    tokens = SessionTokens(KeyRing(folder, LIFETIME_SECONDS))
    token = tokens.issue()                    a new session
    tokens.session_of(token.text)             its session; None when the token is not ours, or has expired
    tokens.issue(session)                     a further token of the same session

A token is `key.session.expiry.signature`. The session is a random number that only the server and the
holder ever see; the sender of a conversation comes from it, never from what a client calls itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from wence.state.database import SECONDS_A_DAY
from wence.state.keys import Key, KeyRing

LIFETIME_SECONDS = 30 * SECONDS_A_DAY  # as long as a conversation is kept
SESSION_BYTES = 16
_TOKEN = re.compile(r"([0-9a-f]{8})\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)
_PURPOSE = b"wence web session\0"


@dataclass(frozen=True)
class SessionToken:
    """A token and when it expires, in seconds since 1970."""

    text: str
    expires: int


class SessionTokens:
    """Issues tokens with the newest key and accepts those of all keys."""

    def __init__(
        self, keys: KeyRing, lifetime: float = LIFETIME_SECONDS, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._lifetime = lifetime
        self._clock = clock

    def issue(self, session: str = "") -> SessionToken:
        """Return a token of a session; of a new one when none is given."""
        key = self._keys.newest()
        expires = int(self._clock() + self._lifetime)
        content = f"{key.id}.{session or secrets.token_urlsafe(SESSION_BYTES)}.{expires}"
        return SessionToken(f"{content}.{_signature(key, content)}", expires)

    def session_of(self, token: str) -> str | None:
        """Return the session of a token that is valid."""
        match = _TOKEN.fullmatch(token)
        key = self._keys.find(match[1]) if match else None
        if match is None or key is None:
            return None
        content = token.rpartition(".")[0]
        if not hmac.compare_digest(_signature(key, content), match[4]) or int(match[3]) <= self._clock():
            return None
        return match[2]


def _signature(key: Key, content: str) -> str:
    digest = hmac.new(key.secret, _PURPOSE + content.encode("ascii"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
