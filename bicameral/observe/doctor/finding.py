"""What one check found: passed, failed or not checked, why, on what evidence, and the mend.

A skipped check is never a passed one: its reason says what was not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["PASS", "FAIL", "SKIP"]
# What stands in a report's `details`: plain values, so that any program can read them.
Detail = str | int | float | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check; `mend` is the command or step that mends a failure."""

    status: Status
    reason: str
    evidence: tuple[str, ...] = ()
    mend: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)


def passed(reason: str, *evidence: str, **details: Detail) -> Finding:
    """Return that all is as it should be."""
    return Finding("PASS", reason, evidence, "", details)


def failed(reason: str, *evidence: str, mend: str, **details: Detail) -> Finding:
    """Return what is wrong, and what mends it."""
    return Finding("FAIL", reason, evidence, mend, details)


def skipped(reason: str, *evidence: str, mend: str = "", **details: Detail) -> Finding:
    """Return why nothing was checked; `mend` is what would make it checkable, if anything."""
    return Finding("SKIP", reason, evidence, mend, details)
