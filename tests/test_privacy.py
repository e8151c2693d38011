from __future__ import annotations

import datetime
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.knowledge import Knowledge
from wence.privacy import Masker, mask, pseudonym, public_numbers

FULL_WIDTH = str.maketrans("0123456789-@.", "０１２３４５６７８９－＠．")
#: Words that may stand before and after a number; none of them makes a number of its neighbour.
WORDS = ["", "我的是", "谢谢", "，", "（", "）", "tel", "abc ", "问：", "。智慧社区谁牵头"]
PHONE = "0398-2260117"


@pytest.fixture(scope="session")
def masker(knowledge: Knowledge) -> Masker:
    return Masker.of(knowledge, b"key")


def luhn(figures: str) -> str:
    """The figure that completes a card number."""
    total = 0
    for place, figure in enumerate(reversed(figures)):
        value = int(figure) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


digits = st.text("0123456789", min_size=0, max_size=20)


def figures(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


mobiles = st.builds("1{}{}".format, st.sampled_from("3456789"), figures(9))
landlines = st.builds(
    "{}-{}{}".format, st.sampled_from(["0398", "0371", "0755"]), st.sampled_from("23456789"), figures(6)
)
birthdays = st.dates(datetime.date(1900, 1, 1), datetime.date(2030, 1, 1)).map(lambda day: f"{day:%Y%m%d}")
identity_cards = st.builds(
    "{}{}{}{}{}".format, st.sampled_from("123456"), figures(5), birthdays, figures(3), st.sampled_from("0123456789Xx")
)
bank_cards = st.integers(12, 18).flatmap(
    lambda count: st.builds("{}{}".format, st.sampled_from(["62", "45", "51", "35", "95"]), figures(count - 2)).map(
        lambda start: start + luhn(start)
    )
)
emails = st.builds(
    "{}@{}.{}".format,
    st.from_regex(r"[a-z0-9][a-z0-9._]{0,10}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True),
    st.sampled_from(["com", "cn", "com.cn"]),
)
plates = st.builds(
    "{}{}{}".format,
    st.sampled_from("豫京粤"),
    st.sampled_from("ABCMDEF"),
    st.one_of(figures(5), st.builds("{}{}".format, st.sampled_from("DF"), figures(5)), figures(4).map("A{}".format)),
)
KINDS = [
    (mobiles, "[手机号]"),
    (landlines, "[电话号]"),
    (identity_cards, "[身份证号]"),
    (emails, "[邮箱]"),
    (plates, "[车牌号]"),
]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的手机13812345678。", "我的手机[手机号]。"),
        ("１３８１２３４５６７８谢谢", "[手机号]谢谢"),
        ("138-1234-5678或138 1234 5678", "[手机号]或[手机号]"),
        ("138—1234—5678", "[手机号]"),
        ("13812 345678", "[手机号]"),
        ("1 3 8 1 2 3 4 5 6 7 8", "[手机号]"),
        ("138\u200b1234\u200b5678", "[手机号]"),
        ("①③⑧①②③④⑤⑥⑦⑧", "[手机号]"),
        ("+86 138 1234 5678、8613812345678、008613812345678", "[手机号]、[手机号]、[手机号]"),
        ("1.13812345678 2.13912345678", "1.[手机号] 2.[手机号]"),
        ("10.13812345678，(2)13812345678", "10.[手机号]，(2)[手机号]"),
        ("微信abc13812345678x", "微信abc[手机号]x"),
        ("0398-2816242、(0398)2816242、（0398）2816242、03982816242", "[电话号]、[电话号]、[电话号]、[电话号]"),
        ("0398 281 6242", "[电话号]"),
        ("010-82345678 021 6234 5678", "[电话号] [电话号]"),
        ("+86-398-2816242", "[电话号]"),
        ("电话是2816242", "电话是[电话号]"),
        ("身份证41120219900101123X，谢谢", "身份证[身份证号]，谢谢"),
        ("411202 19900101 1234", "[身份证号]"),
        ("４１１２０２１９９００１０１１２３４", "[身份证号]"),
        ("411202900101123", "[身份证号]"),
        ("卡号6222021234567890128", "卡号[银行卡号]"),
        ("4111 1111 1111 1111", "[银行卡号]"),
        ("4111-1111-1111-1111", "[银行卡号]"),
        ("622202 1234567890128", "[银行卡号]"),
        ("邮箱：zhang.san@qq.com谢谢", "邮箱：[邮箱]谢谢"),
        ("ａｂｃ＠ｑｑ．ｃｏｍ", "[邮箱]"),
        ("abc @ 163.com", "[邮箱]"),
        ("13812345678@163.com", "[邮箱]"),
        ("车牌豫M12345被拖走", "车牌[车牌号]被拖走"),
        ("豫M·D12345 豫MD12345 豫m12345 豫 M 1 2 3 4 5", "[车牌号] [车牌号] [车牌号] [车牌号]"),
        ("豫M12345F、豫M1234学", "[车牌号]、[车牌号]"),
        ("411202199001011234138123456789", "[银行卡号]"),
        ("我是张三，13812345678，豫M12345，a@b.cn", "我是张三，[手机号]，[车牌号]，[邮箱]"),
    ],
)
def test_a_personal_number_is_replaced_by_the_name_of_its_kind(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "智慧社区由哪个单位牵头？",
        "三政办〔2021〕25号是什么？豫发改数字〔2020〕870号呢？豫政办〔2020〕27号，三发〔2020〕3号",
        "打110、119、120还是12345？",
        f"{PHONE}是谁的电话？0398 2260117、（0398）2260117、03982260117、+86-398-2260117，电话2260117",
        "０３９８－２２６０１１７对吗",
        "0398-2260117转8001",
        "2021年12月8日、2021-12-08、2021.12.08、2021/12/27、20211208、电话20211208",
        "2021-12-08 2021-12-27 2023-12-31，2021-12-08 16:46:21，20211208164621",
        "15-12-2021 160",
        "2020 2021 2022 2023",
        "投资15000000000元，1.5亿元，3000万元，16项任务，29个单位，9条意见",
        "472000是三门峡的邮政编码",
        "http://zsj.smx.gov.cn/3976/616017024/978619.html",
        "新HTML5、新5G基站、云CRM2021、豫发改、川A级",
        "第5页的(六)，5G，IDC，100%，1/3",
        "@大家 a@b 1@2",
        "0.4111111111111111，0.13812345678，[0.4111111111111111, 0.411202199001011234]",
        "",
    ],
)
def test_public_numbers_dates_and_amounts_stay(masker: Masker, text: str) -> None:
    assert masker(text) == text


def test_nothing_that_the_knowledge_says_is_masked(masker: Masker, knowledge: Knowledge) -> None:
    for source in knowledge.sources.values():
        assert masker(source.text) == source.text
    for fact in knowledge.facts.values():
        for text in (fact.question, fact.say, *fact.says.values(), *fact.value):
            assert masker(text) == text


def test_the_contact_telephone_is_public_with_and_without_its_area_code(knowledge: Knowledge) -> None:
    assert {"03982260117", "2260117", "110", "12345"} <= public_numbers(knowledge)


def test_the_number_beside_a_public_one_is_masked(masker: Masker) -> None:
    assert masker(f"{PHONE} 13812345678 0398-2816242 12345") == f"{PHONE} [手机号] [电话号] 12345"


@given(st.data(), st.sampled_from(KINDS), st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_number_is_masked_whatever_stands_around_it(data, kind, before: str, after: str) -> None:
    numbers, name = kind
    number = data.draw(numbers)
    # A word of letters before an e-mail address is part of it, and letters after a plate or an address, too.
    if name in ("[邮箱]", "[车牌号]"):
        before, after = before.removesuffix("tel"), after if after not in ("tel", "abc ") else ""
    assert mask(f"{before}{number}{after}") == f"{before}{name}{after}"


@given(bank_cards)
def test_a_bank_card_is_masked_as_some_number(card: str) -> None:
    assert mask(card) in ("[银行卡号]", "[身份证号]", "[手机号]")


@given(
    mobiles,
    st.sampled_from([" ", "-", "－", "—", " - ", "\u200b", "　"]),
    st.sampled_from([(3, 7), (3, 8), (5,), (4, 7)]),
)
def test_a_mobile_number_in_groups_is_masked(mobile: str, gap: str, cuts: tuple[int, ...]) -> None:
    ends = (0, *cuts, 11)
    grouped = gap.join(mobile[start:end] for start, end in itertools.pairwise(ends))
    assert mask(f"打{grouped}吧") == "打[手机号]吧"


@given(st.data(), st.sampled_from(KINDS))
def test_full_width_makes_no_difference(data, kind) -> None:
    numbers, name = kind
    assert mask(data.draw(numbers).translate(FULL_WIDTH)) == name


@given(
    st.lists(st.one_of(mobiles, landlines, identity_cards, bank_cards, emails, plates, digits, st.text()), max_size=6)
)
def test_masking_again_changes_nothing(pieces: list[str]) -> None:
    once = mask("".join(pieces), {"03982260117"})
    assert mask(once, {"03982260117"}) == once


@given(st.text(max_size=300))
def test_a_text_is_only_changed_where_digits_or_an_address_stand(text: str) -> None:
    if not any(character.isdigit() or character in "@＠﹫" for character in text):
        assert mask(text) == text


@given(
    st.lists(st.dates(datetime.date(1980, 1, 1), datetime.date(2035, 1, 1)), min_size=1, max_size=4),
    st.sampled_from(
        ["{:%Y-%m-%d}", "{:%Y年%m月%d日}", "{:%Y.%m.%d}", "{:%Y/%m/%d}", "{:%Y-%m}", "{:%Y}年", "{:%Y%m%d}"]
    ),
    st.sampled_from(["，", "、", "到", "和"]),
)
def test_dates_are_never_masked(days: list[datetime.date], form: str, between: str) -> None:
    text = between.join(form.format(day) for day in days)
    assert mask(text) == text


@given(st.sampled_from(["三政办", "豫发改数字", "豫政办", "京发"]), st.integers(1949, 2035), st.integers(1, 9999))
def test_document_numbers_are_never_masked(issuer: str, year: int, number: int) -> None:
    text = f"{issuer}〔{year}〕{number}号、{issuer}{year}{number}号文"
    assert mask(text) == text


BURDENS = ["1", "1 ", "1-", "a", "a.", "豫A", "电话", "1@"]


@pytest.mark.parametrize("burden", BURDENS)
def test_a_burden_takes_no_longer_than_its_length_asks(burden: str) -> None:
    text = burden * (64_000 // len(burden)) + "@ 123"
    began = time.perf_counter()
    mask(text)
    assert time.perf_counter() - began < 5


def test_everything_inside_an_event_is_masked(masker: Masker) -> None:
    event = {
        "event": "user",
        "text": "13812345678",
        "timestamp": 1700000000.5,
        "parse_data": {"entities": [{"value": "豫M12345", "start": 0}], "count": 13812345678, "flag": True},
        "metadata": {"13812345678": None},
    }
    assert masker.within(event) == {
        "event": "user",
        "text": "[手机号]",
        "timestamp": 1700000000.5,
        "parse_data": {"entities": [{"value": "[车牌号]", "start": 0}], "count": "[手机号]", "flag": True},
        "metadata": {"[手机号]": None},
    }


def test_a_sender_who_is_called_by_a_number_gets_a_pseudonym_always_the_same(masker: Masker) -> None:
    name = masker.sender("tel-13812345678")
    assert name == masker.sender("tel-13812345678") != masker.sender("tel-13812345679")
    assert masker.sender(name) == name
    assert "138" not in name or "13812345678" not in name


def test_other_senders_keep_their_names(masker: Masker) -> None:
    assert masker.sender("小王") == "小王"


def test_a_pseudonym_depends_on_the_key() -> None:
    assert pseudonym("a", b"1") != pseudonym("a", b"2")
