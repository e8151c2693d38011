"""`wence desk`: the people of the review desk, from the command line.

    wence desk user add 名字 [--admin]     somebody new, and the link with which they set their password
    wence desk user list
    wence desk user password 名字          a link for a new password
    wence desk user unlock|disable|enable 名字

What a command needs is imported when it runs: the command line itself stays quick.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from wence.settings import Settings
from wence.settings import load as load_settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from wence.desk.accounts import Account


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wence desk` takes."""
    things = parser.add_subparsers(required=True, metavar="对象")
    user = things.add_parser("user", help="审核台的人员")
    commands = user.add_subparsers(dest="action", required=True, metavar="动作")
    add = commands.add_parser("add", help="添加一个人,印出设密码的链接")
    add.add_argument("--admin", action="store_true", help="作为管理员")
    commands.add_parser("list", help="列出全部人员")
    for name, told in (
        ("password", "印出重设密码的链接"),
        ("unlock", "密码试错太多被锁的,马上可以再登录"),
        ("disable", "停用,退出全部登录"),
        ("enable", "重新启用"),
    ):
        commands.add_parser(name, help=told).add_argument("name", metavar="名字")
    add.add_argument("name", metavar="名字")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands; returns the exit code. Raises MissesError when the database cannot be used."""
    from wence.desk import tables
    from wence.desk.errors import RefusedError
    from wence.misses.tables import transaction

    wanted = load_settings()
    engine = tables.open_database(wanted)
    try:
        with transaction(engine, writes=True) as connection:
            told = _do(arguments, connection, wanted)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    print(told)
    return 0


def _do(arguments: argparse.Namespace, connection: Connection, wanted: Settings) -> str:
    from wence.desk import accounts, attempts, audit
    from wence.desk.errors import RefusedError
    from wence.desk.people import Role

    if arguments.action == "list":
        return "\n".join(map(_line, accounts.everybody(connection))) or "还没有人。"
    if arguments.action == "add":
        role = Role.ADMIN if arguments.admin else Role.REVIEWER
        account = accounts.add(connection, audit.COMMAND_LINE, arguments.name, role)
        return f"已添加{role.label}“{account.name}”。请把这个链接交给本人，一天之内有效，只能用一次：\n{_link(connection, wanted, account)}"
    account_found = accounts.named(connection, arguments.name)
    if account_found is None:
        raise RefusedError(f"没有叫“{arguments.name}”的人；wence desk user list 列出全部。")
    account = account_found
    if arguments.action == "password":
        audit.record(connection, audit.COMMAND_LINE, "给重设链接", account.name)
        return f"请把这个链接交给“{account.name}”，一天之内有效，只能用一次：\n{_link(connection, wanted, account)}"
    if arguments.action == "unlock":
        attempts.succeeded(connection, account.key)
        audit.record(connection, audit.COMMAND_LINE, "解锁", account.name)
        return f"“{account.name}”可以再登录了。"
    active = arguments.action == "enable"
    accounts.set_active(connection, audit.COMMAND_LINE, account, active)
    return f"“{account.name}”已{'启用' if active else '停用'}。"


def _line(account: Account) -> str:
    state = "已停用" if not account.active else "可登录" if account.password else "还没设密码"
    return f"{account.name}\t{account.role.label}\t{state}"


def _link(connection: Connection, wanted: Settings, account: Account) -> str:
    from wence.desk import links

    return f"{wanted.desk_url}{links.PATH}{links.for_password(connection, account.id, time.time())}"
