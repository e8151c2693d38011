"""Writes docs/screenshots/: the main states of the widget, from an assistant as it is served.

python -m tests.browser.screenshots      make screenshots
"""

from __future__ import annotations

import pathlib
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from tests import assistant
from tests.browser.chat import Chat
from tests.browser.conftest import ARGUMENTS
from wence.settings import PROJECT

FOLDER = PROJECT / "docs" / "screenshots"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1180, "height": 780}}
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 720}, "has_touch": True, "is_mobile": True}
QUESTION = "智慧社区由哪个单位牵头？"


def _answer(chat: Chat) -> None:
    chat.open().ask(QUESTION)


def _sources(chat: Chat) -> None:
    _answer(chat)
    chat.answer.get_by_role("button", name="出处").click()


def _not_stated(chat: Chat) -> None:
    _answer(chat)
    chat.ask("那智慧交通呢？")


def _largest(chat: Chat) -> None:
    chat.open().set_size("特大")
    chat.ask(QUESTION)


def _contrast(chat: Chat) -> None:
    _answer(chat)
    chat.set_contrast()


def _display(chat: Chat) -> None:
    _answer(chat)
    chat.button("显示与更多").click()


def _offline(chat: Chat) -> None:
    chat.open().page.context.set_offline(True)
    chat.write(QUESTION)
    expect(chat.trouble).to_be_visible()


STATES: dict[str, tuple[dict[str, Any], Callable[[Chat], object]]] = {
    "closed": (DESKTOP, lambda chat: expect(chat.launcher).to_be_visible()),
    "open": (DESKTOP, lambda chat: chat.open()),
    "answer": (DESKTOP, _answer),
    "sources": (DESKTOP, _sources),
    "not-stated": (DESKTOP, _not_stated),
    "dark": ({**DESKTOP, "color_scheme": "dark"}, _sources),
    "phone-open": (PHONE, lambda chat: chat.open()),
    "phone-sources": (PHONE, _sources),
    "phone-display": (PHONE, _display),
    "phone-largest": (PHONE, _largest),
    "phone-contrast": (PHONE, _contrast),
    "phone-offline": (PHONE, _offline),
}


def write(browser: Browser, url: str, folder: pathlib.Path) -> None:
    """One picture for every state, each from a browser that knows nothing yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (options, reach) in STATES.items():
        context = browser.new_context(locale="zh-CN", reduced_motion="reduce", **options)
        chat = Chat(context.new_page())
        chat.page.goto(url)
        reach(chat)
        chat.page.screenshot(path=folder / f"{name}.png")
        context.close()


def main() -> None:
    """Serve an assistant, and write the pictures."""
    with tempfile.TemporaryDirectory() as state, sync_playwright() as playwright:
        served = assistant.wait_until_ready(assistant.start(pathlib.Path(state)))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        try:
            write(browser, served.url, FOLDER)
        finally:
            browser.close()
            served.stop()


if __name__ == "__main__":
    main()
