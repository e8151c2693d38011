"""The plain REST channel, for measuring and for programs of this machine: `POST /webhooks/rest/webhook`.

Named in credentials.yml as `wence.channels.rest.RestChannel`.

A request is `{"sender": "…", "message": "…"}`; the answer is Rasa's list of messages, one with text and
buttons, one with `custom`. Without a sender every request is a conversation of its own. What is no such
request gets `{"error": "…"}`, in Chinese, with 400; a body that is too large gets 413 before any of it is
decoded.

It takes the client's word for who the sender is: so it answers only requests that come straight from this
machine, and none at all when the setting WENCE_REST is `off`. Rasa's own channel answers some of these with
500, lets all who name no sender share one conversation, and takes the client's word for its channel and
metadata, too; this one does not. It knows no `stream=true`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rasa.core.channels.rest import RestInput
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from wence import settings
from wence.channels.addresses import is_direct
from wence.channels.body import BadRequest, json_object, limit_discarded, read_body
from wence.channels.edge import Asked
from wence.channels.serving import edge_of, prepare_rasa
from wence.channels.to_rasa import OnNewMessage, way_to_rasa
from wence.replies import Reply

MAX_SENDER_CHARACTERS = 128

NO_MESSAGE = "请求缺少 message，或者它不是字符串。请把问题写成字符串，放在 message 里。"
BAD_SENDER = f"sender 应当是不超过 {MAX_SENDER_CHARACTERS} 个可见字符的字符串，也可以不写。"
SWITCHED_OFF = "这个接口没有开放。"
NOT_FROM_HERE = "这个接口只供本机直接使用。网页请使用 /webhooks/web/ 下的接口。"


def parse(body: bytes) -> tuple[str, str]:
    """Return the sender and the message of a request; `BadRequest` when it is none."""
    data = json_object(body)
    message = data.get("message")
    if not isinstance(message, str):
        raise BadRequest(NO_MESSAGE)
    return _sender(data.get("sender")), message


def _sender(sender: object) -> str:
    if sender is None or sender == "":
        return uuid.uuid4().hex
    if not isinstance(sender, str) or len(sender) > MAX_SENDER_CHARACTERS:
        raise BadRequest(BAD_SENDER)
    if not sender.isprintable() or sender.isspace():
        raise BadRequest(BAD_SENDER)
    return sender


def as_messages(reply: Reply, sender: str) -> list[dict[str, Any]]:
    """Return a reply as Rasa's REST channel sends it."""
    words: dict[str, Any] = {"recipient_id": sender, "text": reply.text}
    if reply.options:
        words["buttons"] = [option.as_dict() for option in reply.options]
    return [words, {"recipient_id": sender, "custom": reply.custom()}]


class RestChannel(RestInput):
    """Rasa's REST channel behind the edge."""

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> RestChannel:
        """Make the channel as the settings have it."""
        return cls(enabled=settings.load().rest)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes: the health of the channel, and its webhook."""
        blueprint = Blueprint("wence_rest")
        prepare_rasa(blueprint)
        way = way_to_rasa(on_new_message, self.name())

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return self._refusal(request) or json_response({"status": "ok"})

        @blueprint.post("/webhook", stream=True)
        async def receive(request: Request) -> HTTPResponse:
            limit_discarded(request)
            if refusal := self._refusal(request):
                return refusal
            try:
                sender, message = parse(await read_body(request))
            except BadRequest as error:
                return error.response()
            turn = await edge_of(request).answer(Asked(self.name(), sender, message), way)
            return json_response(as_messages(turn.reply, sender))

        return blueprint

    def _refusal(self, request: Request) -> HTTPResponse | None:
        if not self._enabled:
            return json_response({"error": SWITCHED_OFF}, status=HTTPStatus.NOT_FOUND)
        if not is_direct(request):
            return json_response({"error": NOT_FROM_HERE}, status=HTTPStatus.FORBIDDEN)
        return None
