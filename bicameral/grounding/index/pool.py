"""The processes that read files: each asked by a thread of its own, one batch at a time.

A file that ends its process, or holds it beyond reason, is listed without being read; the
rest of its batch is asked for again, one by one.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO, cast

from bicameral.grounding.index.reading import Read
from bicameral.grounding.index.scan import FileLook
from bicameral.grounding.index.worker import decode_reads, encode, read_frame, write_frame

BATCH_FILES = 64
# How soon a run ends that is told to, though no file has come back.
LOOK_AROUND_SECONDS = 0.2


Answer = tuple[Sequence[str], list[Read]]


@dataclass(frozen=True, slots=True)
class Crew:
    """How many processes, how far they stand back for others (0 to 19), and their patience.

    A batch that takes longer is read file by file; a file that does is listed without being read.
    """

    size: int
    niceness: int = 0
    batch_seconds: float = 120.0
    file_seconds: float = 20.0


@dataclass(slots=True)
class WorkerPool:
    """Reads the files of one work tree; close it, or leave its `with`, and no process is left."""

    root: str
    index: Path
    crew: Crew
    variables: Mapping[str, str]
    _processes: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_closed: bool = False

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def read(self, paths: Sequence[str], is_stopped: Callable[[], bool]) -> Iterator[Answer]:
        """Yield each batch with what was read of it, as it comes, until stopped.

        Raises `OSError` where no process can be started.
        """
        batches = iter([paths[at : at + BATCH_FILES] for at in range(0, len(paths), BATCH_FILES)])
        done: SimpleQueue[Answer | OSError | None] = SimpleQueue()
        threads = [
            threading.Thread(target=self._follow, args=(batches, done), daemon=True)
            for _ in range(max(1, self.crew.size))
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            for found in _until_none(done, is_stopped):
                if isinstance(found, OSError):
                    raise found
                yield found

    def close(self) -> None:
        """End every process."""
        with self._lock:
            self._is_closed = True
            processes = list(self._processes)
        for process in processes:
            process.kill()
            process.wait()

    def _follow(
        self,
        batches: Iterator[Sequence[str]],
        done: "SimpleQueue[Answer | OSError | None]",
    ) -> None:
        """Work through batches with one process after another, until there are none left."""
        hand = _Hand(self)
        try:
            while not self._is_closed:
                with self._lock:
                    batch = next(batches, None)
                if batch is None:
                    break
                done.put((batch, hand.read(batch)))
        except OSError as error:
            done.put(error)
        finally:
            hand.let_go()
            done.put(None)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start one process, which `close` will end."""
        words = (self.root, str(self.index), str(self.crew.niceness))
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "bicameral.grounding.index.worker", *words],
            cwd=self.index.parent,
            env=dict(self.variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with self._lock:
            self._processes.add(process)
            if self._is_closed:
                process.kill()
        return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """End one process and take note of its end."""
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what it did not take any more
                if stream is not None:
                    stream.close()
        process.wait()
        with self._lock:
            self._processes.discard(process)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is to be read any more."""
        return self._is_closed


def _until_none(
    done: "SimpleQueue[Answer | OSError | None]", is_stopped: Callable[[], bool]
) -> Iterator[Answer | OSError]:
    while not is_stopped():
        try:
            found = done.get(timeout=LOOK_AROUND_SECONDS)
        except Empty:
            continue
        if found is None:
            return
        yield found


class _Hand:
    """One place at the pool's table: a process, and another one when that has ended."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, batch: Sequence[str]) -> list[Read]:
        """Read a batch, whatever becomes of the process."""
        found = self._ask(batch, self._pool.crew.batch_seconds)
        if found is not None:
            return found
        return [each for path in batch for each in self._read_alone(path)]

    def _read_alone(self, path: str) -> Iterable[Read]:
        if self._pool.is_closed:
            return ()
        found = self._ask([path], self._pool.crew.file_seconds)
        if found is not None or self._pool.is_closed:
            return found or ()
        stamp = FileLook(self._pool.root).stamp(path)
        return () if stamp is None else (Read(path, stamp),)

    def _ask(self, batch: Sequence[str], seconds: float) -> list[Read] | None:
        """Return what the process says; None where it ended first, or took too long and was."""
        process = self._process = self._process or self._pool.start()
        watch = threading.Timer(seconds, process.kill)
        watch.daemon = True
        watch.start()
        try:
            write_frame(cast(BinaryIO, process.stdin), encode(batch))
            content = read_frame(cast(BinaryIO, process.stdout))
        except (OSError, ValueError):  # its end of the pipe, or ours, is closed
            content = None
        finally:
            watch.cancel()
        if content is None:
            self.let_go()
            return None
        return [each for each in decode_reads(content) if each is not None]

    def let_go(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            self._pool.end(process)
