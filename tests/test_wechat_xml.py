import contextlib
import re

import pytest
import xmltodict
from hypothesis import example, given
from hypothesis import strategies as st

from wence.channels.wechat.crypto import Code, Refused, Sealed
from wence.channels.wechat.xml import MAX_BYTES, MAX_DEPTH, read, sealed_reply, text_reply

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><xml><Content>&i;</Content></xml>"
)
EXTERNAL = '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>'
PARAMETER = '<!DOCTYPE xml [<!ENTITY % e SYSTEM "http://127.0.0.1:9/e.dtd">%e;]><xml/>'
HOSTILE = {
    "entity expansion": BOMB,
    "external entity": EXTERNAL,
    "parameter entity": PARAMETER,
    "doctype alone": "<!DOCTYPE xml><xml><Content>x</Content></xml>",
    "foreign doctype": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
    "unknown entity": "<xml><Content>&nbsp;</Content></xml>",
    "deep": "<xml>" + "<a>" * 10_000 + "</a>" * 10_000 + "</xml>",
    "little too deep": "<xml>" + "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH + "</xml>",
    "wide": "<xml>" + "".join(f"<a{number}/>" for number in range(5_000)) + "</xml>",
    "twice the same field": "<xml><Content>a</Content><Content>b</Content></xml>",
    "no end": "<xml><Content>a",
    "two roots": "<xml/><xml/>",
    "no xml": "Content=a",
    "json": '{"Content": "a"}',
    "nothing": "",
    "a control character": "<xml><Content>a\x00</Content></xml>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        read(HOSTILE[name].encode())
    assert refused.value.code == Code.XML


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-32"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(Refused):
        read(f'<?xml version="1.0" encoding="{encoding}"?><xml><Content>中文</Content></xml>'.encode(encoding))


def test_a_document_does_not_choose_its_encoding() -> None:
    assert read('<?xml version="1.0" encoding="iso-8859-1"?><xml><a>中</a></xml>'.encode())["a"] == "中"


def test_more_than_64_kb_is_refused_unread() -> None:
    fits = b"<xml><a>" + b"x" * (MAX_BYTES - 18) + b"</a></xml>"
    assert len(read(fits)["a"]) == MAX_BYTES - 18
    with pytest.raises(Refused, match="64 KB"):
        read(fits + b" ")


def test_the_nested_parts_of_an_event_are_left_alone() -> None:
    fields = read(b"<xml><Event>scancode_push</Event><ScanCodeInfo><ScanType>qrcode</ScanType></ScanCodeInfo></xml>")
    assert dict(fields) == {"Event": "scancode_push", "ScanCodeInfo": ""}


def test_comments_are_no_part_of_a_text() -> None:
    assert read(b"<xml><a>1<!-- 2 -->3</a></xml>")["a"] == "13"


WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(WRITABLE)
@example("]]>")
@example("]]]]>>")
@example("a]]>b]]>&amp;<x>")
def test_every_text_arrives_as_it_was_written(text: str) -> None:
    read_again = read(text_reply("to", "from", 1, text).encode())
    assert read_again["Content"] == text
    assert (xmltodict.parse(text_reply("to", "from", 1, text), strip_whitespace=False)["xml"]["Content"] or "") == text


@given(st.text())
def test_whatever_a_text_holds_the_reply_can_be_read(text: str) -> None:
    reply = text_reply("to", "from", 1, text).encode("utf-8")
    assert read(reply)["MsgType"] == "text"


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore")))
@example(b"\xef\xbb\xbf<xml/>")
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Refused):
        assert all(isinstance(value, str) for value in read(body).values())


@given(st.recursive(WRITABLE, lambda inner: st.dictionaries(st.from_regex("[a-z]{1,5}", fullmatch=True), inner)))
def test_no_shape_of_a_document_gets_beyond_being_read_or_refused(tree: object) -> None:
    body = xmltodict.unparse({"xml": tree}, full_document=False)
    with contextlib.suppress(Refused):
        read(body.encode())


def test_an_encrypted_reply_has_the_four_parts() -> None:
    parts = xmltodict.parse(sealed_reply(Sealed("e", "s", "1", "n")))["xml"]
    assert parts == {"Encrypt": "e", "MsgSignature": "s", "TimeStamp": "1", "Nonce": "n"}


def test_a_refusal_shows_nothing_of_the_message() -> None:
    with pytest.raises(Refused) as refused:
        read("<xml><Content>我的身份证号是".encode())
    assert not re.search("身份证", str(refused.value))
