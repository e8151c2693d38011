"""The way in and out: log-in, one-time links, one's own account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from wence.desk import accounts, attempts, audit, links, pages, passwords, sessions
from wence.desk.accounts import Account
from wence.desk.errors import RefusedError
from wence.desk.people import Role
from wence.desk.visit import Visit, visit

_LONGEST_NAME = 64
_WRONG = "名字或密码不对，请再试。忘了密码，请管理员给您一个重设链接。"


def ask(request: Request) -> Response:
    """Show the form for logging in."""
    if visit(request).person:
        return pages.redirect(request, _next(request.query_params.get("next", "")))
    return _form(request, "", request.query_params.get("next", ""))


def log_in(request: Request) -> Response:
    """Sign somebody in, unless the name, the password or the number of attempts is wrong."""
    here = visit(request)
    name, password = pages.field(request, "name", _LONGEST_NAME), _secret(request, "password")
    back, now, key = pages.field(request, "next"), here.desk.clock(), accounts.key_of(name)
    try:
        with pages.transaction(request, writes=True) as connection:
            if attempts.begin(connection, here.client.address, key, now):
                audit.record(
                    connection, audit.DESK, "锁定登录", name if accounts.named(connection, name) else "（没有这个人）"
                )
        with pages.transaction(request) as connection:
            account = accounts.named(connection, name)
    except attempts.TooManyError as error:
        return _form(request, name, back, str(error), 429)
    kept = account.password if account and account.active else ""
    if not here.desk.hasher.matches(password, kept) or account is None:
        return _form(request, name, back, _WRONG, 401)
    with pages.transaction(request, writes=True) as connection:
        attempts.succeeded(connection, key)
        _sign_in(here, connection, account)
    return pages.redirect(request, _next(back))


def log_out(request: Request) -> Response:
    """Sign out this browser."""
    here = visit(request)
    with pages.transaction(request, writes=True) as connection:
        sessions.end(connection, here.token)
        audit.record(connection, here.signed_in.name, "退出", here.signed_in.name)
    here.change_token("")
    return pages.redirect(request, "/login")


def show_link(request: Request) -> Response:
    """Show the form for setting a password by a one-time link."""
    with pages.transaction(request) as connection:
        account = links.find(connection, _token(request), visit(request).desk.clock())
    return _link_form(request, account)


def use_link(request: Request) -> Response:
    """Set the password, of a new admin where it is the first one, and sign them in."""
    here, now = visit(request), visit(request).desk.clock()
    with pages.transaction(request) as connection:
        account = links.find(connection, _token(request), now)
    name = account.name if account else pages.field(request, "name", _LONGEST_NAME)
    try:
        kept = _new_password(request, name)
        with pages.transaction(request, writes=True) as connection:
            account = links.use(connection, _token(request), now)
            who = name if account else audit.DESK
            account = account or accounts.add(connection, who, name, Role.ADMIN)
            accounts.set_password(connection, who, account, kept)
            attempts.succeeded(connection, account.key)
            _sign_in(here, connection, account)
    except RefusedError as error:
        return _link_form(request, account, name, str(error), 400)
    return pages.redirect(request, "/")


def show_account(request: Request) -> Response:
    """Show one's own account."""
    return pages.render(request, "account.html", title="我的账号", trouble="")


def change_password(request: Request) -> Response:
    """Change one's own password, which needs the old one, and sign out elsewhere."""
    here, me = visit(request), pages.person(request)
    with pages.transaction(request) as connection:
        account = accounts.get(connection, me.id)
    try:
        with pages.transaction(request, writes=True) as connection:
            # Who found an unlocked screen may not try passwords for ever.
            attempts.begin(connection, here.client.address, account.key, here.desk.clock())
        if not here.desk.hasher.matches(_secret(request, "old"), account.password):
            raise RefusedError("原来的密码不对，请再试。")
        kept = _new_password(request, me.name)
        with pages.transaction(request, writes=True) as connection:
            attempts.succeeded(connection, account.key)
            accounts.set_password(connection, me.name, account, kept, but=here.token)
    except RefusedError as error:
        return pages.render(request, "account.html", 400, title="我的账号", trouble=str(error))
    pages.notice(request, "密码已改，别处的登录都退出了。")
    return pages.redirect(request, "/account")


def log_out_elsewhere(request: Request) -> Response:
    """Sign out every other browser of this person."""
    here, me = visit(request), pages.person(request)
    with pages.transaction(request, writes=True) as connection:
        number = sessions.end_all(connection, me.id, but=here.token)
        audit.record(connection, me.name, "退出别处", me.name, None, {"处": number})
    pages.notice(request, f"别处的登录已退出（{number} 处）。" if number else "没有别处的登录。")
    return pages.redirect(request, "/account")


def _sign_in(here: Visit, connection: Any, account: Account) -> None:
    now = here.desk.clock()
    accounts.note_login(connection, account, now)
    audit.record(connection, account.name, "登录", account.name, None, {"地址": here.client.address})
    here.change_token(sessions.begin(connection, account.id, now))


def _new_password(request: Request, name: str) -> str:
    """Return the hash of the password that was typed twice; RefusedError when it will not do."""
    password = _secret(request, "password")
    if password != _secret(request, "again"):
        raise RefusedError("两次输入的密码不一样，请再输一次。")
    passwords.check(password, name)
    return visit(request).desk.hasher.hash(password)


def _secret(request: Request, name: str) -> str:
    """Return a password as it was typed, spaces and all; one that is too long to be one is none."""
    value = pages.form(request).get(name)
    return value if isinstance(value, str) and len(value) <= 4 * passwords.LONGEST else ""


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _next(path: str) -> str:
    """Return where to go after the log-in: a page of the desk, whatever the address says."""
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and path.isprintable()
    return path if is_ours and not path.startswith("/login") else "/"


def _form(request: Request, name: str, back: str, trouble: str = "", status: int = 200) -> Response:
    return pages.render(request, "login.html", status, title="登录", name=name, back=back, trouble=trouble)


def _link_form(
    request: Request, account: Account | None, name: str = "", trouble: str = "", status: int = 200
) -> Response:
    title = "重设密码" if account and account.password else "设置密码" if account else "设置第一位管理员"
    return pages.render(request, "link.html", status, title=title, account=account, name=name, trouble=trouble)
