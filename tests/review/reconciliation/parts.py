"""A home whose captured rows and ledger are written by hand, so that a test names what matters."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from bicameral.capture import events
from bicameral.capture.hashes import Hashes
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.salt import read_salt
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home
from bicameral.ledger.bindings import add_binding
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import MAIN
from bicameral.ledger.transaction import Transaction
from bicameral.review.reconciliation.reconcile import Report, reconcile
from bicameral.review.rows import REVIEW_FILE, ReviewRow
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, a_decision, a_region

SECOND = 1_000_000_000
HOUR = 3_600
BEGIN = 1_780_000_000 * SECOND


def stamp(seconds: float) -> str:
    """Return the stamp so many seconds after the beginning of a story."""
    return Stamps().write(BEGIN + int(seconds * SECOND))


@dataclass
class Home:
    """A data home; times are seconds since the story's beginning."""

    environment: Environment
    clock: Clock
    numbers: int = 0
    repository_id: str | None = None
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        prepare_home(self.path)
        self.ledger = Ledger(self.environment)
        self.hashes = Hashes(read_salt(self.path, self.environment.random_bytes))
        self.clock.time_now_ns = BEGIN

    @property
    def path(self) -> Path:
        return self.environment.home

    def decide(self, title: str, *paths: str, at: float = -100, **more: Any) -> str:
        """Put a decision into the ledger, bound to files, at a time; return its id."""
        with self.writing(at) as transaction:
            decision = a_decision(transaction, title, **more)
            for path in paths:
                add_binding(transaction, decision.id, a_region(transaction, path), "explicit", MAIN)
        self.repository_id = decision.repository_id
        return decision.id

    def writing(self, at: float) -> Any:
        self.clock.time_now_ns = BEGIN + int(at * SECOND)
        return self.ledger.writing(ACTOR)

    def change(self, at: float, change: Callable[[Transaction], object]) -> None:
        with self.writing(at) as transaction:
            change(transaction)

    def event(self, row: events.Row) -> bytes:
        return self.line(EVENTS_FILE, events.encode(row))

    def line(self, name: str, line: bytes) -> bytes:
        with (self.path / name).open("ab") as file:
            file.write(line + b"\n")
        return line

    def preflight(
        self,
        at: float,
        *paths: str,
        shown: tuple[str, ...] = (),
        session: str = "s1",
        reason: str = "",
        **more: Any,
    ) -> str:
        """Capture a preflight; return its id."""
        self.numbers += 1
        preflight_id = more.pop("preflight_id", f"preflight-{self.numbers}")
        self.event(
            events.PreflightEvent(
                **{
                    "ts": stamp(at),
                    "session_id": session,
                    "repository_id": self.repository_id,
                    "preflight_id": preflight_id,
                    "topic_hash": f"{self.numbers:016x}",
                    "file_paths_hash": self.hashes.hash_file_paths(paths),
                    "path_hashes": list(map(self.hashes.hash_path, paths)),
                    "fired": bool(shown),
                    "surfaced_ids": list(shown),
                    "reason": reason or ("fired" if shown else "no_matches"),
                    "ledger_revision": "1",
                    "latency_ms": 0.0,
                    **more,
                }
            )
        )
        return str(preflight_id)

    def edit(self, at: float, path: str, *, session: str = "s1") -> None:
        self.event(
            events.EditObserved(
                ts=stamp(at),
                session_id=session,
                repository_id=None,
                path_hash=self.hashes.hash_path(path),
                tool="Edit",
            )
        )

    def engage(
        self,
        at: float,
        decision_id: str,
        *paths: str,
        tool: str = "bicameral.bind",
        preflight_id: str | None = None,
        session: str = "s1",
        is_explicit: bool | None = None,
    ) -> None:
        explicit = preflight_id is not None if is_explicit is None else is_explicit
        row = events.Engagement(
            ts=stamp(at),
            session_id=session,
            tool=tool,
            decision_id=decision_id,
            preflight_id=preflight_id,
            file_paths_hash=self.hashes.hash_file_paths(paths),
            path_hashes=list(map(self.hashes.hash_path, paths)),
            attribution="explicit" if explicit else "fallback",
        )
        self.line(ENGAGEMENTS_FILE, events.encode(row))

    def bypass(self, at: float, decision_id: str, *, session: str = "s1") -> None:
        self.event(
            events.PreflightPromptBypassed(
                ts=stamp(at),
                session_id=session,
                repository_id=None,
                preflight_id=None,
                decision_id=decision_id,
                reason="0" * 16,
                state_preserved=True,
            )
        )

    def start(self, at: float, *, session: str = "s1") -> None:
        self.event(events.SessionStarted(ts=stamp(at), session_id=session, repository_id=None))

    def end(self, at: float, *, session: str = "s1", ended_at: str | None = None) -> None:
        self.event(
            events.SessionEnded(
                ts=stamp(at),
                session_id=session,
                repository_id=None,
                ended_at=ended_at or stamp(at),
                reason="closed",
            )
        )

    def run(self, *, now: float = 1_000, **options: Any) -> Report:
        """Reconcile at a time."""
        self.clock.time_now_ns = BEGIN + int(now * SECOND)
        return reconcile(self.environment, options.pop("ledger", self.ledger), **options)

    def rows(self) -> list[ReviewRow]:
        """Return the review file's rows."""
        return read_rows(self.path)

    def only_row(self, **options: Any) -> ReviewRow:
        """Reconcile; return the one row that came of it."""
        self.run(**options)
        [row] = self.rows()
        return row

    def text(self, name: str = REVIEW_FILE) -> bytes:
        path = self.path / name
        return path.read_bytes() if path.exists() else b""

    def elsewhere(self, **changes: Any) -> Environment:
        return replace(self.environment, **changes)


def read_rows(home: Path) -> list[ReviewRow]:
    path = home / REVIEW_FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [msgspec.json.decode(line, type=ReviewRow) for line in lines]


def summary_of(home: Path) -> dict[str, Any]:
    found = json.loads((home / "last_reconciliation.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found
