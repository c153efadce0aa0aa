"""One run of an index over a work tree: what is new is read, what is gone is dropped.

What was read is kept batch by batch, so a run that is interrupted, or killed, has done part
of the next one's work. One run at a time for a repository; another one waits or leaves.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.locks import held_lock
from bicameral.environment import Environment, prepare_home
from bicameral.grounding.index.facts import grammars_at_hand, reader_name
from bicameral.grounding.index.pool import Crew, WorkerPool
from bicameral.grounding.index.reading import Read, read_file
from bicameral.grounding.index.scan import FileLook, Listing, Stamp, list_files
from bicameral.grounding.index.store import Store
from bicameral.grounding.repository import Repository

# Below this, starting a process takes longer than reading.
FEW_FILES = 200
CHUNK_FILES = 16
STEP = "index"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to, in files. `is_whole` is false where it was stopped before the end."""

    files: int
    read: int
    dropped: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Job:
    """What to index, where to, and how: `crew` reads where there is more than a little."""

    environment: Environment
    repository: Repository
    index: Path
    crew: Crew
    progress: Progress = lambda _step, _done, _total: None
    is_stopped: Callable[[], bool] = lambda: False

    @property
    def root(self) -> bytes:
        """What the work tree is known by in the index."""
        return os.fsencode(self.repository.root)


@contextmanager
def the_only_run(index: Path, *, wait_seconds: float) -> Iterator[bool]:
    """Hold the lock of an index's runs; yields whether it could be taken in time."""
    prepare_home(index.parent.parent)
    prepare_home(index.parent)
    with held_lock(index.with_suffix(".lock"), attempts=1 + int(wait_seconds * 1000)) as is_held:
        yield is_held


def bring_up_index(job: Job) -> Run:
    """Bring an index up to the work tree; the caller holds `the_only_run`.

    Raises `GitFailed`, `HomeUnusable`, `OSError` or `sqlite3.Error`.
    """
    with closing(Store.open(job.index, grammars_at_hand())) as store:
        _forget_gone_trees(store)
        tree = store.ensure_tree(job.root)
        # Before the look: what changes after it leaves another mark.
        mark = mark_of(job.repository)
        listing = list_files(job.repository)
        known = store.stamps(tree.id)
        gone = [path for path in known if path not in listing.stamps]
        changed = [path for path, stamp in listing.stamps.items() if known.get(path) != stamp]
        with store.writing():
            store.drop(tree.id, gone)
        read = _read_all(job, store, tree.id, listing, changed)
        is_whole = read == len(changed) and not job.is_stopped()
        if is_whole:
            _finish(job, store, tree.id, mark, listing)
    return Run(len(listing.stamps), read, len(gone), is_whole)


def _finish(job: Job, store: Store, tree_id: int, mark: str, listing: Listing) -> None:
    now = job.environment.time_ns()
    store.complete(tree_id, mark=mark, now_ns=now, skipped=listing.skipped)
    store.drop_unused()


def _read_all(
    job: Job, store: Store, tree_id: int, listing: Listing, changed: Sequence[str]
) -> int:
    """Read the changed files and keep what they say; return how many were dealt with."""
    to_read = [path for path in changed if reader_name(path) is not None]
    named = [path for path in changed if reader_name(path) is None]
    _keep(job, store, tree_id, [Read(path, listing.stamps[path]) for path in named])
    total, done = len(changed), len(named)
    job.progress(STEP, done, total)
    for batch in _batches(job, store, to_read):
        _keep(job, store, tree_id, [each for _, each in batch if each is not None])
        _drop_vanished(store, tree_id, batch)
        done += len(batch)
        job.progress(STEP, done, total)
    return done


Answered = list[tuple[str, Read | None]]


def _keep(job: Job, store: Store, tree_id: int, reads: Iterable[Read]) -> None:
    with store.writing():
        store.put(tree_id, reads, now_ns=job.environment.time_ns())


def _drop_vanished(store: Store, tree_id: int, batch: Answered) -> None:
    """Forget files that were listed and gone before they were read."""
    vanished = [path for path, read in batch if read is None]
    if vanished:
        with store.writing():
            store.drop(tree_id, vanished)


def _batches(job: Job, store: Store, paths: Sequence[str]) -> Iterator[Answered]:
    """Yield each path with what was read, here or by other processes, until stopped."""
    if len(paths) <= FEW_FILES:
        yield from _read_here(job, store, paths)
        return
    root = str(job.repository.root)
    with WorkerPool(root, job.index, job.crew, job.environment.variables) as pool:
        for batch, reads in pool.read(paths, job.is_stopped):
            found = {read.path: read for read in reads}
            yield [(path, found.get(path)) for path in batch]


def _read_here(job: Job, store: Store, paths: Sequence[str]) -> Iterator[Answered]:
    look = FileLook(str(job.repository.root))
    for at in range(0, len(paths), CHUNK_FILES):
        if job.is_stopped():
            return
        chunk = paths[at : at + CHUNK_FILES]
        yield [(path, read_file(look, path, store.is_known)) for path in chunk]


def _forget_gone_trees(store: Store) -> None:
    """Drop the work trees that are not there any more."""
    gone = [number for number, root in store.roots().items() if not os.path.isdir(root)]  # noqa: PTH112 - bytes
    if gone:
        store.forget_trees(gone)


def mark_of(repository: Repository) -> str:
    """Return what changes with a commit, a checkout and an `add`: HEAD and git's index.

    Costs no process while HEAD has not moved.
    """
    try:
        found = os.stat(repository.git_dir / "index")  # noqa: PTH116 - a Path costs as much again
        stamp = Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
    except OSError:
        stamp = Stamp(0, 0, 0, 0)
    return ":".join(map(str, (repository.head_state().commit, *stamp)))
