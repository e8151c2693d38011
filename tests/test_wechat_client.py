from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.wechat_platform import AES_KEY, AGENTID, APPID, CORPID, SECRET, TOKEN, Api, served_api
from wence.channels.wechat import platform as platform_module
from wence.channels.wechat.platform import NO_ANSWER, Platform, PlatformError, platform_of
from wence.channels.wechat.settings import Account, Mode

SEND = "/cgi-bin/message/custom/send"
STABLE = "/cgi-bin/stable_token"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setattr(platform_module, "WAITS", (0.0, 0.0))
    with served_api() as served:
        yield served


@pytest.fixture
def clock() -> Clock:
    return Clock()


def account(url: str, agent: str = "") -> Account:
    return Account(CORPID if agent else APPID, Mode.SAFE, url, TOKEN, AES_KEY, SECRET, agent)


def using(api: Api, work: Callable[[Platform], Awaitable[None]], clock: Clock | None = None, agent: str = "") -> None:
    async def use() -> None:
        made = account(api.url, agent)
        platform = Platform(made, clock) if clock else platform_of(made)
        try:
            await work(platform)
        finally:
            await platform.close()

    asyncio.run(use())


def code_of(error: pytest.ExceptionInfo[PlatformError]) -> int:
    return error.value.code


def test_a_text_is_sent_with_its_characters_as_they_are(api: Api) -> None:
    using(api, lambda platform: platform.send_text("o1", "市民政局“牵头”"))
    assert api.texts() == [("o1", "市民政局“牵头”")]


def test_the_token_is_asked_for_once_and_kept(api: Api) -> None:
    async def send_thrice(platform: Platform) -> None:
        for _ in range(3):
            await platform.send_text("o1", "x")

    using(api, send_thrice)
    assert len(api.sent(STABLE)) == 1
    assert api.sent(STABLE)[0]["force_refresh"] is False


def test_many_at_once_ask_for_one_token(api: Api) -> None:
    async def send_many(platform: Platform) -> None:
        await asyncio.gather(*(platform.send_text("o1", str(number)) for number in range(10)))

    using(api, send_many)
    assert (len(api.sent(STABLE)), len(api.texts())) == (1, 10)


def test_the_token_is_renewed_before_it_ends(api: Api, clock: Clock) -> None:
    async def send_again_later(platform: Platform) -> None:
        for seconds in (0, 6_800, 200):
            clock.now += seconds
            await platform.send_text("o1", "x")

    using(api, send_again_later, clock)
    assert len(api.sent(STABLE)) == 2


@pytest.mark.parametrize("code", [40001, 42001, 40014])
def test_a_token_that_is_no_longer_taken_is_replaced_and_the_call_made_again(api: Api, code: int) -> None:
    async def send(platform: Platform) -> None:
        await platform.access_token()
        api.token = "token-2"
        api.refusals[SEND] = [code]
        await platform.send_text("o1", "x")

    using(api, send)
    assert [query["access_token"] for path, query, _ in api.calls if path == SEND] == ["token-1", "token-2"]


def test_a_new_token_is_forced_only_when_the_platform_gives_the_old_one_again(api: Api) -> None:
    async def send(platform: Platform) -> None:
        api.refusals[SEND] = [40001]
        await platform.send_text("o1", "x")

    using(api, send)
    assert [body["force_refresh"] for body in api.sent(STABLE)] == [False, False, True]


def test_a_busy_platform_is_called_again(api: Api) -> None:
    api.refusals[SEND] = [-1, -1]
    using(api, lambda platform: platform.send_text("o1", "x"))
    assert len(api.sent(SEND)) == 3


def test_at_its_limit_the_platform_is_left_alone_longer_each_time(api: Api, clock: Clock) -> None:
    calls: list[int] = []

    async def send(platform: Platform) -> None:
        api.refusals[SEND] = [45009, 45009]
        for seconds in (0, 59, 2, 119, 2):
            clock.now += seconds
            with contextlib.suppress(PlatformError):
                await platform.send_text("o1", "x")
            calls.append(len(api.sent(SEND)))

    using(api, send, clock)
    assert calls == [1, 1, 2, 2, 3]


def test_a_platform_that_does_not_answer_is_left_alone_for_a_while(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_module, "CALL_SECONDS", 0.1)

    async def send(platform: Platform) -> None:
        api.hangs.set()
        for _ in range(2):
            with pytest.raises(PlatformError) as error:
                await platform.send_text("o1", "x")
            assert (code_of(error), error.value.passes) == (NO_ANSWER, True)
        api.hangs.clear()
        clock.now += 6
        await platform.send_text("o1", "x")

    using(api, send, clock)
    assert api.texts() == [("o1", "x")]


def test_a_platform_that_cannot_be_reached_is_an_error_without_the_token() -> None:
    async def send() -> None:
        platform = Platform(account("http://127.0.0.1:9"))
        with pytest.raises(PlatformError) as error:
            await platform.send_text("o1", "x")
        assert code_of(error) == NO_ANSWER
        assert SECRET not in str(error.value)
        await platform.close()

    asyncio.run(send())


def test_a_wrong_secret_is_told_by_number(api: Api) -> None:
    api.refusals[STABLE] = [{"errcode": 40125, "errmsg": f"invalid appsecret {SECRET}"}]
    with pytest.raises(PlatformError) as error:
        using(api, lambda platform: platform.send_text("o1", "x"))
    assert code_of(error) == 40125
    assert SECRET not in str(error.value)


def test_an_account_without_the_right_to_send_is_not_tried_again(api: Api) -> None:
    async def send(platform: Platform) -> None:
        api.refusals[SEND] = [48001]
        assert platform.may_send
        with pytest.raises(PlatformError):
            await platform.send_text("o1", "x")
        assert not platform.may_send

    using(api, send)


@pytest.mark.parametrize("answer", [[], "x", None, {"access_token": 7}, {}])
def test_an_answer_that_makes_no_sense_is_an_error(api: Api, answer: object) -> None:
    api.refusals[STABLE] = [answer] * 3
    with pytest.raises(PlatformError) as error:
        using(api, lambda platform: platform.send_text("o1", "x"))
    assert code_of(error) == NO_ANSWER


def test_the_addresses_and_the_menu(api: Api) -> None:
    async def both(platform: Platform) -> None:
        assert await platform.callback_addresses() == ["127.0.0.1", "127.0.0.2"]
        await platform.create_menu({"button": [{"name": "政策"}]})

    using(api, both)
    assert api.sent("/cgi-bin/menu/create") == [{"button": [{"name": "政策"}]}]


def test_an_application_of_wecom_sends_and_has_menus_in_its_own_name(api: Api) -> None:
    async def both(platform: Platform) -> None:
        await platform.send_text("zhangsan", "x")
        await platform.create_menu({"button": []})

    using(api, both, agent=AGENTID)
    (sent,) = api.sent("/cgi-bin/message/send")
    assert (sent["touser"], sent["agentid"]) == ("zhangsan", int(AGENTID))
    assert [query["agentid"] for path, query, _ in api.calls if path == "/cgi-bin/menu/create"] == [AGENTID]


def test_nothing_secret_is_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        using(api, lambda platform: platform.send_text("o1", "x"))
    assert SECRET not in caplog.text
    assert "token-1" not in caplog.text
