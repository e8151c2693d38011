import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence.channels.wechat.choices import chosen
from wence.replies import Option

OPTIONS = tuple(Option(f"选项{sign}", f"问题{sign}？") for sign in "甲乙丙")


@pytest.mark.parametrize(
    "text",
    ["2", "２", "二", "②", "⑵", "⒉", "㈡", "2.", "2。", "2、", " 2 ", "2️⃣", "第二个", "第2个", "(2)", "（2）", "2个", "第二", "选项乙", "选项 乙", "问题乙？"],
)  # fmt: skip
def test_a_number_or_the_words_choose(text: str) -> None:
    assert chosen(text, OPTIONS) == OPTIONS[1]


@pytest.mark.parametrize("text", ["", "0", "4", "12", "22", "十", "两", "2021", "选项", "一共几个", "1和2", "?"])
def test_anything_else_is_a_question_of_its_own(text: str) -> None:
    assert chosen(text, OPTIONS) is None


def test_nothing_is_chosen_where_nothing_is_offered() -> None:
    assert chosen("1", ()) is None


@given(st.integers(1, 9), st.sampled_from(["123456789", "１２３４５６７８９", "一二三四五六七八九", "①②③④⑤⑥⑦⑧⑨"]))
def test_every_way_of_writing_a_number_means_its_option(number: int, signs: str) -> None:
    options = tuple(Option(f"选项{letter}", letter) for letter in "甲乙丙丁戊己庚辛壬")
    assert chosen(signs[number - 1], options) == options[number - 1]


@given(st.text(max_size=20))
def test_a_choice_is_always_one_of_the_options(text: str) -> None:
    assert chosen(text, OPTIONS) in (*OPTIONS, None)
