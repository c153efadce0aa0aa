"""The last reconciliation in a few figures, for hooks and tools that have no time to look.

Standard library only. A summary that cannot be read is as good as none.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

SUMMARY_FILE = "last_reconciliation.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Summary:
    """How the last run ended. `error` is its code and a sentence, or empty.

    `added` are the rows of that run by class, `totals` all that stand in the review file.
    """

    finished_at: str
    added: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    open_sessions: int = 0
    skipped_lines: int = 0
    seconds: float = 0.0
    error: str = ""
    schema: int = SCHEMA


def encode_summary(summary: Summary) -> bytes:
    """Return a summary as it stands in its file."""
    return (json.dumps(asdict(summary), sort_keys=True) + "\n").encode("utf-8")


def read_summary(home: Path) -> Summary | None:
    """Return how the last reconciliation ended; None if there was none that can be read."""
    try:
        found = json.loads((home / SUMMARY_FILE).read_bytes())
        return Summary(
            finished_at=str(found["finished_at"]),
            added=_counts(found["added"]),
            totals=_counts(found["totals"]),
            open_sessions=int(found["open_sessions"]),
            skipped_lines=int(found["skipped_lines"]),
            seconds=float(found["seconds"]),
            error=str(found["error"]),
            schema=int(found["schema"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _counts(found: Mapping[str, int]) -> dict[str, int]:
    return {str(name): int(number) for name, number in found.items()}
