"""Calibrations on record: each apply and each revert is one row, appended and on the disk.

Nothing is changed or removed, so every gate that ever held can be seen, and the one before
can be brought back. Whoever writes holds the lock of the file, so no two build on one state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bicameral import __version__
from bicameral.capture.durable import durable_file
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home
from bicameral.errors import TransitionRefused
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.gates import (
    CALIBRATIONS_FILE,
    CalibrationRow,
    gate_of,
    rows_in,
    values_of,
    why_refused,
)

LOCK_ATTEMPTS = 10_000


@dataclass(frozen=True, slots=True)
class History:
    """All rows, oldest first; `skipped` counts the lines that were none."""

    rows: Sequence[CalibrationRow]
    skipped: int


def read_history(home: Path) -> History:
    """Return every change of the gate; none where there is no file. Raises `OSError`."""
    try:
        content = (home / CALIBRATIONS_FILE).read_bytes()
    except FileNotFoundError:
        return History((), 0)
    return _history_in(content)


def apply_gate(
    environment: Environment, gate: Gate, *, evidence: Mapping[str, object], who: str
) -> CalibrationRow:
    """Put a gate in force and return its row. Raises `OSError` and `HomeUnusable`."""

    def row(history: History) -> CalibrationRow:
        return CalibrationRow(
            ts=Stamps().write(environment.time_ns()),
            action="apply",
            who=who,
            gate=values_of(gate),
            previous=values_of(gate_in_force(history.rows)),
            package=__version__,
            evidence=dict(evidence),
        )

    return _append(environment, row)


def revert_gate(environment: Environment, *, who: str) -> CalibrationRow:
    """Bring back the gate before the last apply that was not reverted; return the row.

    Raises `TransitionRefused` when there is none, `OSError` and `HomeUnusable`.
    """

    def row(history: History) -> CalibrationRow:
        undone = last_standing(history.rows)
        if undone is None:
            raise TransitionRefused(
                "no calibration is in force, so there is none to revert",
                next_step="see what there was with `bicameral-mcp calibrate --history`",
            )
        return CalibrationRow(
            ts=Stamps().write(environment.time_ns()),
            action="revert",
            who=who,
            gate=undone.previous,
            previous=values_of(gate_in_force(history.rows)),
            package=__version__,
        )

    return _append(environment, row)


def gate_in_force(rows: Sequence[CalibrationRow]) -> Gate:
    """Return the gate that the last row puts in force; the default where it cannot be used."""
    if not rows or why_refused(rows[-1]):
        return Gate()
    return gate_of(rows[-1].gate)


def last_standing(rows: Sequence[CalibrationRow]) -> CalibrationRow | None:
    """Return the last apply that no revert took back."""
    standing: list[CalibrationRow] = []
    for row in rows:
        if row.action == "apply":
            standing.append(row)
        elif standing:
            standing.pop()
    return standing[-1] if standing else None


def _history_in(content: bytes) -> History:
    lines = [line for line in content.split(b"\n") if line.strip()]
    rows = tuple(rows_in(lines))
    return History(rows, len(lines) - len(rows))


def _append(environment: Environment, make: Callable[[History], CalibrationRow]) -> CalibrationRow:
    """Read, decide and write under one lock; the row is on the disk before this returns."""
    path = prepare_home(environment.home) / CALIBRATIONS_FILE
    with durable_file(path, attempts=LOCK_ATTEMPTS) as calibrations:
        row = make(_history_in(calibrations.read()))
        calibrations.append(msgspec.json.encode(row))
    return row
