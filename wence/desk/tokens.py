"""Secrets that a browser holds: random, and kept here only as their hash.

new()               a random token
hashed(token)       what the database keeps of it
csrf(token)         what a form must bring along, made from the cookie of the browser that got the form
same(one, other)    whether two are the same, in a time that does not tell where they differ
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

_BYTES = 32


def new() -> str:
    """Return a random token, safe in an address."""
    return secrets.token_urlsafe(_BYTES)


def hashed(token: str) -> str:
    """Return the hash of a token; it is random, so a fast hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf(token: str) -> str:
    """Return what only the desk can make from a cookie that pages cannot read: pages of others never know it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Return whether two tokens are the same."""
    return hmac.compare_digest(one.encode(), other.encode())
