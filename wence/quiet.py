"""Keeps warnings out of the log that nobody who runs the assistant can act on."""

from __future__ import annotations

import importlib
import warnings


def silence_deprecations() -> None:
    """Leave out what libraries say about libraries: Rasa 3.6 uses much that has been deprecated since.

    Python does so by itself, but two libraries switch these warnings on when they are imported: they come first.
    """
    for name in ("sanic", "pyparsing"):
        importlib.import_module(name)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    # Rasa says so of every domain that has slots, whatever their mappings.
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed", category=UserWarning)
