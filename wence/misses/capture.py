"""Writes missed questions to the spool, as the edge tells of them, and lets nothing of that reach a reply.

    capture = Capture(Spool(folder), key, model)
    capture.turn(turn)                   a turn whose reply is about to leave
    capture.rated(turn, helpful, …)      a citizen's feedback on a turn
    capture.forget(sender)               a citizen has deleted their conversation

A call writes one short line, or nothing, and never raises: a failure is logged once when it begins and once
when it is over, without a word of what was to be written.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from wence.misses.entries import Entry, Forgotten, Miss, Withdrawn, as_line
from wence.misses.spool import Spool
from wence.misses.understood import Understood
from wence.misses.why import Why, why
from wence.privacy import pseudonym
from wence.state.turns import Turn

logger = logging.getLogger(__name__)


class Capture:
    """What a serving process knows about missed questions; `model` names the model that it serves now."""

    def __init__(
        self, spool: Spool, key: bytes, model: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        self._spool = spool
        self._key = key
        self._model = model
        self._clock = clock
        self._failing = False

    def turn(self, turn: Turn) -> None:
        """Write a turn down if its question was missed; it is with the operating system when this returns."""
        self._safely(lambda: self._missed(turn))

    def rated(self, turn: Turn, helpful: bool, reason: str) -> None:
        """Write down that a reply did not help, with the masked reason; or that it helped after all."""
        if helpful:
            self._safely(lambda: Withdrawn(turn.reply_id, self._clock()))
        else:
            self._safely(lambda: self._miss(turn, Why.NOT_HELPFUL, self._clock(), reason))

    def forget(self, sender: str) -> None:
        """Write down that what a sender has asked so far is not to be kept."""
        self._safely(lambda: Forgotten(pseudonym(sender, self._key), self._clock()))

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def _missed(self, turn: Turn) -> Miss | None:
        understood = turn.understood
        found = why(turn.reply.status, float(understood["confidence"]) if understood else None)
        return self._miss(turn, found, turn.created) if found else None

    def _miss(self, turn: Turn, found: Why, now: float, reason: str = "") -> Miss:
        return Miss(
            id=turn.reply_id,
            why=found,
            time=now,
            asked=turn.created,
            channel=turn.channel,
            sender=pseudonym(turn.sender, self._key),
            message=turn.message,
            status=turn.reply.status,
            reply=turn.reply.text,
            facts=turn.reply.facts,
            understood=Understood.from_dict(turn.understood) if turn.understood else None,
            model=self._model(),
            reason=reason,
        )

    def _safely(self, make: Callable[[], Entry | None]) -> None:
        try:
            entry = make()
            if entry is None:
                return
            self._spool.append(as_line(entry))
        # Whatever it is: the citizen gets the reply.
        except Exception as error:
            if not self._failing:
                what = error if isinstance(error, OSError) else type(error).__name__
                logger.error("答漏的问题未能写下，这段时间的不会记录，回复不受影响：%s", what)
            self._failing = True
            return
        if self._failing:
            self._failing = False
            logger.warning("答漏的问题又能写下了。")
