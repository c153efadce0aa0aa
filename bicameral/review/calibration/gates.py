"""The gate in force: the newest row of `calibrations.jsonl`, or the default where there is none.

Read once at the start of a server or a command. What cannot be trusted is never half used:
the default holds instead, and the person is told.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import msgspec

from bicameral.capture.rows import read_lines_backwards
from bicameral.preflight.topic import MOST_HOLDERS, Gate

CALIBRATIONS_FILE = "calibrations.jsonl"
SCHEMA = 1
MOST_SHOWN = 20
"""A preflight never returns more decisions than this."""
MOST_BYTES = 64_000_000


class GateValues(msgspec.Struct, frozen=True, kw_only=True):
    """A gate as a row holds it: every number is named, so that no default can slip in."""

    coverage: float
    lone_coverage: float
    commonest: float
    always_rare: int
    of_best: float
    most: int


class CalibrationRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of the gate. From `ts` on, `gate` holds; `previous` held until then.

    `evidence` is what the change rests on: counts, costs, folds, and the ids of the labelled
    rows. `package` is the version that wrote it.
    """

    ts: str
    action: Literal["apply", "revert"]
    who: str
    gate: GateValues
    previous: GateValues
    package: str
    evidence: dict[str, object] = {}
    schema: int = SCHEMA


def read_gate(home: Path, warn: Callable[[str], None]) -> Gate:
    """Return the gate in force; the default, with one warning, where it cannot be used.

    A missing file is the default without a word. Lines that are no rows are skipped.
    """
    try:
        lines = read_lines_backwards(home / CALIBRATIONS_FILE, most_bytes=MOST_BYTES)
        newest = next(rows_in(lines), None)
    except NotADirectoryError:
        return Gate()  # there is no home to hold the file; others say so
    except OSError as error:
        return _distrust(warn, error.strerror or str(error))
    if newest is None:
        return Gate()
    if refusal := why_refused(newest):
        return _distrust(warn, refusal)
    return gate_of(newest.gate)


def rows_in(lines: Iterable[bytes]) -> Iterator[CalibrationRow]:
    """Yield the rows among some lines; what a crash tore or a hand wrote is passed over."""
    decoder = msgspec.json.Decoder(CalibrationRow)
    for line in lines:
        try:
            yield decoder.decode(line)
        except ValueError:
            continue


def why_refused(row: CalibrationRow) -> str:
    """Return why a row's gate cannot be used, or nothing."""
    if row.schema > SCHEMA:
        return "a newer version wrote its last row"
    gate = row.gate
    shares = (gate.coverage, gate.lone_coverage, gate.commonest, gate.of_best)
    if not all(math.isfinite(share) and 0 <= share <= 1 for share in shares):
        return "a share in its last row is not between 0 and 1"
    if not (0 <= gate.always_rare <= MOST_HOLDERS and 1 <= gate.most <= MOST_SHOWN):
        return "a number in its last row is out of range"
    return ""


def gate_of(values: GateValues) -> Gate:
    """Return the gate that a row holds."""
    return Gate(**msgspec.structs.asdict(values))


def values_of(gate: Gate) -> GateValues:
    """Return a gate as a row holds it."""
    return GateValues(**asdict(gate))


def _distrust(warn: Callable[[str], None], reason: str) -> Gate:
    warn(
        f"{CALIBRATIONS_FILE} cannot be used ({reason}); the default topic gate holds. "
        "See `bicameral-mcp calibrate --history`"
    )
    return Gate()
