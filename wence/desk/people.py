"""Who works at the desk, and who may see what.

Role       what somebody is: 审核员 or 管理员
Who        who may use a route: everybody, any signed-in person, admins
Person     somebody who is signed in
"""

from __future__ import annotations

import dataclasses
import enum


class Role(str, enum.Enum):
    """What a person is."""

    REVIEWER = "reviewer"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """What the role is called on a page."""
        return {Role.REVIEWER: "审核员", Role.ADMIN: "管理员"}[self]


class Who(enum.Enum):
    """Who may use a route."""

    PUBLIC = "public"
    REVIEWER = "reviewer"
    ADMIN = "admin"


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: int
    name: str
    role: Role

    @property
    def is_admin(self) -> bool:
        """Whether this is an admin."""
        return self.role is Role.ADMIN

    def may(self, who: Who) -> bool:
        """Whether this person may use a route for `who`."""
        return self.is_admin or who is not Who.ADMIN
