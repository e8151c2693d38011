from __future__ import annotations

import pytest

from wence.channels.wechat.crypto import Code, Refused
from wence.channels.wechat.refusals import LINES_A_MINUTE, MINUTE, Refusals


def test_a_refusal_is_logged_with_the_platforms_number(caplog: pytest.LogCaptureFixture) -> None:
    Refusals("wechat").note(Refused(Code.RECEIVER, "不是发给这个 AppID 的"))
    assert "-40005 不是发给这个 AppID 的" in caplog.text


def test_a_flood_of_refusals_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    moment = [0.0]
    refusals = Refusals("wechat", lambda: moment[0])
    for _ in range(1_000):
        refusals.note(Refused(Code.SIGNATURE, "signature 不对"))
    assert len(caplog.records) == LINES_A_MINUTE
    moment[0] += MINUTE
    refusals.note(Refused(Code.SIGNATURE, "signature 不对"))
    assert f"还拒绝了 {1_000 - LINES_A_MINUTE} 个请求" in caplog.text
    assert len(caplog.records) == LINES_A_MINUTE + 2
