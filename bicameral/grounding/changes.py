"""What a diff says of each file: one line of git's name and status listing as a value."""

import os
from dataclasses import dataclass
from typing import Literal

ChangeStatus = Literal["added", "deleted", "modified", "renamed", "copied", "type_changed"]

_STATUSES: dict[str, ChangeStatus] = {
    "A": "added",
    "D": "deleted",
    "M": "modified",
    "R": "renamed",
    "C": "copied",
    "T": "type_changed",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One file between two trees; `old_path` only where it was renamed or copied."""

    status: ChangeStatus
    path: str
    old_path: str | None = None


def parse_changes(listing: bytes) -> list[Change]:
    """Read the output of `--name-status -z`: status, then one path, or two for a rename."""
    fields = iter(os.fsdecode(field) for field in listing.split(b"\0") if field)
    changes = []
    for letter in fields:
        status = _STATUSES.get(letter[0], "modified")
        old_path = next(fields) if status in {"renamed", "copied"} else None
        changes.append(Change(status, next(fields), old_path))
    return changes
