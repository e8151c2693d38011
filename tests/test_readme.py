from __future__ import annotations

import argparse
import dataclasses
import re
from collections.abc import Iterator

import pytest

from wence import cli, settings
from wence.replies import Status
from wence.settings import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")
CONTRACT = (PROJECT / "docs" / "contract.md").read_text(encoding="utf-8")
DECISIONS = sorted((PROJECT / "docs" / "adr").glob("[0-9]*.md"))
# What a run works out from the settings and hands to its processes; nobody sets these.
WORKED_OUT = {"ACTION_PORT", "ACTION_URL"}


def described_settings() -> list[str]:
    return re.findall(r"^    ([A-Z][A-Z_]+) {2,}\S", settings.__doc__ or "", re.MULTILINE)


def commands(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield name, parser
    for action in inner:
        for choice, subparser in action.choices.items():
            yield from commands(subparser, f"{name} {choice}")


ALL_COMMANDS = dict(commands(cli._parser(), "wence"))


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_docstring_of_the_settings_names_each_of_them() -> None:
    read = set(settings.load({}).environment()) - WORKED_OUT

    assert set(described_settings()) == read
    assert len(read) == len(dataclasses.fields(settings.Settings))


@pytest.mark.parametrize("name", described_settings())
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in section("设置")


def test_every_command_of_the_table_is_looked_for() -> None:
    assert {name.split()[1] for name in ALL_COMMANDS} == {command.name for command in cli.COMMANDS}


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_stands_in_the_readme_with_its_options(name: str) -> None:
    told = section("命令")
    options = [option for action in ALL_COMMANDS[name]._actions for option in action.option_strings]

    assert f"| `{name}" in told
    assert [option for option in options if option not in ("-h", "--help") and option not in told] == []


@pytest.mark.parametrize("status", Status)
def test_every_status_stands_in_the_readme_and_the_contract(status: Status) -> None:
    assert f"`{status.value}`" in section("用语")
    assert f"| `{status.value}` |" in CONTRACT


def test_every_decision_is_linked_from_the_readme() -> None:
    assert [decision.name for decision in DECISIONS if f"(docs/adr/{decision.name})" not in README] == []


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_what_the_readme_links_to_exists(target: str) -> None:
    assert (PROJECT / target).exists()


def test_no_figure_is_left_to_be_filled_in() -> None:
    assert re.findall(r"@@\w*", README + CONTRACT) == []
