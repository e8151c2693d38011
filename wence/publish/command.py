"""The commands `wence publish` and `wence versions`.

Exit code 0; 1 when the gate refused, or a serving process could not follow; 2 for what its user can mend.
"""

from __future__ import annotations

import argparse
import datetime
import getpass
import os
import pathlib
import sys

from wence import settings as wence_settings
from wence.local_time import LOCAL_TIME

NICE = 15


def add_publish_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `wence publish`."""
    parser.add_argument("--additions", type=pathlib.Path, metavar="文件", help="要发布的补充;不写就用已发布的再来一次")
    parser.add_argument("--override", default="", metavar="理由", help="门槛不让过时仍然发布,理由会记下来")
    parser.add_argument("--who", default="", metavar="姓名", help="谁发布的;不写就用登录的用户名")


def add_versions_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `wence versions`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    actions.add_parser("list", help="列出各个版本")
    back = actions.add_parser("rollback", help="退回以前的版本")
    back.add_argument("number", type=_number, nargs="?", metavar="版本", help="退回第几版;不写就是上一版")
    back.add_argument("--who", default="", metavar="姓名", help="谁退回的;不写就用登录的用户名")


def publish(arguments: argparse.Namespace) -> int:
    """Publish additions; returns the exit code."""
    from wence import additions
    from wence.publish import publishing

    os.nice(NICE)
    settings = wence_settings.load()
    given = additions.read(arguments.additions) if arguments.additions else additions.published(settings)
    report = publishing.publish(settings, given, arguments.who or _user(), _tell, arguments.override)
    print("\n".join(report.lines()))
    if report.defects:
        return 2
    return 0 if report.published and not any(report.serving.values()) else 1


def versions(arguments: argparse.Namespace) -> int:
    """List the versions, or roll back to one; returns the exit code."""
    from wence.activation import active
    from wence.publish import publishing
    from wence.publish.versions import versions as all_versions

    settings = wence_settings.load()
    if arguments.action == "rollback":
        report = publishing.roll_back(settings, arguments.number, arguments.who or _user(), _tell)
        print("\n".join(report.lines()))
        return 1 if any(report.serving.values()) else 0
    now = active(settings)
    for found in all_versions(settings):
        told = found.report()
        when = datetime.datetime.fromtimestamp(told["time"], LOCAL_TIME).replace(tzinfo=None).isoformat(" ", "minutes")
        mark = "(现在启用)" if now and now.version == found.number else ""
        model = "" if (settings.models / found.model).is_file() else ",模型已不在,退回要重新训练"
        print(f"第{found.number}版{mark}  {when}  {told['who'] or '安装时'}{model}")
    return 0


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text} 不是版本的号码")
    return int(text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "未知"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
