"""Keeps personal numbers out of the log: `install(mask)`, for every logger and every handler of a process.

Rasa's debug log quotes what citizens said, and the traceback of an error may quote anything. Much of it is
JSON, where the escape of a Chinese character ends in digits, which would run into those of a number: so
escapes become the characters that they stand for, which people can read, too.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from typing import Any

from wence.privacy import Masker

# The logger through which Rasa's file broker writes: `MaskedBroker` has masked the events, and JSON they must stay.
EVENTS_LOGGER = "event-logger"
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def install(mask: Masker) -> None:
    """Make every further record of the log masked; installing again replaces the masker."""
    previous = logging.getLogRecordFactory()
    stock = getattr(previous, "stock", previous)
    formatter = logging.Formatter()

    def make(*arguments: Any, **more: Any) -> logging.LogRecord:
        record: logging.LogRecord = stock(*arguments, **more)
        if record.name == EVENTS_LOGGER:
            return record
        try:
            said = record.getMessage()
        except (TypeError, ValueError):  # the message does not fit its arguments
            said = f"{record.msg} {record.args}"
        record.msg, record.args = mask(_ESCAPES.sub(_characters, said)), ()
        if record.exc_info and record.exc_info[0]:
            record.exc_text = mask(_ESCAPES.sub(_characters, formatter.formatException(record.exc_info)))
        return record

    make.stock = stock  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make)


def _characters(escapes: re.Match[str]) -> str:
    """The characters of a row of escapes, without those that would disturb the log."""
    text: str = json.loads(f'"{escapes[0]}"')
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
