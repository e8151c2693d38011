"""The widget on a page, in the words of somebody who uses it."""

from __future__ import annotations

from typing import Any, cast

from playwright.sync_api import Locator, Page, expect

#: What the live region said: every change of it, in order.
LISTEN = """() => {
  window.heard = [];
  const region = document.querySelector('wence-chat').shadowRoot.querySelector('[role=status]');
  new MutationObserver(() => region.textContent && window.heard.push(region.textContent))
    .observe(region, {childList: true, subtree: true, characterData: true});
}"""
#: A request that failed is the page's business only where a test has not made it fail.
EXPECTED = ("Failed to load resource", "favicon")


class Chat:
    """One page with the widget."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self._complains = False
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self._note(message.text))

    def ignore_errors(self) -> None:
        """From here on the page may complain on its console."""
        self._complains = True

    def _note(self, text: str) -> None:
        if not self._complains and not any(word in text for word in EXPECTED):
            self.errors.append(text)

    @property
    def launcher(self) -> Locator:
        return self.page.locator("wence-chat .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def input(self) -> Locator:
        return self.panel.get_by_role("textbox", name="写下您的问题")

    @property
    def answers(self) -> Locator:
        return self.panel.locator(".answer")

    @property
    def answer(self) -> Locator:
        """The newest answer."""
        return self.answers.last

    @property
    def trouble(self) -> Locator:
        return self.panel.locator(".trouble")

    def button(self, name: str, exact: bool = False) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=exact)

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.panel.locator(".welcome")).to_be_visible()
        return self

    def write(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def ask(self, text: str) -> Locator:
        """Ask and wait for the answer."""
        before = self.answers.count()
        self.write(text)
        expect(self.answers).to_have_count(before + 1)
        return self.answer

    def set_size(self, name: str) -> None:
        self.button("显示与更多").click()
        self.panel.get_by_role("radio", name=name, exact=True).check()
        self.button("显示与更多").click()

    def set_contrast(self) -> None:
        self.button("显示与更多").click()
        self.panel.get_by_role("checkbox", name="高对比度").check()
        self.button("显示与更多").click()

    def listen(self) -> None:
        self.page.evaluate(LISTEN)

    def heard(self) -> list[str]:
        return cast("list[str]", self.page.evaluate("window.heard"))

    def focused(self) -> str:
        """The class or tag of what has the focus inside the widget."""
        script = """() => { const root = document.querySelector('wence-chat').shadowRoot;
            const active = root.activeElement; return active ? active.className || active.tagName : '' }"""
        return str(self.page.evaluate(script))

    def violations(self) -> list[str]:
        """What axe finds on the whole page. Axe itself sets styles in markup, which a strict policy reports."""
        self.ignore_errors()
        found: list[dict[str, Any]] = self.page.evaluate("axe.run(document).then((result) => result.violations)")
        return [
            f"{item['id']}: {node['target']} {node.get('failureSummary')}" for item in found for node in item["nodes"]
        ]

    def overflow(self) -> int:
        """How many pixels must be scrolled sideways inside the widget."""
        script = """() => { const root = document.querySelector('wence-chat').shadowRoot;
            return Math.max(...[...root.querySelectorAll('.panel, .log, .display')]
                .map((box) => box.scrollWidth - box.clientWidth)) }"""
        return int(self.page.evaluate(script))
