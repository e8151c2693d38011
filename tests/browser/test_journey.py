"""A citizen's whole way through the widget, with the assistant as it is served."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.assistant import Assistant
from tests.browser.conftest import NewContext, Open

QUESTION = "智慧社区由哪个单位牵头？"


def test_the_whole_way_by_mouse(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    welcome = chat.panel.locator(".welcome")
    for text in (
        "三门峡市创建省级新型智慧城市示范市工作方案",
        "三政办〔2021〕25号",
        "自动",
        "以官方文件为准",
        "隐私说明",
    ):
        expect(welcome).to_contain_text(text)
    welcome.get_by_role("group", name="您可以这样问").get_by_role("button").first.click()
    expect(chat.answer).to_be_visible()

    chat.input.fill(QUESTION)
    chat.button("发送").click()
    expect(chat.answers).to_have_count(2)
    expect(chat.answer).to_contain_text("市民政局")
    chat.answer.get_by_role("button", name="出处").click()
    expect(chat.answer.get_by_role("definition").first).to_contain_text("政策解读材料")
    expect(chat.answer.get_by_role("blockquote").first).to_contain_text("民政")

    chat.answer.get_by_role("button", name="没帮助").click()
    chat.panel.get_by_role("textbox", name="哪里不合适").fill("想知道电话")
    chat.button("提交").click()
    expect(chat.answer).to_contain_text("谢谢")

    call = chat.ask("智慧交通由哪个单位牵头？").locator(".call")
    expect(call).to_have_attribute("href", "tel:0398-2260117")

    chat.page.reload()
    chat.open()
    expect(chat.answers).to_have_count(3)
    expect(chat.button("没帮助").nth(1)).to_have_attribute("aria-pressed", "true")


def test_every_option_of_an_answer_leads_on(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.ask("什么时候？").locator(".option").first.click()
    expect(chat.answers).to_have_count(2)
    expect(chat.answer.locator(".source-line")).to_be_visible()


def test_the_conversation_goes_on_after_a_reload(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.ask(QUESTION)
    chat.page.reload()
    chat.open()
    expect(chat.answers).to_have_count(1)
    expect(chat.ask("那甘棠政务呢？")).to_contain_text("政务服务和大数据管理局")


def test_it_never_opens_by_itself(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_have_count(0)


def test_two_tabs_show_one_conversation_within_two_seconds(
    live: Assistant, new_context: NewContext, visit: Open
) -> None:
    context = new_context()
    one = visit(live.url, context.new_page()).open()
    other = visit(live.url, context.new_page()).open()
    one.ask(QUESTION)
    asked = time.monotonic()
    expect(other.answer).to_contain_text("市民政局")
    assert time.monotonic() - asked < 2
    other.ask("那甘棠政务呢？")
    expect(one.answers).to_have_count(2, timeout=2000)
    one.button("有帮助").last.click()
    expect(other.button("有帮助").last).to_have_attribute("aria-pressed", "true", timeout=2000)


def test_deleting_deletes_it_everywhere(live: Assistant, new_context: NewContext, visit: Open) -> None:
    context = new_context()
    one = visit(live.url, context.new_page()).open()
    other = visit(live.url, context.new_page()).open()
    one.ask(QUESTION)
    expect(other.answers).to_have_count(1)
    one.button("显示与更多").click()
    one.button("删除对话").click()
    expect(one.button("不删")).to_be_focused()
    one.button("确认删除").click()
    expect(one.answers).to_have_count(0)
    expect(other.answers).to_have_count(0, timeout=2000)
    one.page.reload()
    one.open()
    one.page.wait_for_timeout(300)
    expect(one.answers).to_have_count(0)


def test_one_browser_does_not_see_the_conversation_of_another(live: Assistant, visit: Open) -> None:
    visit(live.url).open().ask(QUESTION)
    chat = visit(live.url).open()
    chat.page.wait_for_timeout(300)
    expect(chat.answers).to_have_count(0)


def test_a_telephone_number_is_masked_in_what_is_shown(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.ask("我的电话是13812345678，智慧社区谁牵头？")
    expect(chat.panel.locator(".question")).to_contain_text("[手机号]")
    chat.page.reload()
    chat.open()
    expect(chat.panel.locator(".question")).not_to_contain_text("13812345678")


@pytest.mark.parametrize("text", ["/restart", "！！！", "<img src=x onerror=window.hacked=1>智慧社区"])
def test_what_is_no_question_does_nothing_but_get_an_answer(text: str, live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.ask(text)
    assert chat.panel.locator("img").count() == 0
    assert chat.page.evaluate("window.hacked") is None


def test_offline_and_back(live: Assistant, visit: Open) -> None:
    chat = visit(live.url).open()
    chat.page.context.set_offline(True)
    chat.write(QUESTION)
    expect(chat.trouble).to_contain_text("联网后自动发出")
    chat.page.context.set_offline(False)
    expect(chat.answer).to_contain_text("市民政局")


def test_on_a_small_phone_in_the_largest_letters(live: Assistant, visit: Open) -> None:
    chat = visit(live.url, width=320, height=568, has_touch=True, is_mobile=True).open()
    chat.set_size("特大")
    chat.ask(QUESTION)
    assert chat.overflow() == 0
    assert chat.violations() == []
