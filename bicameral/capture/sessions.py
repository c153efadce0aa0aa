"""Sessions: when each began and ended, also when its server was killed without notice.

While a process serves a session it holds the lock of a marker file, which the system
lets go however the process dies. Whoever finds a marker that nobody holds writes the end.
"""

import json
import os
import threading
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bicameral.capture.locks import OWNER_ONLY_FILE, lock_within
from bicameral.capture.log import RotatedLog
from bicameral.capture.opaque import opaque_session, read_hashes
from bicameral.capture.rows import EVENTS_FILE, SCHEMA, encode_row, read_lines_backwards
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home
from bicameral.errors import HomeUnusable, InputRefused, SaltUnusable

FOLDER = "sessions"
SUFFIX = ".open"
MARKER_BYTES = 65_536
LOCK_ATTEMPTS = 100
# A session's last row stands near the end of a log; beyond this much, its start is taken.
SEARCH_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Session:
    """A session that a process serves, by its opaque id; `started_at` is a stamp."""

    session_id: str
    repository_id: str | None
    started_at: str


@dataclass(frozen=True, slots=True)
class _Marker:
    path: Path
    descriptor: int
    session: Session


class Sessions:
    """The sessions of one process: their rows in `events` and their markers under the home.

    `others` are further logs whose rows show that a session was still alive.
    """

    def __init__(
        self, environment: Environment, events: RotatedLog, *, others: Iterable[Path] = ()
    ) -> None:
        self._environment = environment
        self._events = events
        self._logs = (events.path, *others)
        self._served: dict[str, _Marker] = {}
        self._guard = threading.Lock()

    @property
    def served(self) -> tuple[str, ...]:
        """The ids of the sessions that this process serves now, as their clients give them."""
        return tuple(self._served)

    def start(self, session_id: str, *, repository_id: str | None = None) -> bool:
        """Mark the session as served and write `session_started`; false if it was already.

        Raises `OSError`, `HomeUnusable`, `SaltUnusable` or `InputRefused` when it cannot be
        recorded.
        """
        time_ns = self._environment.time_ns()
        with self._guard:
            if session_id in self._served:
                return False
            try:
                own = _opaque(self._environment, session_id)
                session = Session(own, repository_id, Stamps().write(time_ns))
                self._served[session_id] = _hold_marker(self._environment, session)
            except (OSError, HomeUnusable, InputRefused, SaltUnusable):
                self._events.count_drop()
                raise
        row = _row(session, session.started_at, event_type="session_started")
        self._events.append(row, time_ns=time_ns)
        return True

    def end(self, session_id: str, *, reason: str) -> bool:
        """Write `session_ended`; false if this process does not serve the session.

        Raises `OSError` or `HomeUnusable` when it cannot be recorded.
        """
        marker = self._served.pop(session_id, None)
        if marker is None:
            return False
        try:
            self._write_end(marker.session, reason=reason)
            marker.path.unlink(missing_ok=True)
        finally:
            os.close(marker.descriptor)
        return True

    def end_abandoned(self) -> int:
        """Write the end of every session whose process is gone; return how many.

        A session that another process serves by now goes on, and its old marker waits.
        Raises `OSError` or `HomeUnusable` when an end cannot be recorded.
        """
        folder = self._environment.home / FOLDER
        alive: set[str] = set()
        gone: list[_Marker] = []
        with ExitStack() as stack:
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                _examine(path, alive, gone, stack)
            return sum(
                self._end_one(marker) for marker in gone if marker.session.session_id not in alive
            )

    def release(self) -> None:
        """Let go of every marker without a word, as the end of the process would."""
        while self._served:
            os.close(self._served.popitem()[1].descriptor)

    def _end_one(self, marker: _Marker) -> bool:
        last = self._last_row(marker.session)
        is_open = last.get("event_type") != "session_ended"
        if is_open:
            ended_at = str(last.get("ts", marker.session.started_at))
            self._write_end(marker.session, reason="abandoned", ended_at=ended_at)
        marker.path.unlink(missing_ok=True)
        return is_open

    def _write_end(self, session: Session, *, reason: str, ended_at: str | None = None) -> None:
        time_ns = self._environment.time_ns()
        now = Stamps().write(time_ns)
        row = _row(
            session, now, event_type="session_ended", reason=reason, ended_at=ended_at or now
        )
        self._events.append(row, time_ns=time_ns)

    def _last_row(self, session: Session) -> dict[str, object]:
        """Return the newest row of the session in any of the logs; empty if there is none."""
        needle = json.dumps(session.session_id, ensure_ascii=False).encode("utf-8", "replace")
        found: list[dict[str, object]] = []
        for path in self._logs:
            lines = read_lines_backwards(path, most_bytes=SEARCH_BYTES)
            rows = (_parse(line) for line in lines if needle in line)
            found.extend(_first(row for row in rows if row.get("session_id") == session.session_id))
        return max(found, key=lambda row: str(row.get("ts")), default={})


def record_session_end(
    environment: Environment, *, session_id: str, reason: str, repository_id: str | None = None
) -> None:
    """Write `session_ended` from a process that does not serve the session, such as a hook.

    Raises `OSError`, `HomeUnusable`, `SaltUnusable` or `InputRefused` when it cannot be
    recorded.
    """
    own = _opaque(environment, session_id)
    log = RotatedLog(environment.home / EVENTS_FILE)
    time_ns = environment.time_ns()
    now = Stamps().write(time_ns)
    session = Session(own, repository_id, now)
    row = _row(session, now, event_type="session_ended", reason=reason, ended_at=now)
    log.append(row, time_ns=time_ns)
    log.close()


def _opaque(environment: Environment, session_id: str) -> str:
    return opaque_session(session_id, lambda: read_hashes(environment))


def _row(session: Session, stamp: str, **fields: str) -> bytes:
    common: dict[str, object] = {
        "ts": stamp,
        "session_id": session.session_id,
        "repository_id": session.repository_id,
        "schema": SCHEMA,
    }
    return encode_row(common | fields)


def _hold_marker(environment: Environment, session: Session) -> _Marker:
    folder = prepare_home(prepare_home(environment.home) / FOLDER)
    path = folder / f"{environment.random_bytes(8).hex()}{SUFFIX}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
    # Locked before it says anything: an empty marker is no session to those who look.
    lock_within(descriptor, LOCK_ATTEMPTS)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, encode_row(asdict(session)))
    return _Marker(path, descriptor, session)


def _examine(path: Path, alive: set[str], gone: list[_Marker], stack: ExitStack) -> None:
    """Sort one marker: whoever gets its lock knows that the process that held it is gone."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDWR)
        stack.callback(os.close, descriptor)
        is_gone = lock_within(descriptor, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
        content = _parse(os.read(descriptor, MARKER_BYTES))
        with suppress(KeyError):  # empty: its process is about to write, or died before
            repository_id = content["repository_id"]
            session = Session(
                str(content["session_id"]),
                None if repository_id is None else str(repository_id),
                str(content["started_at"]),
            )
            if is_gone:
                gone.append(_Marker(path, descriptor, session))
            else:
                alive.add(session.session_id)


def _parse(line: bytes) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _first(rows: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [row for row, _ in zip(rows, range(1), strict=False)]
