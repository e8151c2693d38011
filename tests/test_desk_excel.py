from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wence.desk.excel import reading
from wence.desk.excel.cells import CUT, MOST_CHARACTERS, escaped, unescaped
from wence.desk.excel.errors import UnreadableError
from wence.desk.excel.reading import Bad, read
from wence.desk.excel.sheets import Column, Sheet, workbook

ANY_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", "'=1", "''=1"]


def file_of(*texts: str) -> bytes:
    columns = tuple(Column(f"列{number}") for number in range(len(texts)))
    return workbook([Sheet("问答", columns, [texts])])


def typed(value: object) -> bytes:
    book = openpyxl.Workbook()
    book.active.append([value])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    file = io.BytesIO(file_of("问"))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return file.getvalue()


@settings(max_examples=40)
@given(ANY_TEXT.filter(str.strip))
@example("'=1")
@example("_x0041_")
@example("a\r\nb\x00\ufffe")
@example("#N/A")
@example("😀=")
def test_any_text_survives_going_out_and_coming_in(text: str) -> None:
    (head, line) = read(file_of(text))["问答"]
    assert line.cells == (text,)
    assert head.cells == ("列0",)


@settings(max_examples=40)
@given(st.one_of(ANY_TEXT, st.sampled_from(RISKY)))
def test_what_goes_out_is_never_a_formula(text: str) -> None:
    cell = openpyxl.load_workbook(io.BytesIO(file_of(text)))["问答"]["A2"]
    assert cell.data_type == ("s" if text else "n")  # an empty cell is a number


@pytest.mark.parametrize("text", RISKY)
def test_what_could_be_taken_for_a_formula_is_marked_as_text_and_reads_the_same(text: str) -> None:
    cell = openpyxl.load_workbook(io.BytesIO(file_of(text)))["问答"]["A2"]
    assert cell.quotePrefix
    assert unescaped(cell.value) == text


def test_a_guard_that_another_program_wrote_is_taken_off() -> None:
    assert read(typed("'=1+1"))["Sheet"][0].cells == ("=1+1",)
    assert read(typed("'引号"))["Sheet"][0].cells == ("'引号",)


def test_a_formula_that_comes_in_is_refused_with_what_to_do() -> None:
    (cell,) = read(typed("=1+1"))["Sheet"][0].cells
    assert isinstance(cell, Bad)
    assert "公式" in cell.why


def test_a_text_longer_than_a_cell_says_that_it_was_cut() -> None:
    cut = escaped("长" * (MOST_CHARACTERS + 1))
    assert len(cut) <= MOST_CHARACTERS
    assert cut.endswith(CUT)


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (2.0, "2"), (2.5, "2.5")])
def test_a_number_is_read_as_it_is_shown(value: float, text: str) -> None:
    assert read(typed(value))["Sheet"][0].cells == (text,)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "不是 Excel 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, ".xls"),
        (b"PK\x03\x04broken", "损坏"),
        (b"\0" * (reading.MOST_BYTES + 1), "MB"),
        (with_part("xl/vbaProject.bin", b"macro"), "宏"),
        (with_part("xl/bomb.bin", b"\0" * (reading.MOST_UNPACKED + 1)), "太大"),
        (with_part("xl/evil.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "不该有"),
        (
            with_part("xl/evil.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><x/>'.encode("utf-16")),
            "不该有",
        ),
        (with_part("xl/evil.xml", b"<x>"), "损坏"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_what_to_do(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableError, match=told):
        read(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for sent in (data, b"PK\x03\x04" + data):
        with pytest.raises(UnreadableError):
            read(sent)


def test_too_many_rows_are_refused() -> None:
    rows = [("问",)] * (reading.MOST_ROWS + 1)
    with pytest.raises(UnreadableError, match="行"):
        read(workbook([Sheet("问答", (Column("问题"),), rows)]))
