"""How often somebody may ask: a token bucket for each name, in bounded memory.

limit = RateLimit(per_minute=30, burst=10)
limit.wait("name")    0.0 when it may go on; else the seconds after which it may try again
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_BUCKETS = 10_000


class RateLimit:
    """Buckets that hold `burst` tokens and get `per_minute` new ones; those unused longest are forgotten."""

    def __init__(
        self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic, most: int = MOST_BUCKETS
    ) -> None:
        self._per_second = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take a token of the bucket of `name`; return 0.0, or the seconds until there is one."""
        now = self._clock()
        tokens, since = self._buckets.pop(name, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - since) * self._per_second)
        allowed = tokens >= 1
        self._buckets[name] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._per_second

    def __len__(self) -> int:
        return len(self._buckets)
