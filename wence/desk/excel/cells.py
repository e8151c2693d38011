r"""How a text stands in a cell of an Excel file, and how a cell is read back.

    put(cell, text)      the text as text, whatever it begins with
    taken(cell)          the text of a cell; CellError for a formula, or an error of Excel

A text that a spreadsheet could take for a formula gets Excel's own mark for text (`quotePrefix`, what an
apostrophe typed in front becomes): nobody sees it, and it stays when the cell is edited. What XML cannot
hold is written as `_x000D_`, as ECMA-376 (ST_Xstring) has it, so that every text comes back as it was.
A guard that another program wrote as a real apostrophe is taken off.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from wence.desk.excel.errors import ExcelError

#: What Excel, WPS or LibreOffice may begin a formula with, in both widths, and the apostrophe itself.
RISKY = frozenset("=+-@\t\r\n＝＋－＠'")
#: Excel's limit of a cell, in UTF-16 units.
MOST_CHARACTERS = 32_767
CUT = "……（太长，后面省略）"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class CellError(ExcelError):
    """What stands in a cell cannot be taken; the message says why and how to mend it."""


def put(cell: Any, text: str) -> None:
    """Put a text into a cell of openpyxl; never a formula, a number or an error."""
    if not text:
        cell.value = None
        return
    # Past openpyxl's own guess of what a text is.
    cell._value = escaped(text)
    cell.data_type = "s"
    cell.quotePrefix = text[:1] in RISKY


def taken(cell: Any) -> str:
    """Return the text of a cell that openpyxl read; raises CellError."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f" or not isinstance(value, (str, int, float, bool, datetime.date, datetime.time)):
        raise CellError("里面是公式，请改成文字：复制这一格，再“选择性粘贴”为“值”")
    if cell.data_type == "e":
        raise CellError(f"里面是 Excel 的错误 {value}，请重新填写")
    if not isinstance(value, str):
        return _shown(value)
    text = unescaped(value)
    is_guarded = text[:1] == "'" and text[1:2] in RISKY and not cell.style_array.quotePrefix
    return text[1:] if is_guarded else text


def escaped(text: str) -> str:
    """Return a text as XML can hold it, cut where it is longer than a cell can be."""
    written = _escape(text)
    if _length(written) <= MOST_CHARACTERS:
        return written
    kept = text[: MOST_CHARACTERS // 8]
    return _escape(kept) + CUT


def unescaped(written: str) -> str:
    """Return what `escaped`, or Excel, wrote; half a surrogate pair, which is no text, becomes U+FFFD."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), written)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escape(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _shown(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
