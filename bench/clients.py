"""Clients that ask over kept connections and cost little: they share the processors with what they measure.

    latencies(address, questions)       seconds of each message, one after the other
    conversation(address, questions)    the same with one sender
    throughput(address, questions, …)   replies a second with many clients at once

Elsewhere every message has a sender of its own.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

TIMEOUT_SECONDS = 120.0
#: The statuses of what is no real reply; the first is that of none.
NO_REAL_REPLY = ("", "unavailable", "invalid")


class UnansweredError(Exception):
    """An assistant did not answer a question."""


@dataclasses.dataclass(frozen=True)
class Address:
    """Where an assistant listens."""

    host: str
    port: int


class Connection:
    """One kept connection to the REST channel."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, sender: str, text: str) -> list[dict[str, Any]]:
        """Return the messages of a reply; raises UnansweredError when there is none."""
        try:
            return await asyncio.wait_for(self._ask(sender, text), TIMEOUT_SECONDS)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError) as error:
            self.close()
            raise UnansweredError(f"{text}: {error!r}") from error

    async def _ask(self, sender: str, text: str) -> list[dict[str, Any]]:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection(self._address.host, self._address.port)
        body = json.dumps({"sender": sender, "message": text}).encode()
        head = (
            f"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: {self._address.host}\r\nConnection: keep-alive\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in answer[1:] if ": " in line)
        content = await self._reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        if " 200 " not in answer[0]:
            raise ValueError(answer[0])
        messages: list[dict[str, Any]] = json.loads(content)
        return messages

    def close(self) -> None:
        """Give the connection up; the next question opens a new one."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def status_of(messages: Sequence[dict[str, Any]]) -> str:
    """Return the status of a reply, nothing where it carries none."""
    return next((m["custom"]["status"] for m in messages if "status" in (m.get("custom") or {})), "")


def answers(address: Address, question: str) -> bool:
    """Whether a question gets an answer from the facts, now."""

    async def ask() -> bool:
        connection = Connection(address)
        try:
            return status_of(await connection.ask(new_sender(), question)) == "answered"
        except UnansweredError:
            return False
        finally:
            connection.close()

    return asyncio.run(ask())


def new_sender() -> str:
    """Return a sender that nobody else is."""
    return uuid.uuid4().hex


@dataclasses.dataclass(frozen=True)
class Timed:
    """The seconds of each message that got a real reply, and how many got none."""

    seconds: tuple[float, ...]
    unanswered: int


def latencies(address: Address, questions: Sequence[str]) -> Timed:
    """Time the messages of one client, each with a sender of its own."""
    return asyncio.run(_in_turn(address, ((new_sender(), question) for question in questions)))


def conversation(address: Address, questions: Sequence[str]) -> Timed:
    """Time the turns of one conversation."""
    sender = new_sender()
    return asyncio.run(_in_turn(address, ((sender, question) for question in questions)))


async def _in_turn(address: Address, messages: Iterator[tuple[str, str]]) -> Timed:
    connection, seconds, unanswered = Connection(address), [], 0
    for sender, text in messages:
        started = time.perf_counter()
        if await _is_answered(connection, sender, text):
            seconds.append(time.perf_counter() - started)
        else:
            unanswered += 1
    connection.close()
    return Timed(tuple(seconds), unanswered)


async def _is_answered(connection: Connection, sender: str, text: str) -> bool:
    try:
        return status_of(await connection.ask(sender, text)) not in NO_REAL_REPLY
    except UnansweredError:
        return False


@dataclasses.dataclass(frozen=True)
class Load:
    """What came of a time under load: replies a second, and messages without a real reply."""

    per_second: float
    unanswered: int


def throughput(address: Address, questions: Sequence[str], clients: int, seconds: float, warm_up: float) -> Load:
    """Return what many clients get who ask without pause; the seconds of warming up do not count."""
    return asyncio.run(_under_load(address, itertools.cycle(questions), clients, seconds, warm_up))


async def _under_load(address: Address, questions: Iterator[str], clients: int, seconds: float, warm_up: float) -> Load:
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    answered = unanswered = 0

    async def client() -> None:
        nonlocal answered, unanswered
        connection = Connection(address)
        while time.perf_counter() < end:
            if await _is_answered(connection, new_sender(), next(questions)):
                answered += begin <= time.perf_counter() < end
            else:
                unanswered += 1
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return Load(answered / seconds, unanswered)


def send(address: Address, questions: Sequence[str], clients: int) -> int:
    """Send every question once, by several clients, each with a new sender; returns how many had no real reply."""

    async def all_clients() -> int:
        waiting, unanswered = iter(questions), 0

        async def client() -> None:
            nonlocal unanswered
            connection = Connection(address)
            for text in waiting:
                unanswered += not await _is_answered(connection, new_sender(), text)
            connection.close()

        await asyncio.gather(*(client() for _ in range(clients)))
        return unanswered

    return asyncio.run(all_clients())
