import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from wence.channels.wechat.crypto import Code, MessageCrypto, Refused, is_signed, key_of, new_nonce, signature_of
from wence.channels.wechat.xml import read

# Published with Tencent's sample code for Python, Java and C++.
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PYTHON = ("spamtest", KEY, "wx2c2769f8efd9abc2")
JAVA = ("pamtest", KEY, "wxb11529c136998cb6")
JAVA_RANDOM = b"aaaabbbbccccdddd"
PYTHON_ENCRYPTED = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpb"
    "UAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn"
    "6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1Dl"
    "D+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
)
PYTHON_PLAIN = (
    "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName>\n"
    "<FromUserName><![CDATA[oyORnuP8q7ou2gfYjqLzSIWZf0rs]]></FromUserName>\n"
    "<CreateTime>1409735668</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n"
    "<Content><![CDATA[abcdteT]]></Content>\n<MsgId>6054768590064713728</MsgId>\n</xml>"
)
CPP_ENCRYPTED = (
    "mfBCs65c67CeJw22u4VT2TD73q5H06+ocrAIxswCaeZ/d/Lw0msSZFHY0teqgSYiI1zR2gD2DKrB3TIrmX/liNSDrGqS8jSI/WPeKB5VPr7Ezr7gom"
    "ZAyGCwJSgT1TRFWPfONGJMxuj2nk4faTuspAuVIFQ6SHwZuJBZC7mcJp7Cgr9cUhATQWDbOPaE7ukZBTV2YqyzH+UI2AK+J1S47cE79k1RX8t0hcT"
    "z/O0hlK8DGXKnvYv88qKQcI7z4iaajqHfRVZKBNyOODabs+It+ZfM3dWTeFcPgDbGtIEnpt/EDtuuA/zMvtkaKdHdswPnVZQ+xdwbYr3ldGvfT8Hl"
    "EYEgkgKaThxTFobVlwzu2ZkXCjicbP3xdr15Iq48ObgzPpqYuZ3IEoyggZDKClquk0u0orMck4GTF/XyE8yGzc4="
)
JAVA_SHORT = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg=="
JAVA_LONG_PLAIN = (
    "<xml><ToUserName><![CDATA[oia2Tj我是中文jewbmiOUlr6X-1crbLOvLw]]></ToUserName>"
    "<FromUserName><![CDATA[gh_7f083739789a]]></FromUserName><CreateTime>1407743423</CreateTime>"
    "<MsgType><![CDATA[video]]></MsgType><Video>"
    "<MediaId><![CDATA[eYJ1MbwPRJtOvIEabaxHs7TX2D-HV71s79GUxqdUkjm6Gs2Ed1KF3ulAOA9H1xG0]]></MediaId>"
    "<Title><![CDATA[testCallBackReplyVideo]]></Title><Description><![CDATA[testCallBackReplyVideo]]></Description>"
    "</Video></xml>"
)
JAVA_LONG = (
    "jn1L23DB+6ELqJ+6bruv23M2GmYfkv0xBh2h+XTBOKVKcgDFHle6gqcZ1cZrk3e1qjPQ1F4RsLWzQRG9udbKWesxlkupqcEcW7ZQweImX9+wLMa0Ga"
    "UzpkycA8+IamDBxn5loLgZpnS7fVAbExOkK5DYHBmv5tptA9tklE/fTIILHR8HLXa5nQvFb3tYPKAlHF3rtTeayNf0QuM+UW/wM9enGIDIJHF7CLH"
    "iDNAYxr+r+OrJCmPQyTy8cVWlu9iSvOHPT/77bZqJucQHQ04sq7KZI27OcqpQNSto2OdHCoTccjggX5Z9Mma0nMJBU+jLKJ38YB1fBIz+vBzsYjrT"
    "mFQ44YfeEuZ+xRTQwr92vhA9OxchWVINGC50qE/6lmkwWTwGX9wtQpsJKhP+oS7rvTY8+VdzETdfakjkwQ5/Xka042OlUb1/slTwo4RscuQ+RdxSG"
    "vDahxAJ6+EAjLt9d8igHngxIbf6YyqqROxuxqIeIch3CssH/LqRs+iAcILvApYZckqmA7FNERspKA5f8GoJ9sv8xmGvZ9Yrf57cExWtnX8aCMMaBr"
    "opU/1k+hKP5LVdzbWCG0hGwx/dQudYR/eXp3P0XxjlFiy+9DMlaFExWUZQDajPkdPrEeOwofJb"
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="

AT = ("1409735669", "1320562132")


@pytest.fixture
def ours() -> MessageCrypto:
    return MessageCrypto(*PYTHON)


def sealed_by(token: str, key: str, receiver: str, encrypted: str) -> tuple[MessageCrypto, str, str, str, str]:
    return MessageCrypto(token, key, receiver), encrypted, signature_of(token, *AT, encrypted), *AT


def code_of(crypto: MessageCrypto, *arguments: str) -> int:
    with pytest.raises(Refused) as refused:
        crypto.open(*arguments)
    return refused.value.code


def test_the_message_of_the_python_sample_is_opened(ours: MessageCrypto) -> None:
    plain = ours.open(PYTHON_ENCRYPTED, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", *AT)
    assert plain.decode() == PYTHON_PLAIN
    assert read(plain)["Content"] == "abcdteT"


def test_the_message_of_the_cpp_sample_is_opened(ours: MessageCrypto) -> None:
    plain = ours.open(CPP_ENCRYPTED, "003fee52ecc56afb46c00b5c7721be87860ce785", "1410349438", "298025754")
    assert read(plain)["ToUserName"] == "gh_10f6c3c3ac5a"


@pytest.mark.parametrize(
    ("plain", "encrypted"), [("我是中文abcd123", JAVA_SHORT), (JAVA_LONG_PLAIN, JAVA_LONG)], ids=["short", "long"]
)
def test_the_messages_of_the_java_test_are_sealed_to_the_byte(plain: str, encrypted: str) -> None:
    sealed = MessageCrypto(*JAVA).seal(plain.encode(), "1409304348", "xxxxxx", JAVA_RANDOM)
    assert sealed.encrypted == encrypted


def test_the_address_of_the_java_test_is_verified() -> None:
    crypto = MessageCrypto("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
    echo = crypto.open(ECHO, "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780")
    assert echo == b"1616140317555161061"


def test_the_message_and_the_reply_of_the_documentation_with_a_key_of_zeros() -> None:
    crypto = MessageCrypto("AAAAA", "A" * 43, "wx134c8103faa5a59e")
    encrypted = (
        "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+aj"
        "KYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJ"
        "B5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7K"
        "ZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmd"
        "nX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg=="
    )
    plain = crypto.open(encrypted, "6c12a4205838198b8fa631b3220723bb07f1015c", "1715943329", "1590219412")
    assert read(plain)["Event"] == "debug_demo"
    reply = "<xml><demo_resp>[CDATA[good luck]]</demo_resp></xml>"
    sealed = crypto.seal(reply.encode(), "1713424427", "415670741", b"999951349e8ee746")
    assert sealed.encrypted == (
        "hE8R6mGXHkJJjU72KxzKUd1GEkKJaEZq7vRL8XgK3o+00k8JGq6+pZJUIlTSyhsX+bxIBQ72g3GyvDdIZcr6+3HAZbSvPT9t/o11MI7d6WELwqr"
        "Gd7jMnV0zv3Zc9Nq7"
    )
    assert sealed.signature == "03e0812039325c2712ef5f0f980fd14c70d6e307"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_we_seal_wechatpy_opens(plain: str) -> None:
    sealed = MessageCrypto(*PYTHON).seal(plain.encode(), *AT)
    theirs = WeChatCrypto(*PYTHON)
    assert theirs.decrypt_message({"Encrypt": sealed.encrypted}, sealed.signature, *AT) == plain


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_what_wechatpy_seals_we_open(plain: str) -> None:
    import xmltodict

    sealed = xmltodict.parse(WeChatCrypto(*PYTHON).encrypt_message(plain, AT[1], AT[0]))["xml"]
    opened = MessageCrypto(*PYTHON).open(sealed["Encrypt"], sealed["MsgSignature"], *AT)
    assert opened.decode() == plain


def test_every_sealing_looks_different(ours: MessageCrypto) -> None:
    assert ours.seal(b"x", *AT).encrypted != ours.seal(b"x", *AT).encrypted


@pytest.mark.parametrize("signature", ["", "5d197aaffba7e9b25a30732f161a50dee96bd5fb", "签名", "\ud800", "5D197AAF"])
def test_a_forged_signature_is_refused(ours: MessageCrypto, signature: str) -> None:
    assert code_of(ours, PYTHON_ENCRYPTED, signature, *AT) == Code.SIGNATURE


@pytest.mark.parametrize("position", [0, 20, 100, len(PYTHON_ENCRYPTED) - 5])
def test_a_message_that_was_changed_is_refused_before_it_is_decrypted(ours: MessageCrypto, position: int) -> None:
    other = "B" if PYTHON_ENCRYPTED[position] == "A" else "A"
    changed = PYTHON_ENCRYPTED[:position] + other + PYTHON_ENCRYPTED[position + 1 :]
    assert code_of(ours, changed, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", *AT) == Code.SIGNATURE


def test_a_message_for_another_account_is_refused() -> None:
    theirs = MessageCrypto("spamtest", KEY, "wxffffffffffffffff").seal(b"<xml/>", *AT)
    assert code_of(MessageCrypto(*PYTHON), theirs.encrypted, theirs.signature, *AT) == Code.RECEIVER


def test_a_message_under_another_key_is_refused() -> None:
    theirs = MessageCrypto("spamtest", "Z" * 42 + "A", PYTHON[2]).seal(b"<xml/>", *AT)
    code = code_of(MessageCrypto(*PYTHON), theirs.encrypted, theirs.signature, *AT)
    assert code in (Code.BUFFER, Code.RECEIVER)


@pytest.mark.parametrize(
    ("encrypted", "code"),
    [
        ("不是", Code.BASE64),
        ("a", Code.BASE64),
        ("", Code.DECRYPTION),
        (base64.b64encode(b"x" * 16).decode(), Code.DECRYPTION),
        (base64.b64encode(b"x" * 33).decode(), Code.DECRYPTION),
        (base64.b64encode(b"x" * 64).decode(), Code.BUFFER),
    ],
)
def test_rubbish_with_a_right_signature_is_refused_with_the_platforms_number(encrypted: str, code: int) -> None:
    assert code_of(*sealed_by(*PYTHON, encrypted)) == code


@given(st.binary(min_size=32, max_size=256).map(lambda data: data[: len(data) // 32 * 32]))
def test_no_ciphertext_does_more_than_be_refused(data: bytes) -> None:
    assert code_of(*sealed_by(*PYTHON, base64.b64encode(data).decode())) in (Code.BUFFER, Code.RECEIVER)


@pytest.mark.parametrize("key", ["", "abcde", "A" * 42, "A" * 44, "文" * 43, "-" * 43])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        key_of(key)
    assert refused.value.code == Code.AES_KEY
    assert not key or key not in str(refused.value)


def test_a_signature_is_over_the_sorted_texts() -> None:
    assert is_signed("spamtest", signature_of("1320562132", "spamtest", "1409735669"), *AT)


def test_a_nonce_of_ours_is_ten_digits() -> None:
    nonce = new_nonce()
    assert (len(nonce), nonce.isdecimal()) == (10, True)
