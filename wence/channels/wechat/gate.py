"""From a request to a message that is proved to come from the platform, or `Refused`: `Gate`.

    gate.echo(query)               what the console wants to hear back when an address is entered
    gate.receive(query, body)      the message, and how it came
    gate.reply(passed, text)       the body that answers it, encrypted where the message was

In plain mode the signature covers the time and the nonce only, not the message: so a nonce is taken once, and
again only for the same message. That is for the ledger to know, under `passed.mark`.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Mapping

from wence.channels.wechat import crypto, xml
from wence.channels.wechat.crypto import Code, Refused
from wence.channels.wechat.messages import Incoming, Pseudonyms, incoming
from wence.channels.wechat.settings import Account, Mode

SECONDS_OF_VALIDITY = 300
ECHO = re.compile(r"[A-Za-z0-9_+/=.-]{1,512}")
NONCE = re.compile(r"[\x21-\x7e]{1,64}")
TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclasses.dataclass(frozen=True)
class Passed:
    """How a message came: its mark is the same for two requests under one signature only."""

    mark: str
    is_sealed: bool


class Gate:
    """Lets the messages of one account in."""

    def __init__(self, account: Account, pseudonyms: Pseudonyms, clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._crypto = account.crypto()

    def echo(self, query: Mapping[str, str]) -> tuple[str, str]:
        """Return what proves to the console that this is the address, and the mark of the request."""
        timestamp, nonce = self._moment(query)
        echo = query.get("echostr", "")
        if self._account.agent:
            echo = self._open(echo, query.get("msg_signature", ""), timestamp, nonce).decode("utf-8", "replace")
        else:
            self._check_signature(query, timestamp, nonce)
        if not ECHO.fullmatch(echo):
            raise Refused(Code.XML, "echostr 缺少，或不是平台给的样子")
        return echo, _mark(timestamp, nonce)

    def receive(self, query: Mapping[str, str], body: bytes) -> tuple[Incoming, Passed]:
        """Return the message in a request, and how it came."""
        timestamp, nonce = self._moment(query)
        if "msg_signature" not in query:
            # Before anything of the body is read, where the signature allows it.
            self._check_signature(query, timestamp, nonce)
        fields = xml.read(body)
        encrypted = fields.get("Encrypt", "")
        if encrypted and self._account.mode is not Mode.PLAIN:
            plain = self._open(encrypted, query.get("msg_signature", ""), timestamp, nonce)
            fields = xml.read(plain)
        elif encrypted and "Content" not in fields and "Event" not in fields:
            raise Refused(Code.DECRYPTION, "消息是加密的，设置里却是明文模式：请设 WECHAT_MODE 和 WECHAT_AES_KEY")
        elif self._account.mode is Mode.SAFE:
            raise Refused(Code.XML, "安全模式下收到没有加密的消息")
        else:
            self._check_signature(query, timestamp, nonce)
            encrypted = ""
        if self._account.agent and fields.get("AgentID", self._account.agent) != self._account.agent:
            raise Refused(Code.RECEIVER, "消息不是发给这个 AgentID 的")
        return incoming(fields, self._pseudonyms), Passed(_mark(timestamp, nonce), bool(encrypted))

    def reply(self, message: Incoming, passed: Passed, text: str) -> str:
        """Return the body that answers a message with a text."""
        now = int(self._clock())
        plain = xml.text_reply(message.openid, message.account, now, text)
        if not passed.is_sealed or self._crypto is None:
            return plain
        return xml.sealed_reply(self._crypto.seal(plain.encode(), str(now), crypto.new_nonce()))

    def _moment(self, query: Mapping[str, str]) -> tuple[str, str]:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not (TIMESTAMP.fullmatch(timestamp) and NONCE.fullmatch(nonce)):
            raise Refused(Code.SIGNATURE, "网址里缺少 timestamp 或 nonce")
        difference = self._clock() - int(timestamp)
        if abs(difference) > SECONDS_OF_VALIDITY:
            reason = f"timestamp 与本机时间相差 {difference:.0f} 秒；若平台的消息都这样，请给本机校时"
            raise Refused(Code.SIGNATURE, reason)
        return timestamp, nonce

    def _check_signature(self, query: Mapping[str, str], timestamp: str, nonce: str) -> None:
        if not crypto.is_signed(self._account.token, query.get("signature", ""), timestamp, nonce):
            raise Refused(Code.SIGNATURE, "signature 不对：Token 与后台的不同，或者不是平台发来的")

    def _open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
        if self._crypto is None:
            raise Refused(Code.AES_KEY, "没有设 EncodingAESKey")
        return self._crypto.open(encrypted, signature, timestamp, nonce)


def _mark(timestamp: str, nonce: str) -> str:
    return f"{timestamp}:{nonce}"
