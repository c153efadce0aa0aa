"""`hook session-start`: what waits for a person, in a line; nothing when nothing waits.

Everything is read from small files that others left, never from the ledger, so that a
session begins at once.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from bicameral.capture.hook_failures import read_hook_failures
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment
from bicameral.review.reconciliation.summary import Summary, read_summary

MISS, FALSE_FIRE = "suspected_miss", "suspected_false_fire"
# Said here again, because the module that says it imports msgspec.
LABELS_FILE = "failure_labels.jsonl"
LATELY_NS = 24 * 3_600 * 1_000_000_000
LONGEST_REASON = 120


def run(environment: Environment, _sent: bytes) -> str:
    """Return the lines as the client takes them at a session's start, or "".

    The model reads `additionalContext`; `systemMessage` is what the person sees.
    """
    text = "\n".join(f"Bicameral: {line}" for line in lines(environment))
    if not text:
        return ""
    told = {"hookEventName": "SessionStart", "additionalContext": text}
    return json.dumps({"hookSpecificOutput": told, "systemMessage": text}) + "\n"


def lines(environment: Environment) -> Iterator[str]:
    """Yield what a person should know at the start of a session.

    Raises `OSError` when one of the files cannot be read.
    """
    summary = read_summary(environment.home)
    if summary is not None:
        yield from _waiting(summary, count_labelled(environment.home))
        if summary.error:
            said = _one_line(summary.error)
            yield f"the last reconciliation failed ({said}); `bicameral-mcp reconcile` tries again"
    yield from _failed_lately(environment)


def _waiting(summary: Summary, labelled: int) -> Iterator[str]:
    misses = summary.totals.get(MISS, 0)
    false_fires = summary.totals.get(FALSE_FIRE, 0)
    waiting = misses + false_fires - labelled
    if waiting <= 0:
        return
    if labelled:  # which kind the labelled ones are of is not known here
        what = _count(waiting, "suspect")
    else:
        kinds = (_count(misses, "suspected miss"), _count(false_fires, "suspected false fire"))
        what = " and ".join(filter(None, kinds))
    verb = "waits" if waiting == 1 else "wait"
    yield f"{what} {verb} for you: `bicameral-mcp triage next`"


def count_labelled(home: Path) -> int:
    """Return how many review rows have a label that stands; raises `OSError`."""
    depth: dict[str, int] = {}
    steps = {"label": 1, "undo": -1}
    for row in _rows(home / LABELS_FILE):
        review_id, step = str(row.get("review_id")), steps.get(str(row.get("action")), 0)
        depth[review_id] = max(0, depth.get(review_id, 0) + step)
    return sum(map(bool, depth.values()))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def _failed_lately(environment: Environment) -> Iterator[str]:
    since = Stamps().write(environment.time_ns() - LATELY_NS)
    failures = [each for each in read_hook_failures(environment.home) if each.ts >= since]
    if failures:
        count = _count(len(failures), "hook run")
        last = _one_line(f"{failures[-1].hook}: {failures[-1].reason}")
        yield f"{count} failed within a day ({last}); `bicameral-mcp triage list` shows them"


def _count(number: int, thing: str) -> str:
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}" if number else ""


def _one_line(text: str) -> str:
    """Return a text that came from a file, fit to stand in a line."""
    return "".join(each if each.isprintable() else " " for each in text)[:LONGEST_REASON]
