"""A home with rows of known ages, written as the logs write them."""

import json
from collections.abc import Iterable
from pathlib import Path

from bicameral.capture.stamps import Stamps

SECOND_NS = 1_000_000_000
DAY = 86_400
NOW_NS = 1_780_000_000 * SECOND_NS


def stamp(age_seconds: float) -> str:
    return Stamps().write(NOW_NS - int(age_seconds * SECOND_NS))


def put(path: Path, rows: Iterable[dict[str, object] | bytes]) -> None:
    """Append rows as lines; what is bytes already stands as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("ab") as file:
        for row in rows:
            file.write((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n")
    path.chmod(0o600)


def event(name: str, age_seconds: float, **more: object) -> dict[str, object]:
    return {"ts": stamp(age_seconds), "session_id": "s", "n": name, **more}


def span(name: str, age_seconds: float, **more: object) -> dict[str, object]:
    return {"trace_id": name, "parent_id": None, "timestamp": stamp(age_seconds), **more}


def call(age_seconds: float, **counts: int) -> dict[str, object]:
    return {
        "event_type": "metric_call",
        "ts": stamp(age_seconds),
        "run_id": "r",
        "schema": 1,
        "surface": "cli",
        "command": "bicameral.preflight",
        "status": "ok",
        "duration_ms": 1.0,
        "counts": counts,
    }


def names(path: Path) -> list[object]:
    """Return the names of the rows of a file; [] where there is none."""
    if not path.exists():
        return []
    return [json.loads(line)["n"] for line in path.read_bytes().splitlines()]


def snapshot(home: Path) -> dict[str, bytes]:
    """Return every file of a home but locks, with what it holds."""
    found = (each for each in sorted(home.rglob("*")) if each.is_file())
    return {
        each.relative_to(home).as_posix(): each.read_bytes()
        for each in found
        if each.suffix != ".lock"
    }
