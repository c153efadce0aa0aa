"""Which spans belong to a session: the root of a call names it, and those below name the root."""

from collections.abc import Callable, Iterable
from pathlib import Path

from bicameral.capture.rewriting import lines_of
from bicameral.removal.lines import Row, read_row

_DEEPEST = 1_000


def tree_of_session(
    files: Iterable[Path], session_id: str, is_wanted: Callable[[Row], bool]
) -> frozenset[str]:
    """Return the ids of the spans of a session's calls, of those that `is_wanted` alone.

    A span is written when it ends, so a call's root stands behind what it led to.
    """
    parents: dict[str, str | None] = {}
    named: set[str] = set()
    wanted: set[str] = set()
    for path in files:
        with path.open("rb") as file:
            for line in lines_of(file, path.stat().st_size):
                row = read_row(line)
                if row is None or not isinstance(row.trace_id, str):
                    continue
                parents[row.trace_id] = row.parent_id if isinstance(row.parent_id, str) else None
                if isinstance(row.metadata, dict) and row.metadata.get("session_id") == session_id:
                    named.add(row.trace_id)
                if is_wanted(row):
                    wanted.add(row.trace_id)
    return frozenset(each for each in wanted if _is_below(each, named, parents))


def _is_below(span_id: str, named: set[str], parents: dict[str, str | None]) -> bool:
    """Tell whether a span, or any that it was opened in, is named."""
    above: str | None = span_id
    for _ in range(_DEEPEST):  # a damaged file may hold a circle
        if above is None or above in named:
            break
        above = parents.get(above)
    return above in named
