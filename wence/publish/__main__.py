"""Publishes as `wence publish` does: `python -m wence.publish`, for the desk, which it outlives."""

from __future__ import annotations

import sys

from wence.cli import main

if __name__ == "__main__":
    sys.exit(main(["publish", *sys.argv[1:]]))
