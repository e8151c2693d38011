"""Host pages of every kind: hostile, strict, of another origin; and texts that try to be markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewContext, Open
from tests.browser.stub import DIST, STRICT, Page, Stub, answer

HOSTILE = """
* { all: unset !important; display: block !important; color: red !important; font: italic 5px serif !important;
    margin: 99px !important; position: static !important; }
body * { animation: spin 1s infinite !important; }
wence-chat { display: none !important; opacity: 0 !important; transform: scale(.1) !important; }
button, textarea, p { visibility: hidden !important; pointer-events: none !important; }
html { direction: rtl; }
body { filter: grayscale(1); transform: scale(.5); text-transform: uppercase; letter-spacing: 1em; line-height: 3px; }
:root { --ink: red; --surface: red; --tap: 1px; --accent-light: red; font-size: 100px; }
@keyframes spin { to { transform: rotate(1turn); } }
"""
EVIL = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><a href="javascript:window.hacked=1">点</a>'
)

PageOf = Callable[..., str]


@pytest.fixture
def page_of() -> Iterator[PageOf]:
    """Serve one page and its files from an origin of their own; the page's address."""
    servers: list[Page] = []

    def serve(script: str, head: str = "", headers: dict[str, str] | None = None, **files: str) -> str:
        html = f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>页</title>{head}</head>'
        html += f"<body><main><h1>某单位的网页</h1><p>正文</p></main>{script}</body></html>"
        named = {f"/{name.replace('_', '.')}": text for name, text in files.items()}
        server = Page({"/": html, **named}, headers)
        server.start()
        servers.append(server)
        return server.url

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def script_of(stub: Stub, attributes: str = "") -> str:
    return f'<script src="{stub.url}/wence.js" async {attributes}></script>'


def test_a_page_of_an_allowed_origin(stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(script_of(stub))
    stub.origins.add(url)
    chat = visit(url).open()
    chat.ask("智慧社区由谁牵头？")
    chat.button("有帮助").click()
    expect(chat.answer).to_contain_text("谢谢")


def test_a_page_of_another_origin_gets_no_answer_and_is_told(stub: Stub, page_of: PageOf, visit: Open) -> None:
    chat = visit(page_of(script_of(stub)))
    chat.ignore_errors()
    chat.launcher.click()
    expect(chat.trouble).to_contain_text("连不上问策服务")
    chat.write("智慧社区由谁牵头？")
    expect(chat.input).to_have_value("智慧社区由谁牵头？")
    assert stub.asked == []


def test_a_strict_policy_needs_three_directives_more(stub: Stub, page_of: PageOf, visit: Open) -> None:
    policy = (
        f"default-src 'self'; script-src 'self' {stub.url}; style-src 'self' {stub.url}; "
        f"connect-src 'self' {stub.url}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    url = page_of(script_of(stub), headers={"Content-Security-Policy": policy})
    stub.origins.add(url)
    chat = visit(url).open()
    chat.ask("智慧社区由谁牵头？")
    chat.button("出处").click()
    chat.set_size("特大")


def test_its_own_page_runs_under_the_strictest_policy(stub: Stub, visit: Open) -> None:
    assert stub.headers == {"Content-Security-Policy": STRICT}
    chat = visit(stub.url).open()
    chat.ask("智慧社区由谁牵头？")
    chat.set_contrast()
    chat.button("复制").click()
    expect(chat.button("已复制")).to_be_visible()


def test_a_hostile_style_sheet_changes_nothing(stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(script_of(stub), head='<link rel="stylesheet" href="/evil.css">', evil_css=HOSTILE)
    calm = page_of(script_of(stub))
    stub.origins |= {url, calm}
    look = """() => { const root = document.querySelector('wence-chat').shadowRoot;
        return [...root.querySelectorAll('.panel, .head, h2, .text, textarea, .send, .option, .question')].map((e) => {
          const style = getComputedStyle(e), box = e.getBoundingClientRect();
          return [e.className, style.color, style.backgroundColor, style.font, style.letterSpacing, style.direction,
            style.textTransform, style.visibility, style.pointerEvents, box.x, box.y, box.width, box.height] }) }"""
    looks = []
    for address in (url, calm):
        chat = visit(address).open()
        chat.ask("智慧社区由谁牵头？")
        chat.page.wait_for_timeout(100)
        looks.append(chat.page.evaluate(look))
    assert looks[0] == looks[1]


def test_the_page_does_not_see_the_keys(stub: Stub, page_of: PageOf, visit: Open) -> None:
    shortcuts = "window.keys = []; document.addEventListener('keydown', (event) => window.keys.push(event.key));"
    url = page_of(f'<script src="/keys.js"></script>{script_of(stub)}', keys_js=shortcuts)
    stub.origins.add(url)
    chat = visit(url).open()
    chat.input.press_sequentially("s/")
    assert chat.page.evaluate("window.keys") == []


@pytest.mark.parametrize("text", [EVIL, "{{7*7}}${7*7}", "</li></ol></div>", "\u202e反转"])
def test_markup_stays_text(text: str, stub: Stub, visit: Open) -> None:
    stub.answer = answer(
        text,
        citations=[{"source": text, "section": text, "quote": text}],
        buttons=[{"title": text, "payload": text}],
    )
    chat = visit(stub.url).open()
    chat.ask(text)
    chat.button("出处").click()
    expect(chat.answer.get_by_role("blockquote")).to_contain_text(text)
    assert chat.panel.locator("img, script, a[href^='javascript']").count() == 0
    assert chat.page.evaluate("window.hacked") is None


def test_attributes_set_it_up(stub: Stub, page_of: PageOf, visit: Open) -> None:
    attributes = (
        'data-title="问一问" data-greeting="欢迎来问" data-color="#b02a22" data-position="left" data-text-size="large"'
    )
    url = page_of(script_of(stub, attributes))
    stub.origins.add(url)
    chat = visit(url)
    expect(chat.launcher).to_have_text("问一问")
    expect(chat.launcher).to_have_css("background-color", "rgb(176, 42, 34)")
    expect(chat.launcher).to_have_css("left", "24px")
    expect(chat.launcher).to_have_css("font-size", "21.2px")
    chat.open()
    expect(chat.panel.locator(".welcome")).to_contain_text("欢迎来问")
    expect(chat.panel.get_by_role("heading")).to_have_text("问一问")


@pytest.mark.parametrize("color", ["#ffee88", "#fff", "#777", "red; background: url(x)"])
def test_whatever_the_colour_it_can_be_read(color: str, stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(script_of(stub, f'data-color="{color}"'))
    stub.origins.add(url)
    for scheme in ("light", "dark"):
        chat = visit(url, color_scheme=scheme).open()
        chat.ask("智慧社区由谁牵头？")
        assert chat.violations() == []


def test_the_endpoint_may_be_another_than_the_script(stub: Stub, page_of: PageOf, visit: Open) -> None:
    bundle = (DIST / "wence.js").read_text(encoding="utf-8")
    url = page_of(f'<script src="/wence.js" data-endpoint="{stub.url}/" async></script>', wence_js=bundle)
    stub.origins.add(url)
    visit(url).open().ask("智慧社区由谁牵头？")


def test_twice_the_script_is_one_widget(stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(script_of(stub) * 2)
    stub.origins.add(url)
    chat = visit(url).open()
    expect(chat.page.locator("wence-chat")).to_have_count(1)


def test_an_element_placed_by_hand_is_the_only_one(stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(f'<wence-chat data-title="手放的"></wence-chat>{script_of(stub)}')
    stub.origins.add(url)
    chat = visit(url)
    expect(chat.launcher).to_have_text("手放的")
    expect(chat.page.locator("wence-chat")).to_have_count(1)


def test_it_can_be_taken_away_and_put_back(stub: Stub, page_of: PageOf, visit: Open) -> None:
    url = page_of(script_of(stub))
    stub.origins.add(url)
    chat = visit(url).open()
    chat.page.evaluate("window.kept = document.querySelector('wence-chat'); kept.remove()")
    expect(chat.panel).to_have_count(0)
    chat.page.evaluate("document.body.append(window.kept)")
    chat.open().ask("智慧社区由谁牵头？")
    expect(chat.page.get_by_role("dialog")).to_have_count(1)


def test_old_browsers_without_the_newer_things(stub: Stub, new_context: NewContext, visit: Open) -> None:
    """What Safari 12 and Chromium 86 lack is taken away; the syntax is the bundle's test."""
    context = new_context()
    context.add_init_script(
        """for (const name of ['AbortController', 'BroadcastChannel', 'ResizeObserver', 'visualViewport',
             'speechSynthesis', 'structuredClone', 'trustedTypes'])
             Object.defineProperty(window, name, {value: undefined});
           delete Array.prototype.at; delete String.prototype.replaceAll; delete Object.fromEntries;
           delete Array.prototype.flat; delete Array.prototype.flatMap; delete String.prototype.matchAll;
           delete MediaQueryList.prototype.addEventListener; delete Promise.allSettled; delete Promise.prototype.finally;
           delete Element.prototype.replaceChildren; delete crypto.randomUUID; delete Document.prototype.adoptedStyleSheets;
           delete ShadowRoot.prototype.adoptedStyleSheets; delete window.globalThis;
           Object.defineProperty(navigator, 'clipboard', {value: undefined});"""
    )
    chat = visit(stub.url, context.new_page()).open()
    chat.ask("智慧社区由谁牵头？")
    chat.button("出处").click()
    chat.button("复制").click()
    expect(chat.button("已复制")).to_be_visible()
    chat.button("没帮助").click()
    chat.set_size("特大")


def test_the_copied_answer_has_its_proof(stub: Stub, new_context: NewContext, visit: Open) -> None:
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    chat = visit(stub.url, context.new_page()).open()
    chat.ask("智慧社区由谁牵头？")
    chat.button("复制").click()
    expect(chat.button("已复制")).to_be_visible()
    copied: Any = chat.page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        "智慧社区由谁牵头？\n智慧社区的牵头单位是市民政局。\n"
        "原文：智慧社区建设总体上应由民政部门牵头。（《工作方案》政策解读材料，三、意见征集和采纳情况）"
    )
