"""What the processes of an assistant hold together.

    memory_mb(pid)      megabytes (PSS) of a process and everything that it started

PSS counts a page that several processes share as the part of it that falls to each, so that a sum over
processes counts nothing twice.
"""

from __future__ import annotations

import pathlib

PROC = pathlib.Path("/proc")
KIB_PER_MIB = 1024


def memory_mb(*roots: int, proc: pathlib.Path = PROC) -> float:
    """Return the memory of processes and all their descendants."""
    return sum(pss_kib(_read(proc / str(pid) / "smaps_rollup")) for pid in family(*roots, proc=proc)) / KIB_PER_MIB


def family(*roots: int, proc: pathlib.Path = PROC) -> set[int]:
    """Return processes and all their descendants."""
    parents = {int(folder.name): parent_of(_read(folder / "stat")) for folder in proc.glob("[0-9]*")}
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(stat: str) -> int:
    """Return the parent that a /proc/…/stat names, 0 for a process that has ended."""
    # The name of the program stands in brackets and may itself hold brackets and spaces.
    fields = stat.rpartition(")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def pss_kib(rollup: str) -> int:
    """Return the proportional set size that a /proc/…/smaps_rollup names, 0 for a process that has ended."""
    for line in rollup.splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0])
    return 0


def _read(path: pathlib.Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
