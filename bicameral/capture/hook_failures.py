"""Hook failures: what a client's hook could not do, kept until a person looks.

A hook always tells its client that all is well, so this file is where its failure shows.
Standard library only, as all of a hook's way; a row holds no path and no content.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.log import RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import SCHEMA, encode_row, read_lines_backwards
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment

HOOK_FAILURES_FILE = "hook_failures.jsonl"
# A hook that fails at every edit must not fill a disk; the newest rows say as much as all.
# By size alone: hooks fail seldom, and a new row must not go with an old one before it.
LIMITS = Limits(size_bytes=250_000, age_seconds=3_650 * 86_400, keep=1)
MOST_BYTES = 500_000
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class HookFailure:
    """One failure; `ts` is its stamp, `hook` the hook's name, `reason` a sentence of ours."""

    ts: str
    hook: str
    reason: str


def record_hook_failure(environment: Environment, *, hook: str, reason: str) -> None:
    """Append one row to `hook_failures.jsonl`; `reason` names no path and quotes no content.

    Raises `OSError` or `HomeUnusable` when the home cannot take it.
    """
    time_ns = environment.time_ns()
    row = {
        "ts": Stamps().write(time_ns),
        "hook": hook,
        "reason": " ".join(reason.split())[:LONGEST_REASON],
        "schema": SCHEMA,
    }
    log = RotatedLog(environment.home / HOOK_FAILURES_FILE, limits=LIMITS)
    log.append(encode_row(row), time_ns=time_ns)
    log.close()


def read_hook_failures(home: Path) -> list[HookFailure]:
    """Return the failures on record, newest last; lines that are none are skipped.

    Raises `OSError` when the file is there and cannot be read.
    """
    lines = read_lines_backwards(home / HOOK_FAILURES_FILE, most_bytes=MOST_BYTES)
    found = [failure for line in lines if (failure := _read(line)) is not None]
    return found[::-1]


def _read(line: bytes) -> HookFailure | None:
    try:
        row = json.loads(line)
        values = [row["ts"], row["hook"], row["reason"]]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    return HookFailure(*values) if all(isinstance(value, str) for value in values) else None
