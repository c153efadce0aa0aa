"""Erasing: what was captured goes because a person wants it gone; the ledger stays.

All of it, or the rows of one session, or those before a time. Rows go before what was made
from them, labels before the reviews that they stand on, and the salt last, so that whoever is
killed in between finds the rest by doing the same once more.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from bicameral.capture.durable import durable_file, replace_file, sync_folder
from bicameral.capture.lanes import LANES
from bicameral.capture.rotation import rotated_files
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.salt import SALT_FILE
from bicameral.capture.sessions import FOLDER, SUFFIX
from bicameral.environment import Environment
from bicameral.govern.retention import Policy
from bicameral.govern.spool.folder import FOLDER as SPOOL
from bicameral.govern.spool.state import SPOOL_STATE_FILE
from bicameral.observe.metrics.lines import METRICS_FILE
from bicameral.observe.metrics.totals import LOCK_FILE as TOTALS_LOCK
from bicameral.observe.span_row import TRACE_FILE
from bicameral.removal.lines import Choice, OfSession, Row, UntilTime, WithId, is_until, read_row
from bicameral.removal.locked import (
    LOCK_ATTEMPTS,
    forget_reading,
    held,
    no_reconciliation,
    rewrite_log,
    spool_held,
)
from bicameral.removal.parts import Part, files_of, tally
from bicameral.removal.trees import tree_of_session
from bicameral.review.rows import LABELS_FILE, REVIEW_FILE

# In this order: what a review rests on goes before it, or the next reconciliation made it again.
LOGS = (EVENTS_FILE, ENGAGEMENTS_FILE, TRACE_FILE, METRICS_FILE, "hook_failures.jsonl")
_QUEUED = ("pending/*", "dead/*")
_OF_SESSIONS = (EVENTS_FILE, ENGAGEMENTS_FILE, REVIEW_FILE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants gone: a session's rows, those before a time, both, or everything."""

    session_id: str | None = None
    before_ns: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether all that was captured is wanted gone."""
        return self.session_id is None and self.before_ns is None

    @property
    def until_ns(self) -> int | None:
        """The last nanosecond that goes."""
        return None if self.before_ns is None else self.before_ns - 1


def plan_erasing(home: Path, policy: Policy, wanted: Wanted) -> list[Part]:
    """Return what would go; nothing is changed. Raises `OSError`."""
    if not home.is_dir():
        return []
    if wanted.is_everything:
        return _by_folder(_whole(home, path) for path in _erased_files(home, policy))
    partial = _Partial(home, policy, wanted)
    rows = list(partial.plan())
    queued = [_whole(home, path) for path in partial.queued()] if rows else []
    return _by_folder([*queued, *rows])


def erase(environment: Environment, policy: Policy, wanted: Wanted) -> list[Part]:
    """Remove what is wanted gone, and return it.

    Raises `HomeBusy`, `MetricsUnreadable` and `OSError`; what is left then is found by the
    next call.
    """
    home = environment.home
    if not home.is_dir():
        return []
    with no_reconciliation(home), spool_held(home):
        if wanted.is_everything:
            return _erase_everything(home, policy)
        return _Partial(home, policy, wanted).erase()


def _erase_everything(home: Path, policy: Policy) -> list[Part]:
    gone: list[Part] = []
    with ExitStack() as stack:
        for name in (*LOGS, TOTALS_LOCK.removesuffix(".lock")):
            if any(home.glob(f"{name}*")):  # nobody puts a file aside meanwhile
                stack.enter_context(held(home / f"{name}.lock"))
        for path in _erased_files(home, policy):
            part = _whole(home, path)
            path.unlink(missing_ok=True)
            gone.append(part)
    sync_folder(home)
    return _by_folder(gone)


def _erased_files(home: Path, policy: Policy) -> list[Path]:
    """Return the files that are erased with everything: in the policy's order, the salt last."""
    found: dict[Path, None] = {}
    for rule in policy.files:
        if rule.is_erased:
            found |= dict.fromkeys(sorted(home.glob(rule.pattern)))
            if rule.pattern in LANES:
                found |= dict.fromkeys(rotated_files(home / rule.pattern))
    files = [each for each in found if each.is_symlink() or not each.is_dir()]
    return sorted(files, key=lambda each: each.name.startswith(SALT_FILE))


def _whole(home: Path, path: Path) -> Part:
    name = path.relative_to(home).as_posix()
    is_lines = ".jsonl" in name and not path.is_symlink()
    clock = "timestamp" if name.startswith(TRACE_FILE) else "ts"
    if is_lines:
        return tally(path, lambda _line: True, clock).part(name, "")
    return Part("file", name, 0, path.lstat().st_size, "", "", "", is_whole=True)


def _by_folder(parts: Iterable[Part]) -> list[Part]:
    """Return the parts, those of one folder (indexes, markers) as one."""
    found: dict[str, Part] = {}
    for each in parts:
        folder, slash, _ = each.name.partition("/")
        name = f"{folder}{slash}"
        size = (each.size_bytes or 0) + (found[name].size_bytes or 0 if name in found else 0)
        found[name] = replace(each, name=name, size_bytes=size)
    return list(found.values())


class _Partial:
    """One erasure of a part: what goes of each file, found once, before anything is changed."""

    def __init__(self, home: Path, policy: Policy, wanted: Wanted) -> None:
        self._home = home
        self._wanted = wanted
        self._clocks = {rule.pattern: rule.clock for rule in policy.files}
        self._reviews = frozenset(self._review_ids())
        self._spans = self._span_ids()

    def plan(self) -> Iterator[Part]:
        """Yield what would go of each file."""
        for name in LOGS:
            for path in files_of(self._home / name):
                if (part := self._part(path, name)) is not None:
                    yield part
        for name in (LABELS_FILE, REVIEW_FILE):
            if (part := self._part(self._home / name, name)) is not None:
                yield part
        yield from (_whole(self._home, path) for path in self._markers())

    def queued(self) -> list[Path]:
        """Return what waits to be sent, where rows of all sessions stand together.

        And the state of the spool, without which the rows that stay are queued anew.
        """
        found = [path for each in _QUEUED for path in sorted((self._home / SPOOL).glob(each))]
        return [*found, *(self._home / SPOOL).glob(SPOOL_STATE_FILE)] if found else []

    def erase(self) -> list[Part]:
        """Do it, and return what went."""
        gone: list[Part] = []
        if any(True for _ in self.plan()):
            forget_reading(self._home)
            # Before any row goes: whoever is killed in between leaves none of them queued.
            gone += self._remove(self.queued())
        for name in LOGS:
            gone += self._erase_log(name)
        gone += self._erase_labels()
        gone += self._erase_log(REVIEW_FILE)
        return _by_folder([*gone, *self._remove(self._markers())])

    def _remove(self, paths: Iterable[Path]) -> list[Part]:
        gone = []
        for path in paths:
            gone.append(_whole(self._home, path))
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        return gone

    def _erase_log(self, name: str) -> list[Part]:
        gone: list[Part] = []

        def choose(path: Path) -> Choice | None:
            part = self._part(path, name)
            if part is None:
                return None
            gone.append(part)
            return self._choice(name)

        if any(self._part(path, name) for path in files_of(self._home / name)):
            rewrite_log(self._home / name, choose)
        return gone

    def _erase_labels(self) -> list[Part]:
        path = self._home / LABELS_FILE
        part = self._part(path, LABELS_FILE)
        if part is None:
            return []
        goes = self._choice(LABELS_FILE)
        with durable_file(path, attempts=LOCK_ATTEMPTS) as labels:
            lines = labels.read().splitlines(keepends=True)
            kept = b"".join(line for line in lines if goes is None or not goes(line))
            replace_file(path, kept, is_synced=True)
        return [part]

    def _part(self, path: Path, name: str) -> Part | None:
        goes = self._choice(name)
        if goes is None or not path.exists():
            return None
        found = tally(path, goes, self._clocks[name])
        return found.part(path.name, "") if found.rows else None

    def _choice(self, name: str) -> Choice | None:
        """Return what goes of a file; None where nothing does."""
        session_id, until_ns = self._wanted.session_id, self._wanted.until_ns
        if name == LABELS_FILE:
            return WithId("review_id", self._reviews) if self._reviews else None
        if session_id is None:
            return None if until_ns is None else UntilTime(self._clocks[name], until_ns)
        if name == TRACE_FILE:
            return WithId("trace_id", self._spans) if self._spans else None
        return OfSession(session_id, "ts", until_ns) if name in _OF_SESSIONS else None

    def _review_ids(self) -> Iterator[str]:
        """Yield the ids of the reviews that go, so that the labels on them go as well."""
        goes = self._choice_of_reviews()
        path = self._home / REVIEW_FILE
        if goes is None or not path.exists():
            return
        for line in path.read_bytes().splitlines():
            row = read_row(line)
            if row is not None and goes(line) and isinstance(row.id, str):
                yield row.id

    def _choice_of_reviews(self) -> Choice | None:
        session_id, until_ns = self._wanted.session_id, self._wanted.until_ns
        if session_id is not None:
            return OfSession(session_id, "ts", until_ns)
        return None if until_ns is None else UntilTime("ts", until_ns)

    def _span_ids(self) -> frozenset[str]:
        if self._wanted.session_id is None:
            return frozenset()
        return tree_of_session(
            files_of(self._home / TRACE_FILE), self._wanted.session_id, self._is_in_time
        )

    def _is_in_time(self, row: Row) -> bool:
        return is_until(row, "timestamp", self._wanted.until_ns)

    def _markers(self) -> list[Path]:
        """Return the markers of the session, of processes that run as well."""
        if self._wanted.session_id is None or self._wanted.until_ns is not None:
            return []
        found = sorted((self._home / FOLDER).glob(f"*{SUFFIX}"))
        return [each for each in found if self._is_of_session(each)]

    def _is_of_session(self, marker: Path) -> bool:
        row = read_row(marker.read_bytes())
        return row is not None and row.session_id == self._wanted.session_id
