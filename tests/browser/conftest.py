"""Browser, pages and servers for the tests of the widget."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chat import Chat
from tests.browser.stub import Stub
from wence.settings import PROJECT

AXE = PROJECT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")

NewContext = Callable[..., BrowserContext]
Open = Callable[..., Chat]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == PROJECT / "tests" / "browser":
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Where it cannot be had, the tests are left out, but never in CI."""
    chromium = shutil.which("chromium")
    if not chromium or not AXE.exists():
        reason = "没有 Chromium 或 axe-core，先运行 tools/browser.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def stub() -> Iterator[Stub]:
    """The stand-in for the web channel."""
    server = Stub()
    server.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """A browser of its own: storage, size, preferences."""
    contexts: list[BrowserContext] = []

    def new(width: int = 1200, height: int = 800, **options: Any) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **options)
        context.set_default_timeout(10_000)
        context.add_init_script(path=AXE)
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def visit(new_context: NewContext) -> Iterator[Open]:
    """Load a page that has the widget; at the end, no page may have said that something went wrong in it."""
    chats: list[Chat] = []

    def load(url: str, page: Page | None = None, **options: Any) -> Chat:
        chat = Chat(page or new_context(**options).new_page())
        chats.append(chat)
        chat.page.goto(url)
        return chat

    yield load
    assert [error for chat in chats for error in chat.errors] == []
