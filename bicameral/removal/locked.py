"""Who may take rows away: whoever holds the locks of those that write them and count them.

Always taken in the same order, so that two who remove at once wait for each other.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bicameral.capture.durable import sync_folder
from bicameral.capture.locks import held_lock
from bicameral.capture.rewriting import Goes, rewrite_file
from bicameral.errors import HomeBusy
from bicameral.govern.spool.folder import FOLDER as SPOOL
from bicameral.govern.spool.folder import LOCK_FILE as SPOOL_LOCK
from bicameral.observe.metrics.lines import METRICS_FILE
from bicameral.observe.metrics.totals import LOCK_FILE as TOTALS_LOCK
from bicameral.removal.followers import followers_of
from bicameral.removal.parts import files_of
from bicameral.review.reconciliation.reconcile import LOCK_FILE as RECONCILE_LOCK
from bicameral.review.reconciliation.state import STATE_FILE

LOCK_ATTEMPTS = 10_000

ChooseFor = Callable[[Path], Goes | None]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock file; raises `HomeBusy` when another process keeps it for ten seconds."""
    with held_lock(path, attempts=LOCK_ATTEMPTS) as is_mine:
        if not is_mine:
            raise HomeBusy(
                f"another process is at work on the captured rows: it holds {path.name}",
                next_step="try again when it has ended; `bicameral-mcp doctor` names a process "
                "that hangs",
            )
        yield


@contextmanager
def no_reconciliation(home: Path) -> Iterator[None]:
    """Keep reconciliations away. Raises `HomeBusy`."""
    with held(home / RECONCILE_LOCK):
        yield


def forget_reading(home: Path) -> None:
    """Forget how far the logs were read: they are read anew, and no row is reviewed twice.

    Done before a row goes, so that a crash cannot leave rows that are held as read.
    """
    (home / STATE_FILE).unlink(missing_ok=True)
    sync_folder(home)


@contextmanager
def spool_held(home: Path) -> Iterator[Path | None]:
    """Hold the spool, and yield its folder; None where there is none. Raises `HomeBusy`."""
    folder = home / SPOOL
    if not folder.is_dir():
        yield None
        return
    with held(folder / SPOOL_LOCK):
        yield folder


def rewrite_log(log: Path, choose: ChooseFor) -> None:
    """Take rows out of the files of a log, oldest first; `choose` is asked about each of them.

    A file without a choice is left as it is. The caller holds the spool. Raises `HomeBusy`,
    `MetricsUnreadable` and `OSError`.
    """
    spool = log.parent / SPOOL
    with ExitStack() as stack:
        stack.enter_context(held(log.with_name(log.name + ".lock")))
        if log.name == METRICS_FILE:
            stack.enter_context(held(log.parent / TOTALS_LOCK))
        for path in files_of(log):
            if (goes := choose(path)) is not None:
                known = followers_of(path, log, spool if spool.is_dir() else None)
                rewrite_file(
                    path,
                    goes,
                    until=known.counted,
                    watched=known.watched,
                    before_replacing=known.move,
                )
