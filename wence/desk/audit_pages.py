"""The page 「操作记录」, for admins: who did what, when, before and after."""

from __future__ import annotations

import datetime
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from wence.desk import audit, pages
from wence.local_time import LOCAL_TIME


def show(request: Request) -> Response:
    """Show what was done, newest first, filtered by the query of the address."""
    asked = {name: request.query_params.get(name, "").strip()[:64] for name in ("who", "action", "words", "from", "to")}
    search = audit.Search(
        asked["who"], asked["action"], asked["words"], _day(asked["from"]), _day(asked["to"], days_later=1)
    )
    with pages.transaction(request) as connection:
        who, actions = audit.names(connection)
        _, number = audit.find(connection, search, 0, 0)
        paging = pages.paging(request, number)
        records, _ = audit.find(connection, search, paging.offset, paging.size)
    rows = [(record, _told(record.before), _told(record.after)) for record in records]
    context: dict[str, Any] = {"asked": asked, "who": who, "actions": actions, "rows": rows, "paging": paging}
    return pages.render(request, "audit.html", title="操作记录", **context)


def _day(text: str, days_later: int = 0) -> float | None:
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=LOCAL_TIME)
    except ValueError:
        return None
    return (day + datetime.timedelta(days=days_later)).timestamp()


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "；".join(f"{name}：{_told(item) or '无'}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
