"""The page 「答漏」: the questions that the assistant missed, newest first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from wence.desk import pages
from wence.desk.overview.told import CHANNELS
from wence.misses.tables import misses, reasons
from wence.misses.why import WORDS, Why

_LONGEST_WORDS = 100


def show(request: Request) -> Response:
    """Show missed questions, filtered by the query of the address."""
    wanted = {name: request.query_params.get(name, "").strip()[:_LONGEST_WORDS] for name in ("why", "words")}
    condition = _condition(wanted["why"], wanted["words"])
    with pages.transaction(request) as connection:
        number = connection.execute(sa.select(sa.func.count()).select_from(misses).where(condition)).scalar_one()
        paging = pages.paging(request, number)
        found = sa.select(misses).where(condition).order_by(misses.c.asked.desc(), misses.c.id)
        rows = connection.execute(found.offset(paging.offset).limit(paging.size)).all()
        why = sa.select(reasons.c.miss, reasons.c.why).where(reasons.c.miss.in_([row.id for row in rows]))
        told: dict[str, list[str]] = {}
        for miss, reason in connection.execute(why):
            told.setdefault(miss, []).append(WORDS[Why(reason)])
    context: dict[str, Any] = {
        "wanted": wanted,
        "whys": [(why.value, WORDS[why]) for why in Why],
        "rows": [(row, CHANNELS.get(row.channel, row.channel), "、".join(told.get(row.id, ()))) for row in rows],
        "paging": paging,
    }
    return pages.render(request, "missed.html", title="答漏", **context)


def _condition(why: str, words: str) -> Any:
    parts = [sa.true()]
    if why:
        parts.append(misses.c.id.in_(sa.select(reasons.c.miss).where(reasons.c.why == why)))
    if words:
        parts.append(misses.c.message.contains(words, autoescape=True))
    return sa.and_(*parts)
