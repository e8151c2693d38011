"""What the platform sends, read once: `message = incoming(fields, pseudonyms)`.

    message.kind           text, voice, an event …
    message.question       the words that ask something: what was written, was recognised, or a menu stands for
    message.id             the same for every retry of a message, and for no other message
    message.sender         who sent it, as everything stored knows him: a keyed hash

The openid itself, `message.openid`, is for answering him now; it is in no `repr` and goes into nothing that
is stored.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import hmac
from collections.abc import Mapping

from wence.channels.wechat.crypto import Code, Refused

MAX_NAME = 128
DIGEST_CHARACTERS = 32


class Kind(enum.Enum):
    """What a message is, as far as it makes a difference to the answer."""

    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    OTHER = "other"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    CLICK = "click"
    SCAN = "scan"
    SILENT = "silent"
    """An event that nobody waits for an answer to."""


_MESSAGES = {
    "text": Kind.TEXT,
    "voice": Kind.VOICE,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
}
_EVENTS = {
    "subscribe": Kind.SUBSCRIBE,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "click": Kind.CLICK,
    "scan": Kind.SCAN,
    "enter_agent": Kind.SILENT,
}


class Pseudonyms:
    """Names that stand for openids where something is stored: a keyed hash, the same in every worker."""

    def __init__(self, key: bytes, account: str) -> None:
        self._key = key
        self._account = account

    def of(self, *texts: str) -> str:
        """The name that stands for a text of this account, or for several together."""
        # Lengths keep ("ab", "c") and ("a", "bc") apart.
        joined = "".join(f"{len(text)}:{text}" for text in (self._account, *texts))
        return hmac.new(self._key, joined.encode(), hashlib.sha256).hexdigest()[:DIGEST_CHARACTERS]


@dataclasses.dataclass(frozen=True)
class Incoming:
    """One message of the platform."""

    kind: Kind
    id: str
    sender: str
    openid: str = dataclasses.field(repr=False)
    account: str
    created: int
    question: str = dataclasses.field(repr=False)
    digest: str = ""


def incoming(fields: Mapping[str, str], pseudonyms: Pseudonyms) -> Incoming:
    """Return what the platform sent; `Refused` when something is missing that every message has."""
    openid, account = fields.get("FromUserName", ""), fields.get("ToUserName", "")
    created, form = fields.get("CreateTime", ""), fields.get("MsgType", "").lower()
    number = fields.get("MsgId", "")
    if not (0 < len(openid) <= MAX_NAME and 0 < len(account) <= MAX_NAME and form and _is_number(created)):
        raise Refused(Code.XML, "正文缺少发送人、接收人、时间或类型")
    kind, question = _meaning(form, fields)
    if form == "event":
        # Two events of one second are told apart; a retry is alike in all of this.
        name = pseudonyms.of("event", openid, created, fields.get("Event", ""), fields.get("EventKey", ""))
    elif _is_number(number):
        name = f"m{number}"
    else:
        raise Refused(Code.XML, "正文没有 MsgId")
    digest = pseudonyms.of("message", openid, account, name, form, question)
    return Incoming(kind, name, pseudonyms.of("openid", openid), openid, account, int(created), question, digest)


def _meaning(form: str, fields: Mapping[str, str]) -> tuple[Kind, str]:
    if form != "event":
        kind = _MESSAGES.get(form, Kind.OTHER)
        words = fields.get("Content", "") if kind is Kind.TEXT else fields.get("Recognition", "")
        return kind, words.strip() if kind in (Kind.TEXT, Kind.VOICE) else ""
    kind = _EVENTS.get(fields.get("Event", "").lower(), Kind.SILENT)
    return kind, fields.get("EventKey", "").strip() if kind is Kind.CLICK else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 24
