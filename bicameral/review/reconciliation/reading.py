"""The two logs read side by side, by the stamps of their rows, into the sessions.

Whichever log is behind is read next, so that what is held stays small. The order depends on
nothing but the files and the place where reading began.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from bicameral.capture.follow import Follower
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.review.reconciliation.captured import (
    EngagementRow,
    EventRow,
    decode_engagements,
    decode_events,
)
from bicameral.review.reconciliation.state import State
from bicameral.review.reconciliation.stretches import Gathering

END = "~"
"""Beyond every stamp: a log that has no more rows keeps nobody waiting."""

_Row = TypeVar("_Row", EventRow, EngagementRow)


@dataclass(slots=True)
class _Log(Generic[_Row]):
    """One log: the stamp of the last row read, and where its rows go."""

    follower: Follower
    decode: Callable[[bytes], tuple[list[_Row], int]]
    take: Callable[[list[_Row]], None]
    stamp: str
    is_at_end: bool = False

    @property
    def until(self) -> str:
        return END if self.is_at_end else self.stamp

    def read(self) -> tuple[int, int]:
        """Take in the next rows; return the bytes read and the lines that were no rows."""
        lines = self.follower.read()
        if not lines:
            self.is_at_end = True
            return 0, 0
        rows, skipped = self.decode(lines)
        self.take(rows)
        if rows:
            self.stamp = rows[-1].ts
        return len(lines), skipped


class Reading:
    """Reads both logs of a home, from where `state` left them, into a gathering.

    `taken_bytes` counts what was read.
    """

    def __init__(self, home: Path, state: State, gathering: Gathering) -> None:
        self.taken_bytes = 0
        self._skipped = 0
        self._gathering = gathering
        self._stack = ExitStack()
        # Events first: what ended there has all its engagements in the other log already.
        self._events = _Log(
            self._stack.enter_context(Follower(home / EVENTS_FILE, state.events)),
            decode_events,
            gathering.take_events,
            state.events_until,
        )
        self._engagements = _Log(
            self._stack.enter_context(Follower(home / ENGAGEMENTS_FILE, state.engagements)),
            decode_engagements,
            gathering.take_engagements,
            state.engagements_until,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def is_surprised(self) -> bool:
        """Whether a file is not as it was left, so that rows may be read once more."""
        return self._events.follower.is_surprised or self._engagements.follower.is_surprised

    @property
    def until(self) -> str:
        """The stamp that both logs have reached; `END` when everything was read."""
        return min(self._events.until, self._engagements.until)

    @property
    def skipped(self) -> int:
        """How many lines were no rows."""
        return self._skipped + self._events.follower.skipped + self._engagements.follower.skipped

    def read(self) -> bool:
        """Take in the next rows of the log that is behind; false when there are no more."""
        if self.until == END:
            return False
        is_behind = self._events.until <= self._engagements.until
        taken, skipped = (self._events if is_behind else self._engagements).read()
        self.taken_bytes += taken
        self._skipped += skipped
        return True

    def state(self) -> State:
        """Return where reading stands, and what is not given out yet."""
        return State(
            events=self._events.follower.places(),
            engagements=self._engagements.follower.places(),
            events_until=self._events.stamp,
            engagements_until=self._engagements.stamp,
            stretches=self._gathering.stretches(),
        )
