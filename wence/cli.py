"""The command line, `wence`.

Every command stands in COMMANDS: its name, what it says about itself, what it takes, what it does. A
command gets the parsed arguments and returns the exit code; a module that a command needs is imported
when it runs. What ends a command for a reason that its user can mend is one line and exit code 2.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence

from wence import knowledge_commands, settings, wechat_commands
from wence.activation import ActivationError
from wence.additions import AdditionsError
from wence.additions import command as additions
from wence.desk import command as desk
from wence.evaluation import command as evaluation
from wence.misses import command as misses
from wence.misses.errors import MissesError
from wence.preflight import StartError
from wence.publish import command as publishing
from wence.publish.errors import PublishError

MENDABLE = 2


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of `wence`."""

    name: str
    help: str
    failed: str
    do: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], object] = lambda parser: None


def _run(_: argparse.Namespace) -> int:
    from wence import run

    try:
        run.run(settings.load())
    except run.AlreadyTold:
        return MENDABLE
    except run.RunError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(arguments: argparse.Namespace) -> int:
    from wence import run, training

    print(training.ensure_model(settings.load(), run.tell, anew=arguments.anew))
    return 0


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--anew", action="store_true", help="已有模型也重新训练")


def _evaluate(arguments: argparse.Namespace) -> int:
    return evaluation.evaluate(arguments)


COMMANDS = (
    Command("run", "启动服务(需要时先训练)", "启动失败", _run),
    Command("train", "训练模型;已有最新的就不再训练", "训练失败", _train, _train_arguments),
    Command(
        "knowledge",
        "检查知识;查没有写的内容和事实",
        "知识有误",
        knowledge_commands.run,
        knowledge_commands.add_arguments,
    ),
    Command("additions", "补充:列出、检查、写进知识和例句", "没有完成", additions.run, additions.add_arguments),
    Command("misses", "查答漏的问题", "没有成功", misses.run, misses.add_arguments),
    Command("desk", "审核台的人员", "没有成功", desk.run, desk.add_arguments),
    Command(
        "publish",
        "发布补充:检查、训练、测量、过门槛、启用",
        "没有发布",
        publishing.publish,
        publishing.add_publish_arguments,
    ),
    Command(
        "versions", "列出版本,或退回以前的版本", "没有成功", publishing.versions, publishing.add_versions_arguments
    ),
    Command(
        "wechat",
        "公众号和企业微信:检查连接,推送菜单",
        "没有完成",
        wechat_commands.run,
        wechat_commands.add_arguments,
    ),
    Command("evaluate", "量一量回答得对不对;或对意图作交叉验证", "测量失败", _evaluate, evaluation.add_arguments),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    command: Command = parsed.command
    try:
        return command.do(parsed)
    except (settings.SettingsError, StartError, MissesError, PublishError, AdditionsError, ActivationError) as error:
        print(f"{command.failed}:{error}", file=sys.stderr)
        return MENDABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wence", description="问策:回答市民对政策文件的提问")
    commands = parser.add_subparsers(required=True, metavar="命令")
    for command in COMMANDS:
        subparser = commands.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(subparser)
        subparser.set_defaults(command=command)
    return parser
