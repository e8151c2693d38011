"""A workbook from plain rows: `workbook(sheets)` returns the bytes of an .xlsx file.

Numbers stay numbers, so that they can be summed; every text is put as text (`wence.desk.excel.cells`).
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from wence.desk.excel import cells

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD = PatternFill("solid", fgColor="DCE6F1")
_GIVEN = PatternFill("solid", fgColor="F2F2F2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
#: What Excel takes in the name of a sheet.
_MOST_TITLE = 31

Value = str | int | float


@dataclasses.dataclass(frozen=True)
class Column:
    """A column: its title, how many characters wide, what may be chosen, and whether it is given, not filled in."""

    title: str
    width: int = 20
    choices: tuple[str, ...] = ()
    given: bool = False


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its columns and its rows."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    #: How many empty rows below may be filled in, with the choices of their columns.
    room: int = 0


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the file."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title[:_MOST_TITLE]), sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for number, column in enumerate(sheet.columns, 1):
        cell = page.cell(1, number)
        cells.put(cell, column.title)
        cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD, _WRAPPED
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.freeze_panes = "A2"
    for line, row in enumerate(sheet.rows, 2):
        for number, (value, column) in enumerate(zip(row, sheet.columns, strict=True), 1):
            _put(page.cell(line, number), value, column)
    _offer(page, sheet)
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"


def _put(cell: Cell, value: Value, column: Column) -> None:
    if isinstance(value, str):
        cells.put(cell, value)
    else:
        cell.value = value
    cell.alignment = _WRAPPED
    cell.protection = Protection(locked=column.given)
    if column.given:
        cell.fill = _GIVEN


def _offer(page: Worksheet, sheet: Sheet) -> None:
    """Let a column's choices be chosen from a list; what is typed is checked when the file comes back."""
    last = len(sheet.rows) + sheet.room + 1
    for number, column in enumerate(sheet.columns, 1):
        if column.choices and last > 1:
            letter = get_column_letter(number)
            offered = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            offered.showErrorMessage = False
            offered.add(f"{letter}2:{letter}{last}")
            page.add_data_validation(offered)
