"""The page 「人员」, for admins: who works here, as what, and how they get in again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from wence.desk import accounts, attempts, audit, links, pages
from wence.desk.accounts import Account
from wence.desk.errors import RefusedError
from wence.desk.people import Role
from wence.desk.visit import visit


def show(request: Request) -> Response:
    """Show everybody."""
    return _page(request)


def add(request: Request) -> Response:
    """Add somebody, and show the link with which they set their password."""
    me, now = pages.person(request), visit(request).desk.clock()
    name = pages.field(request, "name", 64)
    try:
        with pages.transaction(request, writes=True) as connection:
            account = accounts.add(connection, me.name, name, _role(request))
            link = _address(request, links.for_password(connection, account.id, now))
    except RefusedError as error:
        return _page(request, 400, trouble=str(error), name=name)
    return _page(request, link=link, linked=account.name)


def reset(request: Request) -> Response:
    """Show a link with which somebody sets a new password; the old one stays until then."""
    me, now = pages.person(request), visit(request).desk.clock()
    with pages.transaction(request, writes=True) as connection:
        account = accounts.get(connection, pages.number(request, "user"))
        if not account.active:
            raise RefusedError(f"“{account.name}”已停用，请先启用。")
        link = _address(request, links.for_password(connection, account.id, now))
        audit.record(connection, me.name, "给重设链接", account.name)
    return _page(request, link=link, linked=account.name)


def set_role(request: Request) -> Response:
    """Make somebody a reviewer or an admin."""
    role = _role(request)
    with pages.transaction(request, writes=True) as connection:
        account = accounts.get(connection, pages.number(request, "user"))
        accounts.set_role(connection, pages.person(request).name, account, role)
    pages.notice(request, f"“{account.name}”现在是{role.label}。")
    return pages.redirect(request, "/people")


def set_active(request: Request) -> Response:
    """Let somebody work here again, or no more."""
    active = pages.field(request, "active") == "yes"
    with pages.transaction(request, writes=True) as connection:
        account = accounts.get(connection, pages.number(request, "user"))
        accounts.set_active(connection, pages.person(request).name, account, active)
    pages.notice(request, f"“{account.name}”已{'启用' if active else '停用，所有登录都退出了'}。")
    return pages.redirect(request, "/people")


def unlock(request: Request) -> Response:
    """Let somebody try to log in again at once."""
    with pages.transaction(request, writes=True) as connection:
        account = accounts.get(connection, pages.number(request, "user"))
        attempts.succeeded(connection, account.key)
        audit.record(connection, pages.person(request).name, "解锁", account.name)
    pages.notice(request, f"“{account.name}”可以再登录了。")
    return pages.redirect(request, "/people")


def _role(request: Request) -> Role:
    try:
        return Role(pages.field(request, "role"))
    except ValueError as error:
        raise RefusedError("请选一个角色：审核员或管理员。") from error


def _address(request: Request, token: str) -> str:
    client = visit(request).client
    return f"{'https' if client.is_secure else 'http'}://{client.host}{links.PATH}{token}"


def _page(
    request: Request, status: int = 200, link: str = "", linked: str = "", trouble: str = "", name: str = ""
) -> Response:
    with pages.transaction(request) as connection:
        everybody = accounts.everybody(connection)
        locked = attempts.locked(connection, (account.key for account in everybody), visit(request).desk.clock())
    context = {"link": link, "linked": linked, "trouble": trouble, "name": name, "roles": tuple(Role)}
    return pages.render(
        request, "people.html", status, title="人员", people=[(a, _state(a, locked)) for a in everybody], **context
    )


def _state(account: Account, locked: set[str]) -> str:
    if not account.active:
        return "已停用"
    if account.key in locked:
        return "已锁定"
    return "可登录" if account.password else "还没设密码"
