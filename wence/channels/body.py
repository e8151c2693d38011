"""Reading the body of a request without letting it become a burden.

    check_length(request)   refuses, on every route, a Content-Length that is no number of bytes
    read_body(request)      the bytes, on a route with `stream=True`; `BadRequest` when they are too many
                            or too slow

What is too large is neither kept nor decoded. Its rest is still taken off the wire, up to a point, because
a client that is cut off while sending never reads the answer.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

MAX_BODY_BYTES = 64 * 1024
MAX_DISCARDED_BYTES = 32 * 1024 * 1024
BODY_SECONDS = 10.0

TOO_LARGE = f"请求内容太大。请缩短到 {MAX_BODY_BYTES // 1024} KB 以内再发送。"
NO_LENGTH = "请求头 Content-Length 不是字节数。"
TOO_SLOW = "请求内容没有按时到达。请重新发送。"


class BadRequest(Exception):
    """A request that cannot be understood; `str()` says, in Chinese, what is wrong with it."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> HTTPResponse:
        """The error as JSON."""
        return json_response({"error": str(self)}, status=self.status)


async def check_length(request: Request) -> None:
    """Refuse a request, before Sanic looks for its body, whose Content-Length is no number of bytes.

    Sanic 21.12 believes a negative one, and reads for ever what is not there: the whole server stands still.
    """
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdecimal()):
        raise InvalidUsage(NO_LENGTH)


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body of a request to a streaming route, of at most `limit` bytes."""
    stream = request.stream
    if stream is None:
        return b""
    # A streaming route has no limit of its own; this one is for what Sanic discards after the answer.
    stream.request_max_size = MAX_DISCARDED_BYTES
    if int(request.headers.get("content-length", "0")) > limit:
        raise BadRequest(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        return await asyncio.wait_for(_read(stream, limit), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise BadRequest(TOO_SLOW, HTTPStatus.REQUEST_TIMEOUT) from None


async def _read(stream: Http, limit: int) -> bytes:
    body = bytearray()
    async for chunk in stream:
        body += chunk
        if len(body) > limit:
            raise BadRequest(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)
