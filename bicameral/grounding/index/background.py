"""Runs of the index behind a server: one at a time, by a thread that ends when told to.

A run that fails says why in `failure`, and is not tried again at once.
"""

import sqlite3
from collections.abc import Callable
from threading import Event, Lock, Thread

from bicameral.errors import BicameralError

NEXT_TRY_NS = 30_000_000_000
STOP_SECONDS = 5.0


class Background:
    """Starts `run`, which is given a way to know that it should stop."""

    def __init__(
        self, run: Callable[[Callable[[], bool]], object], monotonic_ns: Callable[[], int]
    ) -> None:
        self._run = run
        self._monotonic_ns = monotonic_ns
        self._lock = Lock()
        self._is_stopped = Event()
        self._thread: Thread | None = None
        self._ended = Event()
        self._failed_at_ns: int | None = None
        self.failure = ""
        """Why the last run failed, "" where it did not."""

    def start(self) -> bool:
        """Start a run; False where one is under way, failed a moment ago, or none may be."""
        with self._lock:
            is_running = self._thread is not None and self._thread.is_alive()
            if is_running or self._is_stopped.is_set() or self._failed_lately():
                return False
            self._ended.clear()
            self._thread = Thread(target=self._work, name="code-index", daemon=True)
            self._thread.start()
            return True

    def wait(self, seconds: float) -> None:
        """Wait for the end of the run that was started last, at most so long."""
        if self._thread is not None:
            self._ended.wait(max(0.0, seconds))

    def stop(self) -> None:
        """Stop the run that is under way, and start none any more."""
        with self._lock:
            self._is_stopped.set()
            thread = self._thread
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _failed_lately(self) -> bool:
        failed = self._failed_at_ns
        return failed is not None and self._monotonic_ns() - failed < NEXT_TRY_NS

    def _work(self) -> None:
        try:
            self._run(self._is_stopped.is_set)
        except (BicameralError, OSError, sqlite3.Error) as error:
            self.failure = str(error) or type(error).__name__
            self._failed_at_ns = self._monotonic_ns()
        else:
            self.failure, self._failed_at_ns = "", None
        finally:
            self._ended.set()
