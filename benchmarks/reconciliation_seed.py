"""Made-up captured logs for the reconciliation, the same for the same seed.

Of the events about 40 % are preflights, 50 % edits, 4 % begins and ends of sessions, and the
rest other kinds; eight sessions are at work at any time. A fifth of the preflights name code
that a decision binds, and are nearly always shown it; nearly all engagements are on
decisions that were shown.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bicameral.capture import events
from bicameral.capture.hashes import Hashes
from bicameral.capture.identifiers import new_uuid4
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.stamps import Stamps

FILE_BYTES = 50_000_000
AT_WORK = 8
EVENTS_OF_ONE = 50
PLAIN_PATHS = 20_000
ASKS_BOUND = 0.2
SHOWS_BOUND = 0.97
NAMES_PREFLIGHT = 0.7
ENGAGES_ANYTHING = 0.02
STEP_NS = 300_000_000
BEGIN_NS = 1_780_000_000_000_000_000
TOOLS = ("bicameral.resolve", "bicameral.link_commit", "bicameral.bind", "bicameral.history")


@dataclass
class Log:
    """Writes rows to a log as capture would, putting full files aside; `.1` is the newest."""

    path: Path
    full: int = 0
    size: int = 0
    lines: list[bytes] = field(default_factory=list)

    def add(self, line: bytes) -> None:
        self.lines.append(line)
        self.size += len(line) + 1
        if self.size >= FILE_BYTES:
            self.flush()
            self.full += 1
            self.size = 0

    def flush(self) -> None:
        with self.path.with_name(f"{self.path.name}.part{self.full}").open("ab") as file:
            file.writelines(line + b"\n" for line in self.lines)
        self.lines.clear()

    def close(self) -> None:
        self.flush()
        for number in range(self.full + 1):
            aside = self.full - number
            name = f"{self.path.name}.{aside}" if aside else self.path.name
            self.path.with_name(f"{self.path.name}.part{number}").rename(self.path.with_name(name))


@dataclass
class Session:
    """One session at work, and what it will still do."""

    session_id: str
    steps: list[str]
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)


class Story:
    """Tells the sessions of a repository: `bound` are its bound paths with their decisions."""

    def __init__(
        self,
        *,
        bound: Sequence[tuple[str, Sequence[str]]],
        repository_id: str,
        salt: bytes,
        seed: int,
    ) -> None:
        self._chance = random.Random(seed)
        self._hashes = Hashes(salt)
        self._repository_id = repository_id
        self._stamps = Stamps()
        self._time_ns = BEGIN_NS + seed * STEP_NS
        hashed = [(self._hashes.hash_path(path), ids) for path, ids in bound]
        self._bound = hashed
        self._plain = [self._hashes.hash_path(f"src/plain{n}.py") for n in range(PLAIN_PATHS)]

    def tell(self, count: int) -> Iterator[tuple[str, events.Row | events.Engagement]]:
        """Yield about `count` events, and half as many engagements, in the order of time."""
        told = 0
        at_work: list[Session] = []
        while told < count or at_work:
            while told < count and len(at_work) < AT_WORK:
                at_work.append(self._begin())
                told += EVENTS_OF_ONE
            session = self._chance.choice(at_work)
            self._time_ns += self._chance.randrange(2 * STEP_NS)
            yield from self._step(session, session.steps.pop())
            if not session.steps:
                at_work.remove(session)

    def _begin(self) -> Session:
        middle = ["preflight"] * 20 + ["edit"] * 25 + ["other"] * 3 + ["engagement"] * 25
        self._chance.shuffle(middle)
        session_id = new_uuid4(self._chance.randbytes)
        return Session(session_id, ["ended", *middle, "preflight", "started"])

    def _step(
        self, session: Session, step: str
    ) -> Iterator[tuple[str, events.Row | events.Engagement]]:
        common: dict[str, Any] = {
            "ts": self._stamps.write(self._time_ns),
            "session_id": session.session_id,
            "repository_id": self._repository_id,
        }
        if step == "preflight":
            yield EVENTS_FILE, self._preflight(session, common)
        elif step == "engagement":
            yield ENGAGEMENTS_FILE, self._engagement(session, common["ts"])
        elif step == "edit":
            near = session.asked[-6:] if self._chance.random() < 0.7 else self._plain
            path = self._chance.choice(near)
            yield EVENTS_FILE, events.EditObserved(**common, path_hash=path, tool="Edit")
        elif step == "started":
            yield EVENTS_FILE, events.SessionStarted(**common)
        elif step == "ended":
            stamp = common["ts"]
            yield EVENTS_FILE, events.SessionEnded(**common, ended_at=stamp, reason="closed")
        else:
            yield (
                EVENTS_FILE,
                events.PreflightDedupDecision(
                    **common,
                    preflight_id=session.named[-1],
                    invalidated_by_revision_bump=True,
                    bypassed_revision_unknown=False,
                ),
            )

    def _preflight(self, session: Session, common: dict[str, Any]) -> events.PreflightEvent:
        paths = self._chance.choices(self._plain, k=self._chance.choice((1, 1, 2, 3)))
        shown: list[str] = []
        if not session.asked or self._chance.random() < ASKS_BOUND:
            path, ids = self._chance.choice(self._bound)
            paths.append(path)
            if not session.shown or self._chance.random() < SHOWS_BOUND:
                shown += ids
        session.asked += paths
        session.shown += shown
        session.named.append(new_uuid4(self._chance.randbytes))
        return events.PreflightEvent(
            **common,
            preflight_id=session.named[-1],
            topic_hash=self._chance.randbytes(8).hex(),
            file_paths_hash=self._chance.randbytes(8).hex(),
            path_hashes=paths,
            fired=bool(shown),
            surfaced_ids=shown,
            reason="fired" if shown else "no_matches",
            ledger_revision="4711",
            latency_ms=round(self._chance.uniform(1, 6), 4),
        )

    def _engagement(self, session: Session, stamp: str) -> events.Engagement:
        tool = self._chance.choice(TOOLS)
        is_named = self._chance.random() < NAMES_PREFLIGHT and tool != "bicameral.history"
        is_other = self._chance.random() < ENGAGES_ANYTHING
        anything = self._chance.choice(self._bound)[1][0] if is_other else ""
        paths = [session.asked[-1]] if tool in {"bicameral.link_commit", "bicameral.bind"} else []
        return events.Engagement(
            ts=stamp,
            session_id=session.session_id,
            tool=tool,
            decision_id=anything or self._chance.choice(session.shown),
            preflight_id=session.named[-1] if is_named or paths else None,
            file_paths_hash=self._chance.randbytes(8).hex(),
            path_hashes=paths,
            attribution="explicit" if is_named else "fallback",
        )


def write(home: Path, story: Story, *, count: int) -> None:
    """Write a story's rows to the logs of a home that has none."""
    logs = {name: Log(home / name) for name in (EVENTS_FILE, ENGAGEMENTS_FILE)}
    for name, row in story.tell(count):
        logs[name].add(events.encode(row))
    for log in logs.values():
        log.close()


def append(home: Path, story: Story, *, count: int) -> None:
    """Add a story's rows to the newest files."""
    with (
        (home / EVENTS_FILE).open("ab") as captured,
        (home / ENGAGEMENTS_FILE).open("ab") as engaged,
    ):
        files = {EVENTS_FILE: captured, ENGAGEMENTS_FILE: engaged}
        for name, row in story.tell(count):
            files[name].write(events.encode(row) + b"\n")
