"""Calls of ours to the platform: `Platform` for a 公众号, `Corporation` for an application of 企业微信.

    platform = platform_of(account)
    await platform.send_text(openid, text)      a message of our own accord, within 48 hours of the citizen's
    await platform.create_menu(menu)
    await platform.callback_addresses()         the addresses that the platform calls us from
    await platform.close()

Every call needs an access token. It is asked for once and kept until shortly before it ends; one that the
platform no longer takes (40001, 42001) is replaced and the call made again. When the platform says that a
limit is reached (45009), or does not answer, nothing is called for a while, twice as long each time.

What goes wrong is a `PlatformError` with the platform's number. The address of a call holds the token:
neither is in any message.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from wence.channels.wechat.settings import Account

CALL_SECONDS = 5.0
ATTEMPTS = 3
WAITS = (0.5, 1.5)
TOKEN_ENDS_EARLY = 300.0  # a stable token is replaced by the platform five minutes before it ends
SECONDS_BETWEEN_FORCED = 60.0  # the platform allows 30, and twenty a day
PAUSE_SECONDS = 5.0
LONG_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3_600.0

BUSY = -1
NO_ANSWER = -2
"""Ours, not the platform's: it could not be reached, or answered what cannot be read."""
TOKEN_CODES = frozenset({40001, 40014, 42001})
LIMIT_CODES = frozenset({45009, 45011})
MAY_NOT_CODES = frozenset({48001, 48006, 50002})
"""The account has no right to the call, and will not get it by trying again."""


class PlatformError(Exception):
    """The platform did not do what was asked; `code` is its number."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason

    @property
    def passes(self) -> bool:
        """Whether it may succeed later."""
        return self.code in {BUSY, NO_ANSWER} | LIMIT_CODES | TOKEN_CODES


def platform_of(account: Account) -> Platform:
    """Return what calls the platform for an account."""
    return Corporation(account) if account.agent else Platform(account)


class Platform:
    """The platform of 公众号."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._token_ends = 0.0
        self._renewing = asyncio.Lock()
        self._forced = -SECONDS_BETWEEN_FORCED
        self._paused: tuple[float, PlatformError] | None = None
        self._pauses = 0
        self._may_not = False

    @property
    def may_send(self) -> bool:
        """Whether messages of our own accord are worth trying."""
        return self._account.may_send and not self._may_not

    async def send_text(self, openid: str, text: str) -> None:
        """Send a text to somebody who has written; PlatformError when it does not arrive."""
        try:
            await self._call("/cgi-bin/message/custom/send", self._text_message(openid, text))
        except PlatformError as error:
            self._may_not = self._may_not or error.code in MAY_NOT_CODES
            raise

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Put a menu in the place of the one before."""
        await self._call("/cgi-bin/menu/create", menu)

    async def callback_addresses(self) -> list[str]:
        """Return the addresses from which the platform calls us."""
        data = await self._call("/cgi-bin/getcallbackip")
        return [str(address) for address in data.get("ip_list", ())]

    async def access_token(self) -> str:
        """Return an access token, the known one while it lasts."""
        async with self._renewing:
            if not self._token or self._clock() >= self._token_ends:
                await self._renew(force=False)
            return self._token

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _text_message(self, openid: str, text: str) -> dict[str, Any]:
        return {"touser": openid, "msgtype": "text", "text": {"content": text}}

    async def _fetch_token(self, force: bool) -> dict[str, Any]:
        account = self._account
        body = {"grant_type": "client_credential", "appid": account.receiver, "secret": account.secret}
        return await self._request("/cgi-bin/stable_token", {}, {**body, "force_refresh": force})

    async def _renew(self, force: bool) -> None:
        data = await self._fetch_token(force)
        if not isinstance(data.get("access_token"), str):
            raise self._failure(data)
        self._token = data["access_token"]
        self._token_ends = self._clock() + max(60.0, float(data.get("expires_in", 0)) - TOKEN_ENDS_EARLY)

    async def _replace(self, refused: str) -> None:
        """Get another token than the refused one, unless somebody else already has."""
        async with self._renewing:
            if self._token != refused:
                return
            await self._renew(force=False)
            if self._token == refused and self._clock() - self._forced >= SECONDS_BETWEEN_FORCED:
                self._forced = self._clock()
                await self._renew(force=True)

    async def _call(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """Call a path with an access token, again where that may help."""
        for attempt in range(ATTEMPTS):
            self._check_pause()
            try:
                return await self._once(path, body, query)
            except PlatformError as error:
                if not error.passes or attempt == ATTEMPTS - 1 or error.code in LIMIT_CODES:
                    self._pause(error)
                    raise
                if error.code not in TOKEN_CODES:
                    await asyncio.sleep(WAITS[attempt])
        raise AssertionError("unreachable")

    async def _once(self, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]) -> dict[str, Any]:
        token = await self.access_token()
        data = await self._request(path, {**query, "access_token": token}, body)
        code = data.get("errcode", 0)
        if code == 0:
            self._pauses = 0
            return data
        if code in TOKEN_CODES:
            await self._replace(token)
        raise self._failure(data)

    def _check_pause(self) -> None:
        if self._paused is not None and self._clock() < self._paused[0]:
            raise self._paused[1]

    def _pause(self, error: PlatformError) -> None:
        if error.code in LIMIT_CODES or error.code == NO_ANSWER:
            first = LONG_PAUSE_SECONDS if error.code in LIMIT_CODES else PAUSE_SECONDS
            seconds = min(first * 2**self._pauses, LONGEST_PAUSE_SECONDS)
            self._pauses = min(self._pauses + 1, 20)
            self._paused = (self._clock() + seconds, error)

    async def _request(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        if self._session is None or self._session.closed:
            # A proxy, where the network has one, leads outside, never to this machine.
            outside = self._account.api.startswith("https:")
            timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=outside)
        # The platform shows \uXXXX as it is, so the characters themselves are sent.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        method = "GET" if body is None else "POST"
        try:
            async with self._session.request(
                method, self._account.api + path, params=dict(query), data=content, allow_redirects=False
            ) as response:
                data = json.loads(await response.read())
        except asyncio.TimeoutError:
            raise PlatformError(NO_ANSWER, f"{path} 在 {CALL_SECONDS:.0f} 秒内没有回答") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PlatformError(NO_ANSWER, f"{path} 无法连接或答非所问（{type(error).__name__}）") from None
        if not isinstance(data, dict):
            raise PlatformError(NO_ANSWER, f"{path} 答非所问")
        return data

    def _failure(self, data: Mapping[str, Any]) -> PlatformError:
        code = data.get("errcode")
        said = str(data.get("errmsg", ""))[:200]
        for secret in (self._account.secret, self._token):
            said = said.replace(secret, "…") if secret else said
        return PlatformError(code if isinstance(code, int) else NO_ANSWER, said)


class Corporation(Platform):
    """The platform of 企业微信."""

    async def send_text(self, openid: str, text: str) -> None:
        """Send a text to a member; PlatformError when it does not arrive."""
        await self._call("/cgi-bin/message/send", self._text_message(openid, text))

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Put a menu in the place of the application's one before."""
        await self._call("/cgi-bin/menu/create", menu, agentid=self._account.agent)

    def _text_message(self, openid: str, text: str) -> dict[str, Any]:
        return {**super()._text_message(openid, text), "agentid": int(self._account.agent)}

    async def _fetch_token(self, force: bool) -> dict[str, Any]:
        query = {"corpid": self._account.receiver, "corpsecret": self._account.secret}
        return await self._request("/cgi-bin/gettoken", query)
