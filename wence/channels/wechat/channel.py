"""The channels of WeChat: `/webhooks/wechat/webhook` for a 公众号, `/webhooks/wecom/webhook` for 企业微信.

Named in credentials.yml:

    wence.channels.wechat.channel.WeChatChannel:
      contact_phone: ...        # whom to call when the service is disturbed
      state: ...                # the folder of what is written
      knowledge: ...            # the folder of the knowledge

What belongs to the account comes from the environment (wence.channels.wechat.settings), so that its secrets
stand in no file. Without an account the channel is off, and its addresses do not exist.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sanic.response import json as json_response

from wence import knowledge
from wence.channels.body import BadRequest, read_body
from wence.channels.serving import prepare_rasa
from wence.channels.wechat.crypto import Refused
from wence.channels.wechat.gate import Gate
from wence.channels.wechat.ledger import Ledger, LedgerError
from wence.channels.wechat.messages import Pseudonyms
from wence.channels.wechat.platform import platform_of
from wence.channels.wechat.service import PASSIVE_SECONDS, SUCCESS, Service, Words
from wence.channels.wechat.settings import Account, load_account, load_corporation
from wence.channels.wechat.turns import EdgeTurns
from wence.options import starters
from wence.state.secret_key import KeyFileError, load_key

SUCCESS_WORD = "success"
HANG_UP_SECONDS = 6.0  # the platform hangs up after five

INCOMPLETE = "credentials.yml 的 {name} 缺少 {field}：请写明。"

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

logger = logging.getLogger(__name__)


class WeChatChannel(InputChannel):
    """A 公众号."""

    _load: ClassVar[Callable[[], Account | None]] = staticmethod(load_account)

    def __init__(
        self,
        account: Account | None,
        phone: str,
        state: Path,
        words: Words | None,
        passive_seconds: float = PASSIVE_SECONDS,
    ) -> None:
        self._account = account
        self._passive_seconds = passive_seconds
        self._phone = phone
        self._state = state
        self._words = words

    @classmethod
    def name(cls) -> str:
        """Return the channel's part of its address."""
        return "wechat"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> WeChatChannel:
        """Make the channel that credentials.yml and the environment describe."""
        given = credentials or {}
        for field in ("contact_phone", "state", "knowledge"):
            if not given.get(field):
                raise RasaException(INCOMPLETE.format(name=f"{cls.__module__}.{cls.__name__}", field=field))
        account, phone = cls._load(), str(given["contact_phone"])
        words = None if account is None else _words(Path(given["knowledge"]), phone)
        return cls(account, phone, Path(given["state"]), words)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes; none without an account."""
        blueprint = Blueprint(f"wence_{self.name()}")
        if self._account is not None and self._words is not None:
            prepare_rasa(blueprint)
            self._add_routes(blueprint, self._account, self._words, on_new_message)
        return blueprint

    def _add_routes(self, blueprint: Blueprint, account: Account, words: Words, on_new_message: OnNewMessage) -> None:
        try:
            pseudonyms = Pseudonyms(load_key(self._state / "secret.key"), account.receiver)
            ledger = Ledger(self._state / f"{self.name()}.db")
        except (KeyFileError, LedgerError) as error:
            raise RasaException(str(error)) from error
        gate = Gate(account, pseudonyms)
        turns = EdgeTurns(self._phone, self.name(), on_new_message)
        service = Service(turns, ledger, words, platform_of(account), account.links, self._passive_seconds)

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return json_response({"status": "ok"})

        @blueprint.get("/webhook")
        async def verify(request: Request) -> HTTPResponse:
            try:
                echo, mark = gate.echo(_query(request))
                await service.admit(mark, "verification")
            except Refused as refused:
                return _refusal(refused)
            return _text(echo)

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            try:
                message, passed = gate.receive(_query(request), await read_body(request))
                answer = await service.answer(message, passed.mark)
            except Refused as refused:
                return _refusal(refused)
            except BadRequest as error:
                return error.response()
            if answer.is_withheld:
                return await _withhold()
            if answer == SUCCESS:
                return _text(SUCCESS_WORD)
            return _text(gate.reply(message, passed, answer.text), "text/xml; charset=utf-8")

        async def close(_app: Sanic, _loop: AbstractEventLoop) -> None:
            await service.close()

        blueprint.listener(close, "after_server_stop")


class WeComChannel(WeChatChannel):
    """An application of 企业微信."""

    _load: ClassVar[Callable[[], Account | None]] = staticmethod(load_corporation)

    @classmethod
    def name(cls) -> str:
        """Return the channel's part of its address."""
        return "wecom"


def _words(folder: Path, phone: str) -> Words:
    known = knowledge.load(folder)
    return Words({source.id: source.title for source in known.sources.values()}, starters(known), phone)


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.args.items() if values}


def _refusal(refused: Refused) -> HTTPResponse:
    # The number tells `wence wechat check` what is wrong, and nobody more than he knows.
    logger.warning("微信：拒绝了一个请求：%s", refused)
    return _text(str(refused.code), status=403)


async def _withhold() -> HTTPResponse:
    """Answer only when the platform has hung up: an answer, even an empty one, would end its tries."""
    await asyncio.sleep(HANG_UP_SECONDS)
    return _text("", status=504)


def _text(content: str, content_type: str = "text/plain; charset=utf-8", status: int = 200) -> HTTPResponse:
    return text(content, status, {"X-Content-Type-Options": "nosniff"}, content_type)
