"""The reconciliation: the new rows of finished sessions, classified and written, once.

One run at a time. It can be killed at any moment: the next one begins where the state on
the disk says, and writes the same rows. Nothing is forgotten when the ledger cannot answer.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bicameral.capture.durable import replace_file
from bicameral.capture.locks import held_lock
from bicameral.capture.log import RotatedLog
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.sessions import Sessions
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home
from bicameral.errors import BicameralError
from bicameral.review.reconciliation.journal import Journal
from bicameral.review.reconciliation.knowledge import Past
from bicameral.review.reconciliation.markers import sessions_alive
from bicameral.review.reconciliation.moments import SECOND_NS
from bicameral.review.reconciliation.reading import END, Reading
from bicameral.review.reconciliation.reviewing import Reviewing
from bicameral.review.reconciliation.state import (
    STATE_FILE,
    State,
    load_state,
    save_state,
)
from bicameral.review.reconciliation.stretches import SILENCE_SECONDS, Gathering, Stretch
from bicameral.review.reconciliation.summary import (
    SUMMARY_FILE,
    Summary,
    encode_summary,
    read_summary,
)
from bicameral.review.rows import ReviewRow

if TYPE_CHECKING:
    from bicameral.ledger.database import Ledger

LOCK_FILE = "reconcile.lock"
CHECKPOINT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    `added` counts the new rows by class, `totals` all that stand; `suspected` are the first
    new rows that are not normal. `is_busy`: another run is at work, and this one did
    nothing. `has_capture` is false where nothing was ever captured. `notes` say what could
    not be known. `seconds` is how long it took.
    """

    added: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    suspected: tuple[ReviewRow, ...] = ()
    open_sessions: int = 0
    skipped_lines: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    is_busy: bool = False
    is_dry: bool = False
    has_capture: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Which finished sessions are wanted; the others stay for a later run."""

    session_id: str | None = None
    since: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every session is wanted."""
        return self.session_id is None and not self.since

    def wants(self, stretch: Stretch) -> bool:
        """Tell whether a session is wanted: by its id, and by its newest row."""
        return self.session_id in {None, stretch.session_id} and stretch.last >= self.since


def reconcile(
    environment: Environment,
    ledger: "Ledger | Callable[[], Ledger]",
    *,
    session_id: str | None = None,
    since_ns: int | None = None,
    is_dry: bool = False,
    lock_attempts: int = 1,
) -> Report:
    """Classify every finished session that is new; return what was done.

    `ledger` is the ledger, or what opens it if it has to be asked. `since_ns` (nanoseconds
    since the epoch) and `session_id` choose among the finished sessions. A dry run writes
    nothing at all. `lock_attempts` is for how many milliseconds to wait for another run.

    Raises `LedgerError`, `SaltUnusable`, `HomeUnusable` and `OSError`; whatever was not
    recorded by then is taken up again by the next run.
    """
    if environment.home.exists() and not environment.home.is_dir():
        prepare_home(environment.home)  # says what is wrong with it
    if not has_capture(environment.home):
        return Report(has_capture=False, is_dry=is_dry)
    past = Past(environment, ledger)
    try:
        choice = Choice(session_id, Stamps().write(since_ns) if since_ns else "")
        return _go(environment, _Run(environment, past, choice, is_dry=is_dry), lock_attempts)
    finally:
        past.close()


def _go(environment: Environment, run: "_Run", lock_attempts: int) -> Report:
    """Run where nobody else does, and leave word of how it ended."""
    if run.is_dry:
        return run.go()
    home = prepare_home(environment.home)
    with held_lock(home / LOCK_FILE, attempts=lock_attempts) as is_mine:
        if not is_mine:
            return Report(is_busy=True)
        try:
            report = run.go()
        except (BicameralError, OSError) as error:
            _leave_word_of(environment, error)
            raise
        _leave_word(environment, report)
    return report


def has_capture(home: Path) -> bool:
    """Tell whether anything was ever captured in a home, or reconciled."""
    return (home / STATE_FILE).exists() or any(home.glob(f"{EVENTS_FILE}*"))


class _Run:
    """One run over one home."""

    def __init__(
        self, environment: Environment, past: Past, choice: Choice, *, is_dry: bool
    ) -> None:
        self._environment = environment
        self._home = environment.home
        self._past = past
        self._choice = choice
        self.is_dry = is_dry
        self._began_ns = environment.monotonic_ns()

    def go(self) -> Report:
        """Read, classify, write, and record how far that went."""
        alive, gone = sessions_alive(self._home)
        if gone and not self.is_dry:
            self._end_abandoned()
        loaded = load_state(self._home)
        state = loaded or State()
        gathering = Gathering(state.stretches)
        with ExitStack() as stack:
            stack.enter_context(_without_collector())
            reading = stack.enter_context(Reading(self._home, state, gathering))
            must_read_all = loaded is None or reading.is_surprised
            journal = stack.enter_context(
                Journal(self._home, state.written, must_read_all=must_read_all, is_dry=self.is_dry)
            )
            reviewing = Reviewing(self._past, journal)
            self._read_all(reading, gathering, reviewing)
            self._take(reviewing, gathering.pop_ready(END))
            self._take(reviewing, gathering.pop_silent(self._silent_before(), alive, gone))
            reviewing.finish()
            if must_read_all or reading.taken_bytes or gathering.given_out:
                self._record(reading, journal)
            return self._report(reading, gathering, reviewing, journal)

    def _read_all(self, reading: Reading, gathering: Gathering, reviewing: Reviewing) -> None:
        recorded = 0
        while reading.read():
            self._take(reviewing, gathering.pop_ready(reading.until))
            self._take(reviewing, gathering.pop_excess())
            if reading.taken_bytes - recorded >= CHECKPOINT_BYTES:
                recorded = reading.taken_bytes
                reviewing.finish()
                self._record(reading, reviewing.journal)

    def _take(self, reviewing: Reviewing, stretches: Iterable[Stretch]) -> None:
        reviewing.take(each for each in stretches if self._choice.wants(each))

    def _record(self, reading: Reading, journal: Journal) -> None:
        """Bring rows, then the place reached, to the disk.

        Where only some sessions were wanted, the place stays: the next run finds the others.
        """
        if self.is_dry:
            return
        written = journal.commit()
        if self._choice.is_all:
            save_state(self._home, msgspec.structs.replace(reading.state(), written=written))

    def _end_abandoned(self) -> None:
        log = RotatedLog(self._home / EVENTS_FILE)
        try:
            others = [self._home / ENGAGEMENTS_FILE]
            Sessions(self._environment, log, others=others).end_abandoned()
        finally:
            log.close()

    def _silent_before(self) -> str:
        return Stamps().write(self._environment.time_ns() - SILENCE_SECONDS * SECOND_NS)

    def _report(
        self, reading: Reading, gathering: Gathering, reviewing: Reviewing, journal: Journal
    ) -> Report:
        return Report(
            added=dict(journal.added),
            totals=dict(journal.totals),
            suspected=tuple(reviewing.suspected),
            open_sessions=len(gathering.stretches()),
            skipped_lines=reading.skipped,
            notes=(*self._past.notes, *_refused(journal)),
            seconds=(self._environment.monotonic_ns() - self._began_ns) / SECOND_NS,
            is_dry=self.is_dry,
        )


def _refused(journal: Journal) -> Iterator[str]:
    """Say how many rows were too large, if any were: they are in no file and no figure."""
    if journal.refused:
        yield f"{journal.refused} rows were too large to be stored, and were left out"


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold back the collector of cycles: a million rows have none, and it would look at each."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _leave_word(environment: Environment, report: Report) -> None:
    summary = Summary(
        finished_at=Stamps().write(environment.time_ns()),
        added=report.added,
        totals=report.totals,
        open_sessions=report.open_sessions,
        skipped_lines=report.skipped_lines,
        seconds=round(report.seconds, 3),
    )
    replace_file(environment.home / SUMMARY_FILE, encode_summary(summary), is_synced=False)


def _leave_word_of(environment: Environment, error: Exception) -> None:
    """Leave the failure where hooks and tools look: its kind, and nothing that names a path."""
    known = read_summary(environment.home)
    code = error.code if isinstance(error, BicameralError) else "os_error"
    meaning = (type(error).__doc__ or "").strip().partition("\n")[0]
    summary = Summary(
        finished_at=Stamps().write(environment.time_ns()),
        totals=known.totals if known else {},
        open_sessions=known.open_sessions if known else 0,
        error=f"{code}: {meaning}",
    )
    with suppress(OSError):  # what has failed already is what the caller hears of
        replace_file(environment.home / SUMMARY_FILE, encode_summary(summary), is_synced=False)
