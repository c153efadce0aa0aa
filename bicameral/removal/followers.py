"""Who has read a log up to where: the sums of the metrics, and the spool.

Their places move with the lines that stay, and are on the disk before a new file has its name,
so that whoever is killed in between makes nobody count or queue a line twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.follow import place_at
from bicameral.govern.spool.state import SpoolState, read_state, write_state
from bicameral.observe.metrics.lines import METRICS_FILE
from bicameral.observe.metrics.totals import counted_until, fold_alone, know_as_counted


@dataclass(frozen=True, slots=True)
class Followers:
    """The places in one file of a log: how far it is `counted`, and how far `queued`.

    None for a reader that the log does not have. Made by `followers_of`.
    """

    home: Path
    log_name: str
    spool: Path | None
    counted: int | None
    queued: int | None

    @property
    def watched(self) -> list[int]:
        """The places that there are."""
        return [each for each in (self.counted, self.queued) if each is not None]

    def move(self, new: Path, moved: Mapping[int, int]) -> None:
        """Note where the places are in the new file. Raises `MetricsUnreadable`, `OSError`."""
        if self.counted and (place := place_at(new, moved[self.counted])) is not None:
            know_as_counted(self.home, place)
        if self.spool is None or not self.queued:
            return
        state = read_state(self.spool)
        if state is not None and (place := place_at(new, moved[self.queued])) is not None:
            state.places[self.log_name] = [*state.places.get(self.log_name, ()), place]
            write_state(self.spool, state)


def followers_of(path: Path, log: Path, spool: Path | None) -> Followers:
    """Return the places in a file; `spool` is the spool's folder if there is one.

    The caller holds the locks of the sums and of the spool. The lines of metrics are counted
    first: none may go that is not in the sums.
    """
    home = log.parent
    counted = counted_until(fold_alone(home), path) if log.name == METRICS_FILE else None
    state = read_state(spool) if spool is not None else None
    queued = None if state is None else _queued_until(state, log.name, path)
    return Followers(home, log.name, spool, counted, queued)


def _queued_until(state: SpoolState, log_name: str, path: Path) -> int:
    found = path.stat()
    here = (found.st_dev, found.st_ino)
    places = state.places.get(log_name, ())
    return max((each.offset for each in places if (each.device, each.inode) == here), default=0)
