"""The review desk as `wence run` starts it."""

from __future__ import annotations

import os
import pathlib
import re
import signal
import time
import urllib.error
import urllib.request

import pytest

from tests import assistant

pytestmark = pytest.mark.live
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/link/\S+")
_PATIENCE_SECONDS = 60.0


def _page(url: str) -> str:
    """The page at an address, as soon as there is one; an AssertionError when there never is."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, url
            time.sleep(0.2)


def test_the_desk_is_set_up_by_the_printed_link_and_comes_back_after_it_was_killed(tmp_path: pathlib.Path) -> None:
    port = assistant.free_port()
    running = assistant.start(tmp_path, WENCE_DESK="on", WENCE_DESK_PORT=str(port))
    try:
        assistant.wait_until_ready(running)
        link = _LINK.search(running.words())
        assert link, running.words()
        assert "设置第一位管理员" in _page(link[0])
        os.kill(running.child("wence.desk"), signal.SIGKILL)
        # It is started again some seconds later; the link in the database is still good.
        assert "设置第一位管理员" in _page(link[0])
    finally:
        running.stop()
