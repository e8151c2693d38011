from __future__ import annotations

import pytest

from tests.wechat_platform import OPENID
from wence.channels.wechat.crypto import Code, Refused
from wence.channels.wechat.messages import Incoming, Kind, Pseudonyms, incoming

PSEUDONYMS = Pseudonyms(b"key", "wx1")
BASE = {"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": "1409735668"}


def text(**fields: str) -> Incoming:
    return incoming({**BASE, "MsgType": "text", "Content": "谁牵头", "MsgId": "1", **fields}, PSEUDONYMS)


def event(name: str = "CLICK", key: str = "k", **fields: str) -> Incoming:
    return incoming({**BASE, "MsgType": "event", "Event": name, "EventKey": key, **fields}, PSEUDONYMS)


def test_a_text_is_a_question() -> None:
    message = text(Content=" 谁牵头\n")
    assert (message.kind, message.question, message.id, message.openid) == (Kind.TEXT, "谁牵头", "m1", OPENID)


def test_a_sender_is_stored_under_a_keyed_hash() -> None:
    message = text()
    assert OPENID not in message.sender
    assert len(message.sender) == 32
    assert message.sender == text(MsgId="2").sender
    assert message.sender != incoming({**BASE, "MsgType": "text", "MsgId": "1"}, Pseudonyms(b"other", "wx1")).sender
    assert message.sender != incoming({**BASE, "MsgType": "text", "MsgId": "1"}, Pseudonyms(b"key", "wx2")).sender


def test_no_repr_shows_the_openid_or_the_words() -> None:
    assert OPENID not in repr(text())
    assert "谁牵头" not in repr(text())


def test_the_same_message_has_the_same_digest_and_another_has_another() -> None:
    assert text().digest == text().digest
    changed = [text(MsgId="2"), text(Content="谁配合"), text(FromUserName="o"), text(ToUserName="gh_2")]
    assert len({text().digest, *(message.digest for message in changed)}) == 5


def test_an_event_is_told_by_sender_time_and_key_without_naming_the_sender() -> None:
    assert event().id == event().id
    ids = {event().id, event(key="l").id, event("SCAN").id, event(CreateTime="2").id, event(FromUserName="o").id}
    assert len(ids) == 5
    assert OPENID not in event().id


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("subscribe", Kind.SUBSCRIBE),
        ("unsubscribe", Kind.UNSUBSCRIBE),
        ("CLICK", Kind.CLICK),
        ("click", Kind.CLICK),
        ("SCAN", Kind.SCAN),
        ("VIEW", Kind.SILENT),
        ("enter_agent", Kind.SILENT),
        ("whatever", Kind.SILENT),
    ],
)
def test_events_have_kinds(name: str, kind: Kind) -> None:
    assert event(name).kind is kind


def test_only_a_click_asks_something() -> None:
    assert (event("CLICK", "联系电话？").question, event("VIEW", "http://x").question) == ("联系电话？", "")


def test_a_message_without_content_is_empty_not_broken() -> None:
    assert incoming({**BASE, "MsgType": "text", "MsgId": "1"}, PSEUDONYMS).question == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"FromUserName": ""},
        {"FromUserName": "o" * 200},
        {"ToUserName": ""},
        {"CreateTime": ""},
        {"CreateTime": "soon"},
        {"CreateTime": "٣"},
        {"MsgType": ""},
        {"MsgId": ""},
        {"MsgId": "1 OR 1"},
        {"MsgId": "9" * 30},
    ],
)
def test_what_every_message_has_must_be_there(changed: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        text(**changed)
    assert refused.value.code == Code.XML
