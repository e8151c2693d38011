"""The desk's page of missed questions."""

from __future__ import annotations

import pathlib

import pytest

from tests.desk import Browser, Clock, desk_at, signed_in
from wence.misses.entries import Miss
from wence.misses.store import MissStore
from wence.misses.why import Why
from wence.replies import Status


@pytest.fixture
def browser(tmp_path: pathlib.Path) -> Browser:
    desk = desk_at(tmp_path, Clock())
    store = MissStore(desk.settings)
    store.add(
        [
            Miss("a", Why.OUT_OF_SCOPE, 1.0, 1.0, "web", "s", "社保卡在哪办<b>", Status.OUT_OF_SCOPE, "这个不在范围内"),
            Miss("b", Why.NOT_IN_SOURCE, 2.0, 2.0, "wechat", "s", "总投资100%是多少", Status.NOT_IN_SOURCE, "没有写"),
        ]
    )
    store.close()
    return signed_in(desk, "李红")


def test_missed_questions_stand_newest_first_with_channel_reason_and_reply(browser: Browser) -> None:
    page = browser.get("/").text
    assert page.index("总投资") < page.index("社保卡")
    for shown in ("公众号", "没有写", "网页", "当作无关", "这个不在范围内"):
        assert shown in page


def test_a_citizens_words_are_shown_as_text(browser: Browser) -> None:
    assert "社保卡在哪办&lt;b&gt;" in browser.get("/").text


def test_questions_are_found_by_reason_and_by_words(browser: Browser) -> None:
    by_reason, by_words = browser.get("/?why=out_of_scope").text, browser.get("/?words=100%25").text
    assert "社保卡" in by_reason
    assert "总投资" not in by_reason
    assert "总投资" in by_words
    assert "社保卡" not in by_words
    assert "没有符合条件的答漏的问题" in browser.get("/?words=%25_").text
