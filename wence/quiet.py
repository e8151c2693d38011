"""Keeps warnings out of the log that nobody who runs the assistant can act on."""

from __future__ import annotations

import importlib
import warnings


def silence_deprecations() -> None:
    """Leave out what libraries say about libraries: Rasa 3.6 uses much that has been deprecated since.

    Python does so by itself, but Sanic switches these warnings on when it is imported: so it comes first.
    """
    importlib.import_module("sanic")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
