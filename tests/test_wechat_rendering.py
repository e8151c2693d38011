import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wence import replies
from wence.channels.wechat.rendering import MAX_BYTES, pages, render
from wence.replies import MAX_TEXT, Option, Reply, Status

NAMES = {"interpretation": "《方案》政策解读材料", "plan_notice": "公开信息摘录"}
OPTIONS = (Option("试点目标是什么？", "试点目标是什么？"), Option("联系电话", "联系电话多少？"))
CITATION = {"source": "interpretation", "section": "一、背景", "quote": "……"}
REPLY = Reply(Status.ANSWERED, "牵头单位是市民政局。", ("a",), (CITATION,), OPTIONS)


def size(text: str) -> int:
    return len(text.encode())


def test_a_reply_is_its_text_its_source_and_its_numbered_options() -> None:
    assert render(REPLY, NAMES) == [
        "牵头单位是市民政局。\n\n出处：《方案》政策解读材料“一、背景”\n\n还可以问（回复数字）：\n1. 试点目标是什么？\n2. 联系电话"
    ]


def test_a_source_is_named_once_with_each_of_its_sections() -> None:
    other = {**CITATION, "section": "五、时效"}
    notice = {"source": "plan_notice", "section": "公开信息摘录", "quote": "…"}
    reply = Reply(Status.ANSWERED, "是。", ("a",), (CITATION, other, CITATION, notice))
    assert render(reply, NAMES) == ["是。\n\n出处：《方案》政策解读材料“一、背景”“五、时效”；公开信息摘录"]


def test_a_question_back_asks_for_a_number() -> None:
    reply = Reply(Status.CLARIFY, "您想问的是哪一个？", options=OPTIONS)
    assert "回复数字选择：\n1. " in render(reply, NAMES)[0]


def test_a_reply_without_facts_and_options_is_its_text() -> None:
    assert render(Reply(Status.INVALID, "没有看到您的问题。"), NAMES) == ["没有看到您的问题。"]


def test_an_option_can_be_a_link_that_sends_its_title() -> None:
    option = Option('电话<b>&"多少"', "联系电话")
    (page,) = render(Reply(Status.SMALLTALK, "好。", options=(option,)), NAMES, links=True)
    (address, shown) = re.findall(r'1\. <a href="([^"]*)">(.*)</a>$', page)[0]
    assert address == (
        "weixin://bizmsgmenu?msgmenucontent=%E7%94%B5%E8%AF%9D%3Cb%3E%26%22%E5%A4%9A%E5%B0%91%22&amp;msgmenuid=1"
    )
    assert shown == "电话&lt;b&gt;&amp;&quot;多少&quot;"


def test_the_longest_reply_of_the_contract_comes_in_pages() -> None:
    text = "智慧社区的牵头单位是市民政局。" * (MAX_TEXT // 15 + 1)
    reply = Reply(Status.ANSWERED, text[:MAX_TEXT] * 2, ("a",), (CITATION,) * 3, OPTIONS)
    first, second = render(reply, NAMES)
    assert first.endswith(f"。\n\n{replies.WECHAT_MORE}")
    assert second.endswith("2. 联系电话")


def test_a_list_of_options_is_not_torn_apart() -> None:
    options = tuple(Option(f"第{number}个问题是什么？" * 3, "…") for number in range(9))
    reply = Reply(Status.ANSWERED, "这是一句话。" * 90, ("a",), (), options)
    cut = render(reply, NAMES)
    assert len(cut) == 2
    assert cut[1].startswith(replies.WECHAT_NEXT)
    assert cut[1].count("\n") == 9


SENTENCES = st.lists(st.text(st.characters(categories=["L", "N", "Zs"]), max_size=80), max_size=80).map("。".join)


def content_of(cut: list[str]) -> str:
    return re.sub(r"\s", "", "".join(page.removesuffix(f"\n\n{replies.WECHAT_MORE}") for page in cut))


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.integers(200, MAX_BYTES))
def test_pages_fit_and_together_say_everything(blocks: list[str], limit: int) -> None:
    cut = pages(blocks, limit)
    assert all(size(page) <= limit for page in cut)
    assert content_of(cut) == re.sub(r"\s", "", "".join(blocks))


@given(st.text(max_size=3000))
def test_any_text_at_all_is_cut_between_characters(text: str) -> None:
    whole = text.encode("utf-8", "ignore").decode()
    cut = pages([whole])
    assert all(size(page) <= MAX_BYTES for page in cut)
    assert content_of(cut) == re.sub(r"\s", "", whole)


@given(st.integers(10, 200), st.integers(20, 200))
def test_a_page_ends_where_a_sentence_ends(sentences: int, length: int) -> None:
    cut = pages(["".join("字" * length + "。" for _ in range(sentences))])
    assert all(page.removesuffix(f"\n\n{replies.WECHAT_MORE}").endswith("。") for page in cut)


@pytest.mark.parametrize("extra", [0, 1])
def test_exactly_2000_bytes_are_one_page(extra: int) -> None:
    assert len(pages(["a" * (MAX_BYTES + extra)])) == 1 + extra
