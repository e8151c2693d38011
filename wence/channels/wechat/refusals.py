"""Refused requests in the log, as many as help and no more: anybody can make a request that is refused.

refusals = Refusals("wechat")
refusals.note(refused)      a line with the platform's number; of many in one minute, how many there were
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from wence.channels.wechat.crypto import Refused

LINES_A_MINUTE = 10
MINUTE = 60.0

logger = logging.getLogger(__name__)


class Refusals:
    """Writes refusals of one channel to the log."""

    def __init__(self, channel: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._channel = channel
        self._clock = clock
        self._began = clock()
        self._noted = 0

    def note(self, refused: Refused) -> None:
        """Write one refusal to the log, unless this minute has seen enough of them."""
        now = self._clock()
        if now - self._began >= MINUTE:
            surplus = self._noted - LINES_A_MINUTE
            if surplus > 0:
                logger.warning("微信（%s）：此前一分钟里还拒绝了 %d 个请求，没有逐条记下。", self._channel, surplus)
            self._began, self._noted = now, 0
        self._noted += 1
        if self._noted <= LINES_A_MINUTE:
            logger.warning("微信（%s）：拒绝了一个请求：%s", self._channel, refused)
