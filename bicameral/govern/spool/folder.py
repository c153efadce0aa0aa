"""The folders of the spool: `pending`, `sent` and `dead`, held by one process at a time.

Every step is one rename: a file is drafted and synced, the state that counts it is put on the
disk, and only then does the file get its name. Whoever opens the spool finishes what a
process that died had begun, so that a row is queued once and a batch is there or not.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bicameral.capture.durable import replace_file, sync_folder
from bicameral.capture.locks import OWNER_ONLY_FILE, held_lock
from bicameral.capture.stamps import Stamps
from bicameral.environment import OWNER_ONLY, Environment, prepare_home
from bicameral.errors import SpoolBusy, SpoolUnusable
from bicameral.govern.spool.batch import (
    Batch,
    Torn,
    decode_batch,
    encode_batch,
    is_name,
    name_of,
    time_of,
)
from bicameral.govern.spool.state import SpoolState, add, read_state, write_state

FOLDER = "spool"
PENDING, SENT, DEAD = "pending", "sent", "dead"
LOCK_FILE = "spool.lock"
DRAFT, REASON = ".new", ".reason"
LOCK_ATTEMPTS = 2_000
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much may wait, and for how long; and how much is remembered of what is over."""

    files: int = 500
    bytes: int = 32_000_000
    days: int = 14
    remembered_files: int = 500
    remembered_days: int = 30


LIMITS = SpoolLimits()


class Receipt(msgspec.Struct):
    """That a batch was taken, with the ids of its rows; the batch itself is gone."""

    sent_at: str
    status: int
    rows: list[str]


class Reason(msgspec.Struct):
    """Why the file beside it cannot be sent."""

    moved_at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A batch that waits: its name, its bytes as they are sent, and what is in them."""

    name: str
    content: bytes
    batch: Batch


class Spool:
    """The spool while this process holds it; made by `open_spool`."""

    def __init__(self, folder: Path, environment: Environment, limits: SpoolLimits) -> None:
        self.folder = folder
        self._limits = limits
        self._time_ns = environment.time_ns
        self.state = read_state(folder) or SpoolState()
        self._recover()

    def pending(self) -> list[Path]:
        """Return the files that wait, oldest first."""
        return sorted(each for each in _files(self.folder / PENDING) if not _is_draft(each))

    def read(self, path: Path) -> Entry | None:
        """Return a batch that waits; one that is torn goes to `dead`, and None is returned."""
        try:
            content = path.read_bytes()
            return Entry(path.name, content, decode_batch(path.name, content))
        except Torn as torn:
            self._bury(path, str(torn))
        return None

    def put(self, batches: Iterable[Batch]) -> None:
        """Queue batches, and put the state on the disk in the same step; raises `OSError`."""
        drafts = [self._draft(each) for each in batches]
        self.state.staged = [each.name.removesuffix(DRAFT) for each in drafts]
        if drafts:
            sync_folder(self.folder / PENDING)
        self.save()
        self._publish(drafts)

    def save(self) -> None:
        """Put the state on the disk; raises `OSError`."""
        write_state(self.folder, self.state)

    def taken(self, entry: Entry, status: int) -> None:
        """Keep a receipt for a batch that the other side has, and let go of the batch."""
        receipt = Receipt(self._stamp(), status, [each.id for each in entry.batch.rows])
        replace_file(self.folder / SENT / entry.name, msgspec.json.encode(receipt), is_synced=True)
        self._unlink(self.folder / PENDING / entry.name)
        self.state.sent += len(entry.batch.rows)
        self.save()

    def known_ids(self) -> set[str]:
        """Return the ids of all rows that wait or were sent, as far as it is remembered."""
        found: set[str] = set()
        for path in self.pending():
            entry = self.read(path)
            found.update(each.id for each in entry.batch.rows) if entry else None
        for path in _files(self.folder / SENT):
            found.update(_rows_of(path))
        return found

    def tidy(self, *, incoming: Sequence[int] = ()) -> None:
        """Give up what is too old or too much, the oldest first, and count its rows.

        `incoming` are the sizes of batches for which there has to be room.
        """
        sizes = {path: path.stat().st_size for path in self.pending()}
        waiting = sum(sizes.values()) + sum(incoming)
        oldest_ns = self._time_ns() - self._limits.days * DAY_NS
        for path, size in list(sizes.items()):
            why = (
                "age"
                if time_of(path.name) < oldest_ns
                else "files"
                if len(sizes) + len(incoming) > self._limits.files
                else "bytes"
                if waiting > self._limits.bytes
                else ""
            )
            if not why:
                break
            self._drop(path, why)
            del sizes[path]
            waiting -= size
        for name in (SENT, DEAD):
            self._forget(self.folder / name)

    def _recover(self) -> None:
        """Finish what a process had begun that is gone: nobody else is at work now."""
        pending = self.folder / PENDING
        drafts = [each for each in _files(pending) if _is_draft(each)]
        counted = [each for each in drafts if each.name.removesuffix(DRAFT) in self.state.staged]
        self._publish(counted)
        for path in drafts:
            path.unlink(missing_ok=True)
        for path in self.pending():
            receipt = self.folder / SENT / path.name
            if receipt.exists():
                self._unlink(path)
                self.state.sent += len(_rows_of(receipt))

    def _publish(self, drafts: Iterable[Path]) -> None:
        for draft in drafts:
            draft.replace(draft.with_name(draft.name.removesuffix(DRAFT)))
        sync_folder(self.folder / PENDING)

    def _draft(self, batch: Batch) -> Path:
        content = encode_batch(batch)
        name = name_of(content, time_ns=self._time_ns())
        path = self.folder / PENDING / f"{name}{DRAFT}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, OWNER_ONLY_FILE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return path

    def _bury(self, path: Path, reason: str) -> None:
        """Put a file aside for good, with the reason beside it; the others go on."""
        note = msgspec.json.encode(Reason(self._stamp(), reason))
        replace_file(self.folder / DEAD / f"{path.name}{REASON}", note, is_synced=True)
        path.replace(self.folder / DEAD / path.name)
        sync_folder(self.folder / DEAD)
        sync_folder(path.parent)
        add(self.state.dropped, "torn_files", 1)

    def _drop(self, path: Path, why: str) -> None:
        entry = self.read(path)
        if entry is not None:
            self._unlink(path)
            add(self.state.dropped, why, len(entry.batch.rows))

    def _unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def _forget(self, folder: Path) -> None:
        """Remove what is remembered for too long or too much; its rows are over already."""
        files = sorted(_files(folder))
        oldest_ns = self._time_ns() - self._limits.remembered_days * DAY_NS
        too_many = files[: max(0, len(files) - self._limits.remembered_files)]
        for path in files:
            made_ns = time_of(path.name.removesuffix(REASON))
            if path in too_many or (made_ns and made_ns < oldest_ns):
                self._unlink(path)

    def _stamp(self) -> str:
        return Stamps().write(self._time_ns())


@contextmanager
def open_spool(
    environment: Environment, *, limits: SpoolLimits = LIMITS, attempts: int = LOCK_ATTEMPTS
) -> Iterator[Spool]:
    """Hold the spool, made if missing; `attempts` is for how many milliseconds to wait for it.

    Raises `SpoolBusy`, `SpoolUnusable` where it is not folders of ours, and `OSError`.
    """
    folder = prepare_home(environment.home) / FOLDER
    for each in (folder, *(folder / name for name in (PENDING, SENT, DEAD))):
        _make_folder(each)
    with held_lock(folder / LOCK_FILE, attempts=attempts) as is_mine:
        if not is_mine:
            raise SpoolBusy(
                "another `telemetry enqueue` or `upload` is at work",
                next_step="run this again when it is done",
            )
        yield Spool(folder, environment, limits)


def _make_folder(path: Path) -> None:
    path.mkdir(mode=OWNER_ONLY, exist_ok=True) if not path.is_symlink() else None
    state = path.lstat()
    if not stat.S_ISDIR(state.st_mode):
        raise SpoolUnusable(
            f"{path} is not a folder of its own", next_step="move it away, and run this again"
        )
    if os.name == "posix" and stat.S_IMODE(state.st_mode) != OWNER_ONLY:
        path.chmod(OWNER_ONLY)


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.iterdir() if each.is_file() and not each.is_symlink())


def _is_draft(path: Path) -> bool:
    return path.name.endswith(DRAFT) and is_name(path.name.removesuffix(DRAFT))


def _rows_of(path: Path) -> list[str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt).rows
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
