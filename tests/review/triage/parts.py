"""Review rows made by hand, and the files that they stand in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bicameral.review.rows import LABELS_FILE, REVIEW_FILE, Evidence, LabelRow, ReviewRow
from bicameral.review.triage.queue import Suspect, fold

TS = "2026-03-05T09:30:00.000000Z"
DECISION = "dec_01M7Z0K4WSC7KP59K3E85RKT00"
PATH_HASH = "9a7901d31fa7338f"


def a_row(number: int = 1, **fields: Any) -> ReviewRow:
    """Return a suspected miss; each number gives another id."""
    missed = fields.get("classification", "suspected_miss") == "suspected_miss"
    values: dict[str, Any] = {
        "id": f"rev_{number:016x}",
        "ts": TS,
        "session_id": "s-1",
        "repository_id": "rep_1",
        "preflight_id": f"p-{number}",
        "classification": "suspected_miss",
        "confidence": 0.9,
        "because": "the decision was engaged with on a path of the preflight",
        "fired": not missed,
        "reason": "no_matches" if missed else "fired",
        "surfaced_ids": [],
        "missed_ids": [DECISION] if missed else [],
        "evidence": [an_evidence()] if missed else [],
        "topic_hash": "362e8ec5b48d2e17",
        "path_hashes": [PATH_HASH],
        "session_ended_at": "2026-03-05T10:00:00.000000Z",
    }
    return ReviewRow(**(values | fields))


def a_false_fire(number: int = 2, **fields: Any) -> ReviewRow:
    values: dict[str, Any] = {
        "classification": "suspected_false_fire",
        "surfaced_ids": [DECISION],
        "unused_ids": [DECISION],
        "because": "nothing that was shown was used",
    }
    return a_row(number, **(values | fields))


def an_evidence(**fields: Any) -> Evidence:
    values: dict[str, Any] = {
        "kind": "engaged",
        "words": "bicameral.bind concerned the decision 12 minutes later",
        "decision_id": DECISION,
        "at": "2026-03-05T09:42:00.000000Z",
        "tool": "bicameral.bind",
        "path_hash": PATH_HASH,
        "attribution": "explicit",
    }
    return Evidence(**(values | fields))


def a_label(review_id: str, action: str = "label", **fields: Any) -> LabelRow:
    values: dict[str, Any] = {"ts": TS, "review_id": review_id, "action": action, "who": "ada"}
    return msgspec.convert(values | fields, LabelRow)


def a_suspect(row: ReviewRow, label: str | None = None) -> Suspect:
    """Return the row with a label, if one is given."""
    return fold(row, [] if label is None else [a_label(row.id, label=label)])


def write_reviews(home: Path, rows: Iterable[ReviewRow]) -> None:
    _append(home / REVIEW_FILE, rows)


def write_labels(home: Path, rows: Iterable[LabelRow]) -> None:
    _append(home / LABELS_FILE, rows)


def labels_on_disk(home: Path) -> list[LabelRow]:
    """Return every label; a line that is none fails the test."""
    path = home / LABELS_FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=LabelRow) for line in lines]


def _append(path: Path, rows: Iterable[msgspec.Struct]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
