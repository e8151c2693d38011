"""The rows of an uploaded Excel file, once it is known to be harmless.

    rows = read(data)        for each sheet its rows, cells as text; UnreadableError

An .xlsx file is a zip of XML. Before openpyxl opens it: how large it is, packed and unpacked; that it holds no
macros, is not encrypted and no .xls of old; that no XML in it declares a document type or entities. Nothing
is ever computed: a formula is an error of its cell (`Bad`), which whoever reads the row tells of.
"""

from __future__ import annotations

import dataclasses
import io
import logging
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from wence.desk.excel.cells import CellError, taken
from wence.desk.excel.errors import UnreadableError

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
MOST_PARTS = 200
MOST_SHEETS = 10
MOST_ROWS = 2_000
MOST_COLUMNS = 30

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = 1
_BOOK = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Bad:
    """What stands in a cell that cannot be taken: why, and how to mend it."""

    why: str


@dataclasses.dataclass(frozen=True)
class Line:
    """A row: its number in the file, from 1, and its cells up to the last one that holds anything."""

    number: int
    cells: tuple[str | Bad, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it but blanks."""
        return all(isinstance(cell, str) and not cell.strip() for cell in self.cells)


def read(data: bytes) -> Mapping[str, tuple[Line, ...]]:
    """Return the rows of each sheet by its title, empty ones left out; raises UnreadableError."""
    _check(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        try:
            if len(book.worksheets) > MOST_SHEETS:
                raise UnreadableError(f"文件里有{len(book.worksheets)}张表，最多{MOST_SHEETS}张，请只留要导入的。")
            return {page.title: tuple(_lines(page)) for page in book.worksheets}
        finally:
            book.close()
    except UnreadableError:
        raise
    # Whatever a file that somebody made by hand provokes in openpyxl: it is told as one thing.
    except Exception as error:
        logger.warning("上传的 Excel 文件读不懂：%s", type(error).__name__)
        raise UnreadableError(
            "这个 Excel 文件读不懂，可能已经损坏。请在 Excel 或 WPS 里打开，另存为 .xlsx 再传。"
        ) from error


def _lines(page: Any) -> Iterator[Line]:
    page.reset_dimensions()  # what the file says of its size may be anything
    for number, row in enumerate(page.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS), 1):
        line = Line(number, _without_end(list(map(_cell, row))))
        if line.is_empty:
            continue
        if number > MOST_ROWS + 1:
            raise UnreadableError(f"表“{page.title}”超过{MOST_ROWS}行，请分成几个文件。")
        yield line


def _without_end(cells: list[str | Bad]) -> tuple[str | Bad, ...]:
    """The cells up to the last one in which something stands."""
    while cells and cells[-1] == "":
        cells.pop()
    return tuple(cells)


def _cell(cell: Any) -> str | Bad:
    try:
        return taken(cell)
    except CellError as error:
        return Bad(str(error))


def _check(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise UnreadableError(
            f"文件有{len(data) / 1e6:.1f} MB，最多{MOST_BYTES / 1e6:.0f} MB。请删去图片，或分成几个文件。"
        )
    if data.startswith(_OLD_OFFICE):
        raise UnreadableError(
            "这是旧格式（.xls）或加了密码的文件。请在 Excel 或 WPS 里打开，去掉密码，“另存为”“Excel 工作簿（.xlsx）”再传。"
        )
    if not data.startswith(_ZIP):
        raise UnreadableError("这不是 Excel 文件。请传 .xlsx 文件，最好用这里下载的模板。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_parts(packed)
    except (zipfile.BadZipFile, ParseError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableError("这个文件已经损坏。请在 Excel 或 WPS 里打开，另存为 .xlsx 再传。") from error


def _check_parts(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    # What is unpacked never exceeds what is declared: zipfile stops there.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableError("这个文件解开以后太大，不能读。请只留要导入的表，把内容复制到这里下载的模板里再传。")
    names = {part.filename for part in parts}
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise UnreadableError("这个文件加了密码。请去掉密码再传。")
    if any("vbaproject" in name.lower() or "macrosheets/" in name.lower() for name in names):
        raise UnreadableError("这个文件带有宏（.xlsm），不能收。请“另存为”“Excel 工作簿（.xlsx）”再传。")
    if not {_BOOK, _TYPES} <= names:
        raise UnreadableError("这不是 Excel 文件。请传 .xlsx 文件，最好用这里下载的模板。")
    if b"macroenabled" in packed.read(_TYPES).lower():
        raise UnreadableError("这个文件带有宏（.xlsm），不能收。请“另存为”“Excel 工作簿（.xlsx）”再传。")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            _check_xml(packed.read(part))


class _Nothing:
    """A target that builds nothing of what is parsed."""

    def close(self) -> None:
        """End."""


def _check_xml(content: bytes) -> None:
    parser = DefusedXMLParser(target=_Nothing(), forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableError("这个文件里有不该有的内容，不能收。请把内容复制到这里下载的模板里再传。") from error
