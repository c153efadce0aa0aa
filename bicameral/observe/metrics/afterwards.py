"""Afterwards: what need not be done before a call is answered, done right after, in a thread.

Asked for again while it is under way, it is done once more for all who asked meanwhile. The
thread is kept, for to start one costs a call more than the rest of its metrics; a process that
ends does not wait for it.
"""

import threading
from collections.abc import Callable


class Afterwards:
    """Runs `step`, which raises nothing, soon after it is asked for."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step
        self._changed = threading.Condition()
        self._is_asked = False
        self._is_busy = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Have it done soon."""
        with self._changed:
            self._is_asked = True
            # In a forked child the thread of the parent is not alive.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            else:
                self._changed.notify_all()

    def settle(self, seconds: float) -> None:
        """Wait until all that was asked for is done, so long at most."""
        thread = self._thread
        if thread is not None and thread.is_alive():
            with self._changed:
                self._changed.wait_for(self._is_at_rest, seconds)

    def _is_at_rest(self) -> bool:
        return not (self._is_asked or self._is_busy)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._is_asked)
                self._is_asked, self._is_busy = False, True
            self._step()
