"""Keeps personal numbers out of the log: `install(mask)`, for every logger and every handler of a process.

Rasa's debug log quotes what citizens said, and the traceback of an error may quote anything.
"""

from __future__ import annotations

import logging
from typing import Any

from wence.privacy import Masker


def install(mask: Masker) -> None:
    """Make every further record of the log masked; installing again replaces the masker."""
    previous = logging.getLogRecordFactory()
    stock = getattr(previous, "stock", previous)
    formatter = logging.Formatter()

    def make(*arguments: Any, **more: Any) -> logging.LogRecord:
        record: logging.LogRecord = stock(*arguments, **more)
        try:
            said = record.getMessage()
        except (TypeError, ValueError):  # the message does not fit its arguments
            said = f"{record.msg} {record.args}"
        record.msg, record.args = mask(said), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = mask(formatter.formatException(record.exc_info))
        return record

    make.stock = stock  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make)
