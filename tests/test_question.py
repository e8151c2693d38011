from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence import question as q
from wence.knowledge import Knowledge
from wence.question import Date
from wence.text import normalise


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("智慧社区归谁管", "who"),
        ("哪个单位牵头", "who"),
        ("哪家在抓", "who"),
        ("初稿发给谁看过", "whom"),
        ("向哪些部门征求了意见", "whom"),
        ("啥时候印发的", "when"),
        ("哪年哪月定的稿", "when"),
        ("为啥没采纳", "why"),
        ("怎么没写智慧消防", "why"),
        ("一共几条意见", "count"),
        ("有多少个单位", "count"),
        ("有哪些任务", "list"),
        ("分别是谁", "list"),
        ("针对第几页", "where"),
        ("怎么调研的", "how"),
        ("教育局在不在里面", "yesno"),
        ("有没有智慧消防", "yesno"),
        ("是民政局牵头对吧", "yesno"),
        ("采纳了没有？", "yesno"),
        ("是五条还是四条", "choice"),
        ("11月比9月多几个", "compare"),
        ("给多少钱", "money"),
    ],
)
def test_a_form_is_heard(text: str, form: str) -> None:
    assert form in q.forms(normalise(text))


@pytest.mark.parametrize(
    ("text", "form"), [("投资多少钱", "count"), ("智慧社区归谁管", "yesno"), ("有哪些任务", "yesno"), ("文号", "who")]
)
def test_a_form_that_is_not_there_is_not_heard(text: str, form: str) -> None:
    assert form not in q.forms(normalise(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("第二条意见是什么", 2),
        ("第16个任务", 16),
        ("头一条呢", 1),
        ("第一个要求", 1),
        ("最后一条", -1),
        ("末尾那个单位", -1),
        ("倒数第二个", -2),
        ("后一份文件", -1),
        ("前者", 1),
        ("智慧社区", 0),
        ("第一轮", 0),
    ],
)
def test_the_place_in_a_list_is_heard(text: str, place: int) -> None:
    assert q.ordinal(normalise(text)) == place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("是16项任务吗", [(16, "项")]),
        ("二十九个单位提了九条意见", [(29, "个"), (9, "条")]),
        ("第2条", []),
        ("2021年9月", []),
        ("六大系统", [(6, "大系统")]),
    ],
)
def test_counts_are_heard_with_their_measure_words(text: str, found: list[tuple[int, str]]) -> None:
    assert q.numbers(normalise(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2021年9月发生了什么", [Date(2021, 9)]),
        ("二〇二一年九月", [Date(2021, 9)]),
        ("2021.9月", [Date(2021, 9)]),
        ("9月份呢", [Date(0, 9)]),
        ("2021年12月8日", [Date(2021, 12, 8)]),
        ("12月27号", [Date(0, 12, 27)]),
        ("2021年5-6月", [Date(2021, 5), Date(2021, 6)]),
        ("五到六月", [Date(0, 5), Date(0, 6)]),
        ("2021年9月和11月", [Date(2021, 9), Date(2021, 11)]),
        ("2020年12月到2021年4月", [Date(2020, 12), Date(2021, 4)]),
        ("2023年底", [Date(2023)]),
        ("12个月", []),
        ("13月", []),
        ("16项任务", []),
    ],
)
def test_dates_are_heard(text: str, found: list[Date]) -> None:
    assert q.dates(normalise(text)) == found


@pytest.mark.parametrize(
    ("date", "stages"),
    [
        (Date(2021, 9), ["stage.september"]),
        (Date(0, 9), ["stage.september"]),
        (Date(2021, 6), ["stage.first_draft"]),
        (Date(2021, 1), ["stage.survey"]),
        (Date(2020, 12), ["stage.survey"]),
        (Date(2020, 11), ["stage.notice"]),
        (Date(0, 11), ["stage.november"]),
        (Date(2021, 12, 8), ["stage.issue"]),
        (Date(0, 12, 27), ["stage.interpretation"]),
        (Date(2023), ["stage.assessment"]),
        (Date(2023, 12), ["stage.assessment"]),
        (Date(2022), []),
        (Date(2021, 12, 9), []),
        (Date(2019, 9), []),
    ],
)
def test_the_stages_of_a_date_are_found(knowledge: Knowledge, date: Date, stages: list[str]) -> None:
    assert [stage.id for stage in q.stages_at(knowledge, date)] == stages


def test_every_month_of_the_drafting_has_a_stage(knowledge: Knowledge) -> None:
    months = [(2020, 12), *((2021, month) for month in range(1, 13))]
    assert [month for month in months if not q.stages_at(knowledge, Date(*month))] == []


@pytest.mark.parametrize("text", ["那牵头单位呢", "它的文号", "其中有谁", "这两份", "智慧交通呢"])
def test_a_question_that_leans_on_the_last_is_heard(text: str) -> None:
    assert q.is_elliptic(normalise(text))


@pytest.mark.parametrize("text", ["智慧社区的牵头单位是谁", "工作方案什么时候印发"])
def test_a_whole_question_leans_on_nothing(text: str) -> None:
    assert not q.is_elliptic(normalise(text))


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    normal = normalise(text)
    q.forms(normal), q.ordinal(normal), q.numbers(normal), q.is_elliptic(normal)
    assert all(0 <= date.month <= 12 for date in q.dates(normal))


@given(st.text(alphabet="0123456789年月日号第倒数头最后-至到.、和个条项", max_size=20))
def test_no_row_of_figures_makes_it_fail(knowledge: Knowledge, text: str) -> None:
    for date in q.dates(text):
        q.stages_at(knowledge, date)
    q.ordinal(text), q.numbers(text)


@given(st.integers(2019, 2029), st.integers(1, 12), st.integers(1, 31))
def test_every_date_is_read_back(year: int, month: int, day: int) -> None:
    assert q.dates(f"{year}年{month}月{day}日") == [Date(year, month, day)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("第三、第四条未采纳意见", (3, 4)),
        ("第一和第二条", (1, 2)),
        ("前两条是谁提的", (1, 2)),
        ("后两条呢", (-2, -1)),
        ("第二条呢", (2,)),
        ("16项任务", ()),
    ],
)
def test_several_ordinals_pick_several_places(text: str, places: tuple[int, ...]) -> None:
    assert q.ordinals(normalise(text)) == places


@pytest.mark.parametrize(
    ("text", "date"),
    [("20年7月发了什么", Date(2020, 7)), ("21年9月", Date(2021, 9)), ("2021年11月", Date(2021, 11))],
)
def test_a_year_may_be_said_in_two_figures(text: str, date: Date) -> None:
    assert q.dates(normalise(text)) == [date]


@pytest.mark.parametrize(
    ("text", "name"),
    [("那元宇宙平台呢", "元宇宙平台"), ("市教育局在不在名单里", "市教育局"), ("有哪些任务", ""), ("那第二条呢", "")],
)
def test_a_name_that_nothing_bears_is_heard(text: str, name: str) -> None:
    assert q.asked_name(normalise(text)) == name
