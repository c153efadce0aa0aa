"""Rows asked of the real preflight, each in a session of its own, and what it answered.

Every row is asked on the same ledger, which no preflight changes, so their order is nothing.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bicameral.review.dataset import Asked, EvalRow
from bicameral.review.evaluation.project import build_project, files_of
from bicameral.review.evaluation.seeding import Call, Seeded, seed_ledger

Open = Callable[[Path, Path], AbstractContextManager[Call]]
"""Opens the tools on a repository (first) with a data home of its own (second)."""
Progress = Callable[[str, int, int], None]
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row and its answer: the keys that were shown, in their order.

    `latencies_ms` holds one figure for each repeat. `is_stable` is false where the repeats
    did not all show the same. `tokens` is an estimate of what the answer costs its reader.
    """

    row: EvalRow
    shown: tuple[str, ...]
    fired: bool
    reason: str
    tokens: int
    latencies_ms: tuple[float, ...]
    is_stable: bool = True

    @property
    def is_right(self) -> bool:
        """Whether exactly the expected decisions were shown, and none at all where none is."""
        return set(self.shown) == set(self.row.expected) and self.fired == bool(self.row.expected)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer as it came."""

    shown: tuple[str, ...]
    fired: bool
    reason: str
    tokens: int
    latency_ms: float


def run_rows(
    rows: Sequence[EvalRow],
    *,
    open_tools: Open,
    variables: Mapping[str, str],
    monotonic_ns: Callable[[], int],
    repeat: int = 1,
    progress: Progress = lambda _step, _done, _total: None,
) -> list[Outcome]:
    """Ask all rows in a temporary folder, which is removed whatever happens.

    Raises `DatasetRefused` where the rows cannot be seeded.
    """
    with tempfile.TemporaryDirectory(prefix="bicameral-eval-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        project = build_project(folder / "repository", variables, files_of(rows))
        with open_tools(project.root, folder / "home") as call:
            seeded = seed_ledger(
                call, project, rows, progress=lambda done, total: progress("seeded", done, total)
            )
            outcomes = []
            for number, row in enumerate(rows, start=1):
                outcomes.append(ask_row(call, seeded, row, monotonic_ns, repeat=repeat))
                progress("asked", number, len(rows))
            return outcomes


def ask_row(
    call: Call, seeded: Seeded, row: EvalRow, monotonic_ns: Callable[[], int], *, repeat: int
) -> Outcome:
    """Ask one row, as often as wanted, each time in a new session."""
    keys = seeded.keys_for(row)
    replies = []
    for number in range(repeat):
        session_id = f"{row.id}.{number}"
        for each in row.before:
            call("bicameral.preflight", _arguments(each, session_id))
        started = monotonic_ns()
        answer = call("bicameral.preflight", _arguments(row, session_id))
        replies.append(_reply(answer, keys, (monotonic_ns() - started) / 1e6))
    first = replies[0]
    return Outcome(
        row=row,
        shown=first.shown,
        fired=first.fired,
        reason=first.reason,
        tokens=first.tokens,
        latencies_ms=tuple(each.latency_ms for each in replies),
        is_stable=all((r.shown, r.fired) == (first.shown, first.fired) for r in replies),
    )


def estimate_tokens(answer: Mapping[str, Any]) -> int:
    """Return what an answer costs: the bytes of its compact JSON over four, rounded up."""
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def _arguments(asked: Asked | EvalRow, session_id: str) -> dict[str, object]:
    return {
        "topic": asked.topic,
        "file_paths": list(asked.file_paths),
        "session_id": session_id,
    }


def _reply(answer: Mapping[str, Any], keys: Mapping[str, str], latency_ms: float) -> Reply:
    return Reply(
        shown=tuple(keys[each["id"]] for each in answer.get("decisions", ())),
        fired=answer["fired"],
        reason=answer["reason"],
        tokens=estimate_tokens(answer),
        latency_ms=latency_ms,
    )
