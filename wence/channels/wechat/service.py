"""From a message to what is answered within five seconds: `Service`.

The platform waits five seconds for an answer, then hangs up and sends the message again, twice in all. A turn
goes on when it hangs up, and every try of a message joins the one turn. When the turn is not over in time:

    the account may send messages        "success" now, which ends the tries; the answer when it is there
    it may not, first and second try     no answer, so that the platform tries again
    it may not, third try                a sentence that asks to send 1, which fetches the answer

What a retry is told is what the first try was told; the ledger remembers it for every worker. Whether a turn
is taken, and that it is taken once, the record of turns behind `Turns` decides.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wence import replies
from wence.channels.wechat.choices import chosen
from wence.channels.wechat.crypto import Code, Refused
from wence.channels.wechat.ledger import TITLE, Attempt, Decision, Ledger, Meaning, Shelf
from wence.channels.wechat.messages import Incoming, Kind
from wence.channels.wechat.platform import Platform, PlatformError
from wence.channels.wechat.rendering import render
from wence.replies import Option, Reply, Status
from wence.state.database import DatabaseThread

PASSIVE_SECONDS = 4.0  # the reply is to be there after 4.5; the rest is for the way and a busy machine
LAST_PASSIVE_SHARE = 0.8  # of that at the last try, after which nothing can be mended
TRIES = 3
LAST_TRY_AGE = 9.0  # seconds after a message was written, its third try comes
POLL_SECONDS = 0.2
CLOSING_SECONDS = 2.0
PUSH_WAITS = (0.0, 2.0, 8.0, 30.0, 90.0)

_FIXED = {
    Kind.IMAGE: replies.WECHAT_IMAGE,
    Kind.VIDEO: replies.WECHAT_VIDEO,
    Kind.LOCATION: replies.WECHAT_LOCATION,
    Kind.LINK: replies.WECHAT_LINK,
    Kind.OTHER: replies.WECHAT_OTHER,
}

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Turns(Protocol):
    """The way to the dialogue."""

    async def answer(self, question: str, sender: str, message: str) -> Reply:
        """Return the reply to a message, however long it takes; the same for a message that came before."""

    async def forget(self, sender: str) -> None:
        """Forget the conversation of a sender."""


@dataclass(frozen=True)
class Answer:
    """What a request is answered: a text, or "success" where there is none; or nothing, until the platform hangs up."""

    text: str = ""
    is_withheld: bool = False


SUCCESS = Answer()
WITHHELD = Answer(is_withheld=True)


@dataclass(frozen=True)
class Words:
    """What the knowledge gives the channel to say: the names of sources, what can be asked, whom to call."""

    sources: Mapping[str, str]
    starters: tuple[Option, ...]
    phone: str


class Service:
    """Answers the messages of one account."""

    def __init__(
        self,
        turns: Turns,
        ledger: Ledger,
        words: Words,
        platform: Platform | None = None,
        links: bool = False,
        passive_seconds: float = PASSIVE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._turns = turns
        self._ledger = ledger
        self._words = words
        self._platform = platform
        self._links = links
        self._passive_seconds = passive_seconds
        self._clock = clock
        self._thread = DatabaseThread(TITLE, "选项和重发的消息暂时记不住，回复不受影响")
        # The event loop alone does not keep a task alive.
        self._running: dict[tuple[str, str], asyncio.Task[Answer]] = {}
        self._pushing: set[asyncio.Task[None]] = set()

    async def admit(self, mark: str, digest: str) -> None:
        """Take a nonce; `Refused` when another message has taken it."""
        if not await self._in_ledger(lambda ledger: ledger.admit(mark, digest), True):
            raise _reused()

    async def answer(self, message: Incoming, mark: str) -> Answer:
        """Return what a message is answered, within the time that the platform waits; `Refused` for a forgery."""
        deadline = asyncio.get_running_loop().time() + self._passive_seconds
        if message.kind in (Kind.SILENT, Kind.UNSUBSCRIBE):
            await self.admit(mark, message.digest)
            if message.kind is Kind.UNSUBSCRIBE:
                await self._forget(message.sender)
            return SUCCESS
        attempt = await self._begin(message, mark)
        if attempt.is_forged:
            raise _reused()
        if attempt.is_late:
            return SUCCESS
        if attempt.answer is not None:
            return Answer(attempt.answer)
        work = self._work(message, attempt)
        # Judged as it arrives: five seconds later a second try would look like a third.
        is_last = self._is_last(message, attempt)
        if is_last:
            deadline -= self._passive_seconds * (1 - LAST_PASSIVE_SHARE)
        # Unlike wait_for, wait leaves the work alone when the time is over or the platform has hung up.
        await asyncio.wait({work}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        return work.result() if work.done() else await self._late(message, is_last)

    async def close(self) -> None:
        """Close what is open; late answers that are not sent within a moment never will be."""
        owed = {*self._running.values(), *self._pushing}
        if owed:
            await asyncio.wait(owed, timeout=CLOSING_SECONDS)
        for task in (*self._running.values(), *self._pushing):
            task.cancel()
        if self._platform is not None:
            await self._platform.close()
        self._thread.close(self._ledger.close)

    async def _begin(self, message: Incoming, mark: str) -> Attempt:
        def decide(shelf: Shelf) -> Decision:
            return _decision(message, shelf)

        return await self._in_ledger(
            lambda ledger: ledger.begin(message.sender, message.id, mark, message.digest, decide),
            Attempt(1, Meaning.OWN_WORDS, ""),
        )

    def _work(self, message: Incoming, attempt: Attempt) -> asyncio.Task[Answer]:
        """The work on a message, which all its tries in this process share."""
        key = (message.sender, message.id)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._settle(message, attempt))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def _settle(self, message: Incoming, attempt: Attempt) -> Answer:
        try:
            text, shelf = await self._compose(message, attempt)
        except Exception:
            logger.exception("微信：一条消息没有能够回答。")
            text, shelf = replies.UNAVAILABLE.format(phone=self._words.phone), None
        if attempt.meaning is Meaning.FETCH:
            # Its shelf is already in force.
            shelf = None
        answer, is_late = await self._in_ledger(
            lambda ledger: ledger.finish(message.sender, message.id, text, shelf), (text, False)
        )
        if not is_late:
            return Answer(answer)
        if await self._in_ledger(lambda ledger: ledger.claim(message.sender, message.id), False):
            self._push(message.openid, answer)
        return SUCCESS

    async def _compose(self, message: Incoming, attempt: Attempt) -> tuple[str, Shelf | None]:
        """What a message is told, and what that leaves to choose and to read."""
        if message.kind in _FIXED:
            return _FIXED[message.kind], None
        if message.kind in (Kind.SUBSCRIBE, Kind.SCAN):
            greeting = (
                replies.WECHAT_GREETING + replies.GREETING if message.kind is Kind.SUBSCRIBE else replies.GREETING
            )
            return self._rendered(Reply(Status.SMALLTALK, greeting, options=self._words.starters))
        if attempt.meaning is Meaning.FETCH:
            return await self._fetched(message.sender, attempt.words), None
        question = attempt.words if attempt.meaning is Meaning.OPTION else message.question
        if message.kind is Kind.VOICE and not question:
            return replies.WECHAT_VOICE, None
        return self._rendered(await self._turns.answer(question, message.sender, message.id))

    def _rendered(self, reply: Reply) -> tuple[str, Shelf | None]:
        pages = render(reply, self._words.sources, self._links)
        if len(pages) == 1 and not reply.options:
            # "回复 2" still means what was offered before a reply that offers nothing.
            return pages[0], None
        return pages[0], Shelf(reply.options, tuple(pages[1:]))

    async def _fetched(self, sender: str, awaited: str) -> str:
        """The late answer that "1" asks for; a word on trying again where it is still not there."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._passive_seconds - 2 * POLL_SECONDS
        while True:
            answer = await self._in_ledger(lambda ledger: ledger.fetch(sender, awaited), None)
            if answer is not None:
                return answer
            if loop.time() >= ends:
                break
            await asyncio.sleep(POLL_SECONDS)
        answer = await self._in_ledger(lambda ledger: ledger.wait_for(sender, awaited), None)
        return answer or replies.WECHAT_STILL_LATE.format(phone=self._words.phone)

    async def _late(self, message: Incoming, is_last: bool) -> Answer:
        """What the platform is told when the time is over."""
        if self._platform is not None and self._platform.may_send:
            answer = await self._in_ledger(lambda ledger: ledger.make_late(message.sender, message.id), None)
            return SUCCESS if answer is None else Answer(answer)
        if not is_last:
            return WITHHELD
        answer = await self._in_ledger(lambda ledger: ledger.wait_for(message.sender, message.id), None)
        return Answer(replies.WECHAT_LATE if answer is None else answer)

    def _is_last(self, message: Incoming, attempt: Attempt) -> bool:
        """Whether the platform will not try again; by the clock, too, in case a try has not got here."""
        return attempt.tries >= TRIES or self._clock() - message.created >= LAST_TRY_AGE

    def _push(self, openid: str, text: str) -> None:
        task = asyncio.create_task(self._send(openid, text))
        self._pushing.add(task)
        task.add_done_callback(self._pushing.discard)

    async def _send(self, openid: str, text: str) -> None:
        if self._platform is None:
            return
        for wait in PUSH_WAITS:
            await asyncio.sleep(wait)
            try:
                await self._platform.send_text(openid, text)
            except PlatformError as error:
                logger.error("微信：迟到的回答没有发出：%s", error)
                if not error.passes:
                    return
            else:
                return

    async def _forget(self, sender: str) -> None:
        # A turn that ends afterwards would write down what has just been forgotten.
        running = [task for (known, _), task in self._running.items() if known == sender]
        if running:
            await asyncio.wait(running, timeout=self._passive_seconds / 2)
        await self._in_ledger(lambda ledger: ledger.forget(sender), None)
        await self._turns.forget(sender)

    async def _in_ledger(self, work: Callable[[Ledger], _Result], otherwise: _Result) -> _Result:
        return await self._thread.run(lambda: work(self._ledger), otherwise)


def _decision(message: Incoming, shelf: Shelf) -> Decision:
    """What a message means after what the conversation was last given."""
    words = message.question
    if message.kind not in (Kind.TEXT, Kind.VOICE):
        return Decision(Meaning.OWN_WORDS)
    if words.strip("“”\"' 。") == replies.WECHAT_CONTINUE:
        if not shelf.rest:
            return Decision(Meaning.SETTLED, answer=replies.WECHAT_NOTHING_MORE)
        page, *rest = shelf.rest
        return Decision(Meaning.SETTLED, answer=page, shelf=Shelf(shelf.options, tuple(rest), shelf.waiting))
    if shelf.waiting and chosen(words, (Option("1", "1"),)):
        return Decision(Meaning.FETCH, shelf.waiting, shelf=Shelf())
    option = chosen(words, shelf.options)
    return Decision(Meaning.OWN_WORDS) if option is None else Decision(Meaning.OPTION, option.payload)


def _reused() -> Refused:
    return Refused(Code.SIGNATURE, "同一个 nonce 用在了另一条消息上")
