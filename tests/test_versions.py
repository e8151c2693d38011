"""The versions on the disk, and the step from one to the next."""

from __future__ import annotations

import pathlib

import pytest

from wence import settings
from wence.activation import Active, active
from wence.additions import Additions, Example, published, published_file, write
from wence.publish import progress, versions
from wence.publish.errors import BusyError, VersionError
from wence.settings import Settings

ONE = Additions(examples=(Example("一期工程谁管", "lead_unit"),))


@pytest.fixture
def wanted(tmp_path: pathlib.Path) -> Settings:
    return settings.load({"WENCE_STATE": str(tmp_path)})


def add(wanted: Settings, number: int, additions: Additions = ONE) -> versions.Version:
    return versions.add(wanted, additions, f"{number:x}.tar.gz", {"who": "张三", "time": 1.0}, number)


def test_a_version_is_read_back_as_it_was_added(wanted: Settings) -> None:
    made = add(wanted, 1)
    (found,) = versions.versions(wanted)
    assert found == made
    assert found.additions() == ONE
    assert found.report() == {"who": "张三", "time": 1.0, "version": 1}


def test_a_chosen_version_is_active_with_its_additions(wanted: Settings) -> None:
    versions.choose(wanted, add(wanted, 1))
    assert active(wanted) == Active(1, "1.tar.gz")
    assert published(wanted) == ONE


def test_versions_are_in_the_order_of_their_numbers(wanted: Settings) -> None:
    for number in (10, 9, 2):
        add(wanted, number)
    assert [found.number for found in versions.versions(wanted)] == [2, 9, 10]
    assert versions.next_number(wanted) == 11


def test_what_is_half_made_is_no_version_and_its_number_is_not_given_again(wanted: Settings) -> None:
    (versions.folder_of(wanted) / "4").mkdir(parents=True)
    (versions.folder_of(wanted) / ".building-x").mkdir()
    assert versions.versions(wanted) == []
    assert versions.next_number(wanted) == 5
    add(wanted, 5)
    assert not (versions.folder_of(wanted) / ".building-x").exists()


def test_a_version_that_is_not_there_is_named(wanted: Settings) -> None:
    with pytest.raises(VersionError, match="没有第7版"):
        versions.version(wanted, 7)


@pytest.mark.parametrize("left", ["old", "nothing", "rubbish"])
def test_published_additions_that_were_left_behind_are_brought_along(wanted: Settings, left: str) -> None:
    versions.choose(wanted, add(wanted, 1))
    if left == "old":
        write(Additions.empty(), published_file(wanted))
    elif left == "nothing":
        published_file(wanted).unlink()
    else:
        published_file(wanted).write_text("examples: [")
    versions.mend(wanted)
    assert published(wanted) == ONE


def test_the_models_of_the_last_ten_versions_and_of_the_active_one_are_kept(wanted: Settings) -> None:
    for number in range(1, 15):
        add(wanted, number)
    versions.choose(wanted, versions.version(wanted, 2))
    assert versions.models_kept(wanted) == {"2.tar.gz"} | {f"{number:x}.tar.gz" for number in range(5, 15)}


def test_one_publishes_at_a_time(wanted: Settings) -> None:
    with progress.alone(wanted):
        assert progress.is_running(wanted)
        with pytest.raises(BusyError, match="正在发布"), progress.alone(wanted):
            pass
    assert not progress.is_running(wanted)
