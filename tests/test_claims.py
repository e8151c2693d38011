from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.claims import Claims, Date, Evidence, chinese_number, dates, numbers
from wence.knowledge import Knowledge


@pytest.fixture(scope="module")
def claims(knowledge: Knowledge) -> Claims:
    return Claims(knowledge)


def _told(claims: Claims, text: str) -> list[str]:
    return [f"{claim.kind} {claim.text}" for claim in claims.of(text)]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三", 3),
        ("十", 10),
        ("十六", 16),
        ("二十", 20),
        ("二十九", 29),
        ("一百一十", 110),
        ("一百零五", 105),
        ("两", 2),
    ],
)
def test_chinese_numerals_are_read(numeral: str, value: int) -> None:
    assert chinese_number(numeral) == value


@given(st.integers(1, 99))
def test_every_numeral_below_a_hundred_is_read(value: int) -> None:
    tens, ones = divmod(value, 10)
    numeral = ("" if tens < 2 else "零一二三四五六七八九"[tens]) + ("十" if tens else "")
    assert chinese_number(numeral + ("零一二三四五六七八九"[ones] if ones else "")) == value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021年5-6月，7-8月", [Date(2021, 5), Date(2021, 6), Date(2021, 7), Date(2021, 8)]),
        ("2020年12月至2021年4月", [Date(2020, 12), Date(2021, 4)]),
        ("2021年9月、11月", [Date(2021, 9), Date(2021, 11)]),
        ("2021年12月8日", [Date(2021, 12, 8)]),
        ("2023年底前", [Date(2023, part="底")]),
        ("自2021年起", [Date(2021)]),
        ("2021年9月。11月", [Date(2021, 9), Date(0, 11)]),
        ("共12个月", []),
    ],
)
def test_dates_carry_the_year_through_their_sentence(text: str, found: list[Date]) -> None:
    assert dates(text) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("七个方面的16项重点任务", ["数字 16", "数字 七"]),
        ("前六个方面就是六大系统，各为一项", ["数字 六", "数字 六"]),
        ("“十四五”规划", []),
        ("第5页，第三部分", ["序号 第5", "序号 第三"]),
        ("“（六）全面加强”", ["序号 (六)"]),
        ("约56%", ["数字 56%"]),
        ("5G基站", ["代号 5G"]),
        ("电话0398-2260117", ["电话 0398-2260117"]),
        ("文号是豫政办〔2020〕27号", ["文号 文号是豫政办〔2020〕27号"]),
        ("870号通知", ["文号 870号"]),
        ("由市民政局牵头", ["单位 市民政局"]),
        ("由市教育局牵头", ["单位 市教育局"]),
        ("由月球管理局牵头", ["单位 月球管理局"]),
    ],
)
def test_claims_are_found(claims: Claims, text: str, told: list[str]) -> None:
    assert _told(claims, text) == told


@pytest.mark.parametrize(
    ("quote", "text", "lacking"),
    [
        ("16个重点任务", "十六项任务", []),
        ("2021年10月", "10个部门", ["10"]),
        ("五、文件时效", "5个单位", ["5"]),
        ("共七个方面", "第七个方面", []),
        ("第5页", "5个单位", ["5"]),
        ("2021年12月8日", "2021年12月", []),
        ("2021年12月", "2021年12月8日", ["2021年12月8日"]),
        ("2023年底前", "2023年底", []),
        ("2023年", "2023年底", ["2023年底"]),
        ("(豫政办〔2020〕27号)", "文号是豫政办〔2020〕27号", []),
        ("(豫政办〔2020〕27号)", "27号文", []),
        ("(豫发改数字〔2020〕870号)", "文号是发改数字〔2020〕870号", ["文号是发改数字〔2020〕870号"]),
        ("应由民政部门牵头", "由市民政局牵头", []),
        ("市政府办公室", "市政府", ["市政府"]),
        ("智慧消防", "市消防救援支队", ["市消防救援支队"]),
    ],
)
def test_a_claim_is_held_by_a_quote_that_says_the_same(
    claims: Claims, quote: str, text: str, lacking: list[str]
) -> None:
    assert [claim.text for claim in Evidence(claims, [quote]).lacks(text)] == lacking


@given(st.text())
def test_every_text_is_proved_by_itself(knowledge: Knowledge, text: str) -> None:
    claims = Claims(knowledge)
    assert Evidence(claims, [text]).lacks(text) == []


def test_numbers_are_those_of_dates_and_documents_too() -> None:
    assert numbers("2021年9月，豫政办〔2020〕27号，三个要求") == {"2021", "9", "2020", "27", "3"}
