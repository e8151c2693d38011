"""`wence wechat`: what staff do about an account besides entering its settings.

    wence wechat check        what is wrong with the connection, in plain Chinese; exit code 1 if anything is
    wence wechat menu push    puts the custom menu, derived from the knowledge, into the account
    wence wechat menu show    prints that menu

What a command needs is imported when it runs: the command line itself stays quick.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wence.settings import SettingsError
from wence.settings import load as load_settings

if TYPE_CHECKING:
    from wence.channels.wechat.settings import Account


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wence wechat` takes."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="动作")
    commands.add_parser("check", help="检查公众号和企业微信的设置与连接,逐条说明哪里不对、怎么改")
    menu = commands.add_parser("menu", help="自定义菜单,由知识得出")
    parts = menu.add_subparsers(dest="part", required=True, metavar="动作")
    parts.add_parser("push", help="把菜单推送到公众号和企业微信的应用")
    parts.add_parser("show", help="只印出菜单,不推送")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the commands; returns the exit code."""
    if arguments.action == "check":
        return check()
    return show() if arguments.part == "show" else push()


def check() -> int:
    """Print what was found out about the connection; returns the exit code."""
    from wence.channels.wechat.check import findings

    wrong = 0
    for finding in findings(load_settings()):
        print(finding, flush=True)
        wrong += finding.is_right is False
    print(f"有{wrong}处不对,改好后再检查一次。" if wrong else "没有发现问题。")
    return 1 if wrong else 0


def show() -> int:
    """Print the menu; returns the exit code."""
    for button in _menu()["button"]:
        print(button["name"])
        for entry in button["sub_button"]:
            print(f"    {entry['name']}\t{entry['key']}")
    return 0


def push() -> int:
    """Put the menu into every account that is set; returns the exit code."""
    from wence.channels.wechat.check import WHY
    from wence.channels.wechat.platform import PlatformError

    menu, failed = _menu(), False
    for account in _accounts():
        title = f"企业微信应用 {account.agent}" if account.agent else f"公众号 {account.receiver}"
        try:
            asyncio.run(_push(account, menu))
        except PlatformError as error:
            failed = True
            print(
                f"{title}:菜单没有推送成功。{WHY.get(error.code, '请按错误码查平台的文档')}({error})", file=sys.stderr
            )
        else:
            print(f"{title}:菜单已推送。手机上重新进入公众号就能看到,最迟 24 小时。")
    return 1 if failed else 0


async def _push(account: Account, menu: Mapping[str, Any]) -> None:
    from wence.channels.wechat.platform import platform_of

    platform = platform_of(account)
    try:
        await platform.create_menu(menu)
    finally:
        await platform.close()


def _menu() -> dict[str, Any]:
    from wence.channels.wechat.menu import menu_of
    from wence.preflight import load_knowledge

    return menu_of(load_knowledge(load_settings()))


def _accounts() -> list[Account]:
    """The accounts whose menu can be pushed; SettingsError when there is none."""
    from wence.channels.wechat.settings import load_account, load_corporation

    accounts = [account for account in (load_account(), load_corporation()) if account and account.may_send]
    if not accounts:
        raise SettingsError("WECHAT_APPSECRET", "", "推送菜单要用它(企业微信是 WECOM_SECRET),见 docs/wechat.md")
    return accounts
