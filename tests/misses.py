"""What tests of missed questions share: a turn, a miss, and how it was understood."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

from wence import settings
from wence.misses.entries import Miss
from wence.misses.understood import Understood
from wence.misses.why import Why
from wence.replies import Reply, Status
from wence.settings import Settings
from wence.state.turns import Turn

NOW = 1_790_000_000.0
SENDER = "0123456789abcdef" * 2
UNDERSTOOD = Understood(
    "45632d", 0.41, (("lead_unit", 0.41), ("unit_role", 0.2)), (("a.b", 0.3),), ("task.community",), ("社保卡",)
)
MISS = Miss(
    id="reply-1",
    why=Why.ASKED_BACK,
    time=NOW,
    asked=NOW,
    channel="web",
    sender=SENDER,
    message="社保卡\n归谁管",
    status=Status.CLARIFY,
    reply="您想问的是哪一个？",
    facts=("a.b",),
    understood=UNDERSTOOD,
    model="27696af0",
)


def miss(**changes: Any) -> Miss:
    """A miss that differs in some fields."""
    return dataclasses.replace(MISS, **changes)


def turn(status: Status, understood: Understood | None = UNDERSTOOD, **more: Any) -> Turn:
    """A turn with a reply of this status."""
    known = understood.as_dict() if understood else None
    return Turn("web", "s", "谁牵头", Reply(status, "回答。", ("a.b",)), understood=known, created=NOW, **more)


def wanted(folder: pathlib.Path, **environment: str) -> Settings:
    """Settings with a state of their own."""
    return settings.load({"WENCE_STATE": str(folder), **environment})
