"""The channels of WeChat: `/webhooks/wechat/webhook` for a 公众号, `/webhooks/wecom/webhook` for 企业微信.

Named in credentials.yml, without anything else:

    wence.channels.wechat.channel.WeChatChannel:

What belongs to the account comes from the environment (wence.channels.wechat.settings), so that its secrets
stand in no file. Without an account the channel is off, and its addresses do not exist.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from rasa.core.channels.channel import InputChannel
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sanic.response import json as json_response

from wence import loaded, settings
from wence.channels.body import BadRequest, limit_discarded, read_body
from wence.channels.serving import prepare_rasa
from wence.channels.to_rasa import OnNewMessage, way_to_rasa
from wence.channels.wechat.crypto import Refused
from wence.channels.wechat.gate import Gate
from wence.channels.wechat.ledger import Ledger
from wence.channels.wechat.messages import Pseudonyms
from wence.channels.wechat.platform import platform_of
from wence.channels.wechat.refusals import Refusals
from wence.channels.wechat.service import PASSIVE_SECONDS, SUCCESS, Service, Words
from wence.channels.wechat.settings import Account, load_account, load_corporation
from wence.channels.wechat.turns import EdgeTurns
from wence.knowledge import Knowledge
from wence.options import starters
from wence.state.database import DatabaseError
from wence.state.keys import KeyFileError, sender_key

SUCCESS_WORD = "success"
HANG_UP_SECONDS = 6.0  # the platform hangs up after five


class WeChatChannel(InputChannel):
    """A 公众号."""

    _load: ClassVar[Callable[[], Account | None]] = staticmethod(load_account)

    def __init__(
        self, account: Account | None, state: Path, words: Words, passive_seconds: float = PASSIVE_SECONDS
    ) -> None:
        self._account = account
        self._state = state
        self._words = words
        self._passive_seconds = passive_seconds

    @classmethod
    def name(cls) -> str:
        """Return the channel's part of its address."""
        return "wechat"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> WeChatChannel:
        """Make the channel that the environment describes; SettingsError when it cannot be used."""
        wanted = settings.load()
        return cls(cls._load(), wanted.state, words_of(loaded.knowledge_in(wanted.knowledge)))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes; none without an account."""
        blueprint = Blueprint(f"wence_{self.name()}")
        if self._account is not None:
            prepare_rasa(blueprint)
            self._add_routes(blueprint, self._account, on_new_message)
        return blueprint

    def _add_routes(self, blueprint: Blueprint, account: Account, on_new_message: OnNewMessage) -> None:
        try:
            gate = Gate(account, Pseudonyms(sender_key(self._state / "secrets"), account.receiver))
            ledger = Ledger(self._state / f"{self.name()}.db")
        except (KeyFileError, DatabaseError) as error:
            raise RasaException(str(error)) from error

        refusals = Refusals(self.name())

        async def begin(app: Sanic, _loop: AbstractEventLoop) -> None:
            turns = EdgeTurns(self.name(), app.ctx.edge, app.ctx.agent, way_to_rasa(on_new_message, self.name()))
            service = Service(turns, ledger, self._words, platform_of(account), account.links, self._passive_seconds)
            setattr(app.ctx, self.name(), service)

        async def end(app: Sanic, _loop: AbstractEventLoop) -> None:
            await self._service(app).close()

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            return json_response({"status": "ok"})

        @blueprint.get("/webhook")
        async def verify(request: Request) -> HTTPResponse:
            try:
                echo, mark = gate.echo(_query(request))
                await self._service(request.app).admit(mark, "verification")
            except Refused as refused:
                refusals.note(refused)
                return _refusal(refused)
            return _text(echo)

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            limit_discarded(request)
            try:
                message, passed = gate.receive(_query(request), await read_body(request))
                answer = await self._service(request.app).answer(message, passed.mark)
            except Refused as refused:
                refusals.note(refused)
                return _refusal(refused)
            except BadRequest as error:
                return error.response()
            if answer.is_withheld:
                return await _withhold()
            if answer == SUCCESS:
                return _text(SUCCESS_WORD)
            return _text(gate.reply(message, passed, answer.text), "text/xml; charset=utf-8")

        blueprint.listener(begin, "after_server_start")
        blueprint.listener(end, "before_server_stop")

    def _service(self, app: Sanic) -> Service:
        service: Service = getattr(app.ctx, self.name())
        return service


class WeComChannel(WeChatChannel):
    """An application of 企业微信."""

    _load: ClassVar[Callable[[], Account | None]] = staticmethod(load_corporation)

    @classmethod
    def name(cls) -> str:
        """Return the channel's part of its address."""
        return "wecom"


def words_of(knowledge: Knowledge) -> Words:
    """Return what a knowledge gives the channel to say."""
    names = {source.id: source.title for source in knowledge.sources.values()}
    return Words(names, starters(knowledge), knowledge.contact_phone)


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.args.items() if values}


def _refusal(refused: Refused) -> HTTPResponse:
    # The number tells `wence wechat check` what is wrong, and a forger nothing that he does not know.
    return _text(str(refused.code), status=403)


async def _withhold() -> HTTPResponse:
    """Answer only when the platform has hung up: an answer, even an empty one, would end its tries."""
    await asyncio.sleep(HANG_UP_SECONDS)
    return _text("", status=504)


def _text(content: str, content_type: str = "text/plain; charset=utf-8", status: int = 200) -> HTTPResponse:
    return text(content, status, {"X-Content-Type-Options": "nosniff"}, content_type)
