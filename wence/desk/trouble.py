"""Pages that say what went wrong and what to do, in plain Chinese.

page(request, error)      the page for whatever a handler raised; what nobody expected goes to the log
expired(request)          nobody is signed in any more: shows what was typed
StalePageError            a form from before the last log-in
ForeignOriginError        a form on a page that is not ours
"""

from __future__ import annotations

import logging
import secrets
import traceback

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from wence.desk import pages
from wence.desk.errors import DeskError, RefusedError
from wence.desk.visit import visit
from wence.misses.errors import MissesError

_KEPT_BACK = ("csrf", "password", "again", "old")
_WORDS = {
    400: ("看不懂这个请求", "发来的内容不完整。请回到上一页，再试一次。"),
    403: ("没有权限", "这个页面只给管理员用。需要的话，请管理员在“人员”里改您的角色。"),
    404: ("没有这个页面", "地址写错了，或者内容已经不在了。请从上面的菜单进入。"),
    405: ("不能这样打开", "这个地址要从页面上的按钮进入。请从上面的菜单进入。"),
    413: ("内容太大", "发来的内容超过了上限。请分成几次，或换一个小一些的文件。"),
    503: ("数据库暂时用不了", "刚才的操作没有保存。请过一会儿再试；还不行，请告诉管理系统的人。"),
}

logger = logging.getLogger(__name__)


class StalePageError(DeskError):
    """The form comes from before the last log-in, or from elsewhere."""


class ForeignOriginError(DeskError):
    """The form stands on a page that is not ours."""


def page(request: Request, error: Exception) -> Response:
    """Return the page for what went wrong."""
    if isinstance(error, RefusedError):
        return _page(request, 400, "没有完成", str(error))
    if isinstance(error, StalePageError):
        return expired(request, "页面过期了", 403)
    if isinstance(error, ForeignOriginError):
        words = (
            "请求不是从审核台的页面发出的，没有执行。请从审核台的页面操作；经过反向代理的，请技术人员检查代理的设置。"
        )
        return _page(request, 403, "没有执行", words)
    if isinstance(error, HTTPException):
        title, words = _WORDS.get(error.status_code, _WORDS[400])
        return _page(request, error.status_code, title, words)
    if isinstance(error, MissesError):
        logger.error("审核台用不了数据库：%s", error)
        return _page(request, 503, *_WORDS[503])
    number = secrets.token_hex(4)
    # Its message may quote what somebody typed: the log gets its kind and its place.
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("审核台出错，编号 %s：%s\n%s", number, type(error).__name__, place)
    words = f"系统出了错，刚才的操作可能没有保存。请回到上一页再试；还不行，请把编号 {number} 告诉管理系统的人。"
    return _page(request, 500, "出错了", words)


def expired(request: Request, title: str = "登录已过期", status: int = 401) -> Response:
    """Return the page that asks for a log-in, and shows what was typed but not kept."""
    typed = [
        value
        for name, value in visit(request).form.multi_items()
        if isinstance(value, str) and value.strip() and not any(part in name for part in _KEPT_BACK)
    ]
    # What comes without a valid token may come from elsewhere, and is not shown.
    return pages.render(request, "expired.html", status, title=title, typed=typed if status == 401 else [])


def _page(request: Request, status: int, title: str, words: str) -> Response:
    return pages.render(request, "trouble.html", status, title=title, words=words)
