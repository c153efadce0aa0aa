"""Attribution: which earlier preflight a call without a `preflight_id` belongs to.

Read from the end of the events log, so that it holds across processes; what is kept is
bounded and only new bytes are read again, so its cost does not grow with the log.
"""

import os
import threading
from collections import deque
from collections.abc import Collection, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from bicameral.capture.rows import open_files
from bicameral.capture.stamps import Stamps

TAIL_BYTES = 262_144
MOST_EVENTS = 1_000
# A preflight of yesterday says nothing about today's call on the same file.
RECENT_NS = 12 * 3_600 * 1_000_000_000


class SeenPreflight(msgspec.Struct, frozen=True):
    """What attribution needs of a preflight row; `ts` is its stamp."""

    ts: str
    session_id: str
    preflight_id: str
    path_hashes: frozenset[str]
    repository_id: str | None
    event_type: Literal["preflight"]


def choose_preflight(
    newest_first: Iterable[SeenPreflight],
    *,
    session_id: str,
    repository_id: str | None,
    path_hashes: Collection[str],
) -> str | None:
    """Return the newest preflight on any of the paths: of the same session, else of any.

    A preflight that is known to be of another repository is never chosen.
    """
    overlapping = [
        seen
        for seen in newest_first
        if not seen.path_hashes.isdisjoint(path_hashes)
        and (repository_id is None or seen.repository_id in {None, repository_id})
    ]
    own = [seen for seen in overlapping if seen.session_id == session_id]
    return next((seen.preflight_id for seen in own or overlapping), None)


class RecentPreflights:
    """The last preflights of every process that writes to the events log at `path`."""

    def __init__(self, path: Path) -> None:
        self._tail = Tail(path)
        self._seen: deque[SeenPreflight] = deque(maxlen=MOST_EVENTS)
        self._decoder = msgspec.json.Decoder(SeenPreflight)
        self._stamps = Stamps()
        self._guard = threading.Lock()

    def find(
        self,
        *,
        session_id: str,
        repository_id: str | None,
        path_hashes: Collection[str],
        time_ns: int,
    ) -> str | None:
        """Return the `preflight_id` the call most likely belongs to; raises `OSError`."""
        since = self._stamps.write(time_ns - RECENT_NS)
        with self._guard:
            for line in self._tail.read_new():
                self._take_in(line)
            recent = [seen for seen in reversed(self._seen) if seen.ts >= since]
        return choose_preflight(
            recent, session_id=session_id, repository_id=repository_id, path_hashes=path_hashes
        )

    def _take_in(self, line: bytes) -> None:
        try:
            self._seen.append(self._decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # another kind of row, or none; the reconciliation counts those


class Tail:
    """The lines added to a rotated log since the last look; the first look takes the newest."""

    def __init__(self, path: Path, *, most_bytes: int = TAIL_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._identity = (-1, -1)
        self._offset = 0

    def read_new(self) -> list[bytes]:
        """Return the new complete lines, oldest first; of too many, only the newest.

        Raises `OSError` when the log cannot be read; one that does not exist has no lines.
        """
        parts: list[bytes] = []
        left = self._most_bytes
        known, offset = self._identity, self._offset
        with ExitStack() as stack:
            for number, file in enumerate(reversed(open_files(self._path, stack))):
                identity, size = _describe(file)
                start = offset if identity == known and offset <= size else 0
                part = _read_lines(file, start, size, left)
                parts.insert(0, part)
                left -= len(part)
                if number == 0:
                    self._identity = identity
                    self._offset = file.tell()
                if identity == known or left <= 0:
                    break
        return b"".join(parts).split(b"\n")[:-1]


def _describe(file: BinaryIO) -> tuple[tuple[int, int], int]:
    state = os.fstat(file.fileno())
    return (state.st_dev, state.st_ino), state.st_size


def _read_lines(file: BinaryIO, start: int, size: int, most_bytes: int) -> bytes:
    """Read the complete lines between two offsets; leave the file after the last of them."""
    from_offset = max(start, size - most_bytes)
    file.seek(from_offset)
    content = file.read(size - from_offset)
    end = content.rfind(b"\n") + 1
    # In the middle of a line: what is left of it is none.
    begin = content.find(b"\n") + 1 if from_offset > start else 0
    file.seek(from_offset + end)
    return content[begin:end]
