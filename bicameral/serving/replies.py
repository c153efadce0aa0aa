"""Which requests still wait for their answer, and which must not be answered again.

A request that the front answered and the SDK hears too gets one answer, not two; and the
server leaves only when nothing is owed, or when its patience is at an end.
"""

import threading


class Replies:
    """Request ids (as JSON text) by what is owed to them; safe for any thread."""

    def __init__(self) -> None:
        self._owed: set[str] = set()
        self._answered: set[str] = set()
        self._change = threading.Condition()

    def expect(self, key: str) -> None:
        """An answer is owed from now on."""
        with self._change:
            self._owed.add(key)

    def answered_early(self, key: str) -> None:
        """The front has answered; the next answer to this id is a duplicate."""
        with self._change:
            self._answered.add(key)

    def is_answered(self, key: str) -> bool:
        """Say whether the front has answered and the duplicate is still to come."""
        with self._change:
            return key in self._answered

    def settle(self, key: str) -> None:
        """The answer has been written, or the duplicate dropped: nothing is owed."""
        with self._change:
            self._answered.discard(key)
            self._owed.discard(key)
            self._change.notify_all()

    def forgive(self, key: str) -> None:
        """The client cancelled: no answer is owed."""
        with self._change:
            self._owed.discard(key)
            self._change.notify_all()

    def take_owed(self) -> list[str]:
        """Return every id that waits, and let none wait any longer."""
        with self._change:
            keys, self._owed = sorted(self._owed), set()
            self._change.notify_all()
        return keys

    def wait_until_settled(self, seconds: float) -> bool:
        """Wait until nothing is owed, but not longer than this; say whether it was so."""
        with self._change:
            return self._change.wait_for(lambda: not self._owed, seconds)
