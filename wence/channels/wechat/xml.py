"""Reading the platform's XML, which anybody may send, and writing what is answered.

    fields = read(body)              the elements under the root, by name; `Refused` for anything strange
    fields.get("Content")
    text_reply(to, sender, when, text)
    sealed_reply(sealed)

Refused are, before anything is looked at: more than 64 KB, what is not UTF-8, a DOCTYPE, an entity of its
own, and more than a few levels of elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from wence.channels.wechat.crypto import Code, Refused, Sealed

MAX_BYTES = 64 * 1024
MAX_DEPTH = 6  # the platform's deepest event, a list of pictures, needs four
MAX_ELEMENTS = 200

# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Strange(Exception):
    """The shape of a document is not that of a message."""


class _ShallowBuilder(TreeBuilder):
    """Builds a tree, and gives up as soon as it becomes too deep or too wide."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise _Strange
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read(body: bytes) -> Mapping[str, str]:
    """Return the text of each element under the root; of one that holds others, nothing."""
    if len(body) > MAX_BYTES:
        raise Refused(Code.XML, f"正文超过 {MAX_BYTES // 1024} KB")
    try:
        # As text, so that no document chooses an encoding for itself.
        root = _parsed(body.decode("utf-8-sig"))
    except (DefusedXmlException, ParseError, UnicodeDecodeError, _Strange, ValueError) as error:
        raise Refused(Code.XML, f"正文不是平台的 XML（{type(error).__name__}）") from None
    fields: dict[str, str] = {}
    for element in root:
        if element.tag in fields:
            # Which of two would count is for readers to differ about, and for forgers to use.
            raise Refused(Code.XML, "正文里有重复的字段")
        fields[element.tag] = element.text or ""
    return fields


def _parsed(text: str) -> Element:
    parser: Any = DefusedXMLParser(target=_ShallowBuilder(), forbid_dtd=True)
    parser.feed(text)
    root: Element = parser.close()
    return root


def text_reply(to: str, sender: str, when: int, text: str) -> str:
    """Return the message that answers another with a text."""
    return (
        f"<xml><ToUserName>{_data(to)}</ToUserName><FromUserName>{_data(sender)}</FromUserName>"
        f"<CreateTime>{when}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{_data(text)}</Content></xml>"
    )


def sealed_reply(sealed: Sealed) -> str:
    """Return the envelope of an encrypted message."""
    return (
        f"<xml><Encrypt>{_data(sealed.encrypted)}</Encrypt><MsgSignature>{_data(sealed.signature)}</MsgSignature>"
        f"<TimeStamp>{sealed.timestamp}</TimeStamp><Nonce>{_data(sealed.nonce)}</Nonce></xml>"
    )


def _data(text: str) -> str:
    """A text as character data, whatever it holds."""
    writable = _UNWRITABLE.sub("", text)
    return f"<![CDATA[{writable.replace(']]>', ']]]]><![CDATA[>')}]]>"
