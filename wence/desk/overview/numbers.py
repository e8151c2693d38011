"""The numbers of a period, from the counts of turns and the missed questions.

    Period(first, last)                    days where the policy holds, both included
    Period.ending(today, days)             the last so many days
    Period.week_before(today)              the last full week, from Monday to Sunday
    numbers(connection, period)            what was asked and how it was answered
    reported(connection, period, limit)    what citizens marked not helpful, newest first, with their reasons

A question is a turn that is neither small talk nor a message that cannot be a question. Counts have no texts and
stay; what was reported has texts for as long as WENCE_KEEP_DAYS.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.local_time import LOCAL_TIME
from wence.misses.tables import misses, reasons, turn_counts
from wence.misses.why import Why
from wence.replies import Status

PERIODS = (7, 30, 90)
NO_QUESTIONS = (Status.SMALLTALK, Status.INVALID)
#: Of these the facet that was understood is worth a topic; of others it was a guess.
_ON_TOPIC = (Status.ANSWERED, Status.NOT_IN_SOURCE)


@dataclasses.dataclass(frozen=True)
class Period:
    """Days, both ends included."""

    first: datetime.date
    last: datetime.date

    @classmethod
    def ending(cls, today: datetime.date, days: int) -> Period:
        """Return the last so many days, today among them."""
        return cls(today - datetime.timedelta(days - 1), today)

    @classmethod
    def week_before(cls, today: datetime.date) -> Period:
        """Return the last week that is over."""
        last = today - datetime.timedelta(today.isoweekday())
        return cls(last - datetime.timedelta(6), last)

    @property
    def days(self) -> tuple[datetime.date, ...]:
        """Every day, in order."""
        return tuple(self.first + datetime.timedelta(n) for n in range((self.last - self.first).days + 1))

    @property
    def seconds(self) -> tuple[float, float]:
        """When it begins, and when it is over, in seconds since 1970."""
        after = self.last + datetime.timedelta(1)
        begin, end = (datetime.datetime.combine(day, datetime.time(), LOCAL_TIME) for day in (self.first, after))
        return begin.timestamp(), end.timestamp()


@dataclasses.dataclass(frozen=True)
class Numbers:
    """What was asked in a period: by day and channel, by status, by facet."""

    period: Period
    by_day: Mapping[tuple[str, str], int]
    by_status: Mapping[Status, int]
    by_facet: Mapping[str, int]
    helpful: int
    not_helpful: int

    @property
    def asked(self) -> int:
        """How many questions there were."""
        return sum(number for status, number in self.by_status.items() if status not in NO_QUESTIONS)

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel that a question came by."""
        return tuple(sorted({channel for _, channel in self.by_day}))

    def of_day(self, day: datetime.date, channel: str) -> int:
        """Return how many questions came by a channel on a day."""
        return self.by_day.get((day.isoformat(), channel), 0)


@dataclasses.dataclass(frozen=True)
class Reported:
    """A reply that a citizen marked not helpful, and what they wrote about it."""

    miss: str
    time: float
    message: str
    reply: str
    words: str


def numbers(connection: Connection, period: Period) -> Numbers:
    """Return the numbers of a period."""
    count = turn_counts.c
    this = count.day.between(period.first.isoformat(), period.last.isoformat())
    asked = sa.func.sum(count.asked)
    questions = count.status.not_in([status.value for status in NO_QUESTIONS])
    by_day = sa.select(count.day, count.channel, asked).where(this, questions).group_by(count.day, count.channel)
    by_status = sa.select(count.status, asked).where(this).group_by(count.status)
    on_topic = count.status.in_([status.value for status in _ON_TOPIC])
    by_facet = sa.select(count.facet, asked).where(this, on_topic, count.facet != "").group_by(count.facet)
    rated = sa.select(sa.func.sum(count.helpful), sa.func.sum(count.not_helpful)).where(this)
    helpful, not_helpful = connection.execute(rated).one()
    ranked = sorted(connection.execute(by_facet), key=lambda row: (-row[1], row[0]))
    return Numbers(
        period,
        {(day, channel): int(number) for day, channel, number in connection.execute(by_day)},
        {Status(status): int(number) for status, number in connection.execute(by_status)},
        {facet: int(number) for facet, number in ranked},
        int(helpful or 0),
        int(not_helpful or 0),
    )


def reported(connection: Connection, period: Period, limit: int) -> list[Reported]:
    """Return what was marked not helpful in a period, without what has lost its texts."""
    begin, end = period.seconds
    wanted = (
        sa.select(misses.c.id, reasons.c.time, misses.c.message, misses.c.reply, reasons.c.words)
        .select_from(misses.join(reasons, reasons.c.miss == misses.c.id))
        .where(reasons.c.why == Why.NOT_HELPFUL.value, misses.c.removed.is_(False))
        .where(reasons.c.time >= begin, reasons.c.time < end)
        .order_by(reasons.c.time.desc(), misses.c.id)
        .limit(limit)
    )
    return [Reported(*row) for row in connection.execute(wanted)]
