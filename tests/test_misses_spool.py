from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.misses import MISS, NOW, SENDER, UNDERSTOOD, miss
from wence.misses import spool
from wence.misses.entries import Entry, Forgotten, Withdrawn, as_line, entries_in, entry_in
from wence.misses.errors import EntryError
from wence.misses.spool import Spool, files, read, remove

ENTRIES: tuple[Entry, ...] = (MISS, miss(understood=None, facts=()), Withdrawn("reply-1", NOW), Forgotten(SENDER, NOW))

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
MISS_FIELDS = sorted(json.loads(as_line(MISS)))


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_is_one_line_and_comes_back(entry: Entry) -> None:
    line = as_line(entry)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert entry_in(line) == entry


@given(TEXTS, TEXTS, st.floats(0, 1e11))
def test_whatever_a_citizen_writes_is_one_line_and_comes_back(message: str, reason: str, time: float) -> None:
    entry = miss(message=message, reason=reason, time=time)
    assert entries_in(as_line(entry)) == ([entry], 0)


def test_a_character_that_no_database_takes_is_left_out() -> None:
    assert entry_in(as_line(miss(message="谁\0"))) == miss(message="谁")


def test_half_a_character_is_replaced() -> None:
    assert entry_in(as_line(miss(message="谁\ud83d"))) == miss(message="谁?")


@given(st.binary())
def test_no_bytes_break_the_parser(data: bytes) -> None:
    entries_in(data)


@given(st.sampled_from(MISS_FIELDS), json_values)
def test_no_wrong_field_breaks_the_parser(field: str, value: Any) -> None:
    line = json.dumps({**json.loads(as_line(MISS)), field: value}).encode()
    found, broken = entries_in(line + b"\n" + as_line(MISS))
    assert len(found) + broken == 2
    assert found[-1] == MISS


@given(st.sampled_from(sorted(UNDERSTOOD.as_dict())), json_values)
def test_no_wrong_part_of_what_was_understood_breaks_the_parser(field: str, value: Any) -> None:
    data = json.loads(as_line(MISS))
    data["understood"][field] = value
    entries_in(json.dumps(data).encode())


@given(st.lists(st.sampled_from(ENTRIES), max_size=5), st.binary(max_size=30))
def test_lines_that_are_none_are_counted_and_the_others_found(entries: list[Entry], noise: bytes) -> None:
    noise = noise.replace(b"\n", b"") + b"{"
    data = noise + b"\n" + b"".join(map(as_line, entries))
    assert entries_in(data) == (entries, 1)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b'{"kind":"other"}',
        b'{"kind":["miss"]}',
        b'{"kind":"withdrawn","id":"x"}',
        b'{"kind":"withdrawn","id":"x","time":NaN}',
        b'{"kind":"withdrawn","id":"x","time":true}',
        b'{"kind":"withdrawn","id":"x","time":1e300}',
        b'{"kind":"withdrawn","id":"x","time":' + b"9" * 400 + b"}",
        b'{"kind":"withdrawn","id":"\\ud83d","time":1}',
        b'{"kind":"withdrawn","id":"x","time":1,"more":1}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(EntryError):
        entry_in(line)


@given(st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=4), st.data())
def test_cut_off_anywhere_the_whole_lines_before_are_found(entries: list[Entry], data: st.DataObject) -> None:
    whole = b"".join(map(as_line, entries))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    end = cut.rfind(b"\n") + 1
    assert entries_in(cut[:end]) == (entries[: cut.count(b"\n")], 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "misses"


def test_a_line_can_be_read_as_soon_as_it_is_appended(folder: Path) -> None:
    spooled = Spool(folder)
    spooled.append(b"one\n")
    (file,) = files(folder)
    assert read(file, 0) == (b"one\n", 4)
    spooled.append(b"two\n")
    assert read(file, 4) == (b"two\n", 8)
    spooled.close()


def test_nobody_else_may_read_it(folder: Path) -> None:
    Spool(folder).append(b"one\n")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files(folder)[0].stat().st_mode) == 0o600


def test_a_file_that_was_read_is_removed_and_the_next_line_begins_another(folder: Path) -> None:
    spooled = Spool(folder)
    spooled.append(b"one\n")
    (first,) = files(folder)
    assert remove(first, 4) == 0
    assert files(folder) == []
    spooled.append(b"two\n")
    (second,) = files(folder)
    assert second != first
    assert read(second, 0) == (b"two\n", 4)


def test_a_file_with_more_in_it_than_was_read_stays(folder: Path) -> None:
    spooled = Spool(folder)
    spooled.append(b"one\n")
    spooled.append(b"two\n")
    (file,) = files(folder)
    assert remove(file, 4) is None
    assert files(folder) == [file]


def test_a_cut_off_last_line_is_not_read_and_goes_with_its_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    file = folder / "1.jsonl"
    file.write_bytes(b"one\ntw")
    assert read(file, 0) == (b"one\n", 4)
    assert read(file, 4) == (b"", 4)
    assert remove(file, 4) == 2
    assert files(folder) == []


def test_nobody_waits_for_a_file_that_is_locked(folder: Path) -> None:
    spooled = Spool(folder)
    spooled.append(b"one\n")
    (locked,) = files(folder)
    with locked.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert remove(locked, 4) is None
        spooled.append(b"two\n")
    assert [read(file, 0)[0] for file in files(folder)] == [b"one\n", b"two\n"]


def test_a_full_file_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 6)
    spooled = Spool(folder)
    for line in (b"one\n", b"two\n", b"three\n"):
        spooled.append(line)
    assert [read(file, 0)[0] for file in files(folder)] == [b"one\ntwo\n", b"three\n"]


def test_when_too_many_files_wait_no_more_are_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_FILES", 1)
    Spool(folder).append(b"one\n")
    with pytest.raises(OSError, match="没有写入数据库"):
        Spool(folder).append(b"two\n")


def test_after_a_line_that_the_disk_cut_off_another_file_begins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spooled = Spool(folder)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:2]))
    with pytest.raises(OSError, match="space"):
        spooled.append(b"one\n")
    monkeypatch.undo()
    spooled.append(b"two\n")
    first, second = files(folder)
    assert (read(first, 0)[0], read(second, 0)[0]) == (b"", b"two\n")


def test_a_folder_that_cannot_be_made_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Spool(tmp_path / "file" / "misses").append(b"one\n")


def test_a_line_longer_than_one_reading_is_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_READ_BYTES", 4)
    Spool(folder).append(b"eleven chars\n")
    assert read(files(folder)[0], 0) == (b"eleven chars\n", 13)


def test_without_a_spool_there_are_no_files(folder: Path) -> None:
    assert files(folder) == []
