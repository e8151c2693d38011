"""WCAG 2.2 AA and 适老化: axe in every state, the keyboard, what a screen reader is told, sizes of targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import NewContext, Open
from tests.browser.stub import CITATION, Fault, Stub, answer

VOICES = """Object.defineProperty(window, 'speechSynthesis', {value: {
  getVoices: () => [{lang: 'zh-CN', name: 'stub'}], addEventListener() {}, cancel() { window.cancelled = true },
  speak(utterance) { window.spoken = utterance.text }}});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } };"""


def answered(chat: Chat) -> None:
    chat.open().ask("智慧社区由谁牵头？")


def with_sources(chat: Chat) -> None:
    answered(chat)
    chat.button("出处").click()


def with_menu(chat: Chat) -> None:
    answered(chat)
    chat.button("显示与更多").click()
    chat.button("删除对话").click()


def with_reason(chat: Chat) -> None:
    answered(chat)
    chat.button("没帮助").click()
    expect(chat.button("没帮助")).to_have_attribute("aria-pressed", "true")


def large(chat: Chat) -> None:
    answered(chat)
    chat.set_size("大")


def huge(chat: Chat) -> None:
    with_sources(chat)
    chat.set_size("特大")


def in_contrast(chat: Chat) -> None:
    with_sources(chat)
    chat.set_contrast()


def failed(chat: Chat) -> None:
    chat.open().write("出错的问题")
    expect(chat.trouble).to_be_visible()


def too_long(chat: Chat) -> None:
    chat.open().input.fill("字" * 301)


def offline(chat: Chat) -> None:
    chat.open().page.context.set_offline(True)
    expect(chat.panel.locator(".banner")).to_be_visible()


STATES: dict[str, Callable[[Chat], object]] = {
    "closed": lambda chat: expect(chat.launcher).to_be_visible(),
    "open": lambda chat: chat.open(),
    "answer": answered,
    "sources": with_sources,
    "menu": with_menu,
    "reason": with_reason,
    "large": large,
    "huge": huge,
    "contrast": in_contrast,
    "error": failed,
    "too long": too_long,
    "offline": offline,
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"width": 320, "height": 640, "has_touch": True},
    "forced colours": {"forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(state: str, look: str, stub: Stub, visit: Open) -> None:
    if state == "error":
        stub.faults.append(Fault(500))
    stub.answer = answer(
        "智慧社区的牵头单位是市民政局，可拨打0398-2260117咨询。",
        citations=[CITATION, CITATION],
        buttons=[{"title": f"问题{number}", "payload": f"问题{number}"} for number in range(7)],
    )
    chat = visit(stub.url, **LOOKS[look])
    STATES[state](chat)
    assert chat.violations() == []


def test_the_whole_way_by_keyboard(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url)
    expect(chat.launcher).to_be_visible()
    press = chat.page.keyboard.press
    for _ in range(10):
        press("Tab")
        if chat.focused() == "launcher":
            break
    press("Enter")
    expect(chat.input).to_be_focused()
    chat.page.keyboard.type("智慧社区由谁牵头？")
    press("Enter")
    expect(chat.answer).to_be_visible()
    expect(chat.input).to_be_focused()
    for name in ("没帮助", "有帮助", "复制", "出处"):
        press("Shift+Tab")
        expect(chat.button(name)).to_be_focused()
    press("Enter")
    expect(chat.answer.get_by_role("blockquote")).to_be_visible()
    press("Escape")
    expect(chat.panel).to_have_count(0)
    expect(chat.launcher).to_be_focused()


def test_escape_closes_the_menu_first(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.button("显示与更多").click()
    chat.page.keyboard.press("Escape")
    expect(chat.panel.locator(".display")).to_have_count(0)
    expect(chat.button("显示与更多")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.launcher).to_be_focused()


def test_beside_the_page_the_focus_may_leave_the_panel(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    assert chat.panel.get_attribute("aria-modal") is None
    chat.input.fill("字")
    for _ in range(3):
        chat.page.keyboard.press("Tab")
    assert chat.focused() == ""


def test_full_screen_the_focus_stays_in_the_panel(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url, width=360, height=700).open()
    assert chat.panel.get_attribute("aria-modal") == "true"
    seen = []
    for _ in range(30):
        chat.page.keyboard.press("Tab")
        seen.append(chat.focused())
    assert "" not in seen
    assert seen.count("send") >= 2


def test_an_answer_is_said_once_in_plain_words(stub: Stub, visit: Open) -> None:
    stub.answer["buttons"] = [{"title": "那智慧交通呢？", "payload": "那智慧交通呢？"}]
    chat = visit(stub.url).open()
    chat.listen()
    chat.ask("智慧社区由谁牵头？")
    chat.page.wait_for_timeout(500)
    said = "问策回答：智慧社区的牵头单位是市民政局。附原文出处1处。下面有1个可以点选的问题。"
    assert chat.heard() == [said]


def test_the_same_answer_again_is_said_again(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.listen()
    chat.ask("一")
    chat.ask("二")
    assert len(chat.heard()) == 2


def test_reading_aloud_is_offered_where_there_is_a_chinese_voice(
    stub: Stub, new_context: NewContext, visit: Open
) -> None:
    context = new_context()
    context.add_init_script(VOICES)
    chat = visit(stub.url, context.new_page())
    answered(chat)
    chat.button("朗读").click()
    assert chat.page.evaluate("window.spoken") == "智慧社区的牵头单位是市民政局。"
    chat.button("停止").click()
    assert chat.page.evaluate("window.cancelled")


def test_reading_aloud_is_not_offered_without_one(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url)
    answered(chat)
    expect(chat.button("朗读")).to_have_count(0)


@pytest.mark.parametrize(("size", "smallest", "letters"), [("标准", 44, 17), ("大", 44, 20), ("特大", 60, 24)])
def test_targets_and_letters_are_large_enough(size: str, smallest: int, letters: int, stub: Stub, visit: Open) -> None:
    chat = visit(stub.url)
    with_sources(chat)
    chat.set_size(size)
    chat.button("显示与更多").click()
    for target in chat.panel.locator("button, textarea, .call, label").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= smallest, target.inner_text()
        assert box["width"] >= smallest, target.inner_text()
    style = "(e) => [parseFloat(getComputedStyle(e).fontSize), parseFloat(getComputedStyle(e).lineHeight)]"
    font, line = chat.panel.locator(".text").first.evaluate(style)
    assert font == letters
    assert line / font >= 1.5


def test_size_and_contrast_are_remembered(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url).open()
    chat.set_size("特大")
    chat.set_contrast()
    chat.page.reload()
    root = chat.page.locator("wence-chat .wence")
    expect(root).to_have_class("wence huge contrast")


@pytest.mark.parametrize("size", ["标准", "大", "特大"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 256), (1280, 800), (800, 360)])
def test_nothing_scrolls_sideways(width: int, height: int, size: str, stub: Stub, visit: Open) -> None:
    chat = visit(stub.url, width=width, height=height)
    with_sources(chat)
    chat.set_size(size)
    chat.button("显示与更多").click()
    assert chat.overflow() == 0
    box = chat.panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_reduced_motion_stands_still(stub: Stub, visit: Open) -> None:
    stub.faults.append(Fault(seconds=0.5))
    chat = visit(stub.url, reduced_motion="reduce").open()
    chat.write("问")
    dot = chat.panel.locator(".dots i").first
    assert dot.evaluate("(e) => getComputedStyle(e).animationName") == "none"


def test_a_finger_gets_the_notices_before_the_keyboard(stub: Stub, visit: Open) -> None:
    chat = visit(stub.url, width=360, height=700, has_touch=True, is_mobile=True).open()
    assert chat.focused() == "H2"
