"""The recorder: writes a row or counts that it was dropped; nothing it meets gets past it.

The first failure is said once on stderr and the latest is kept for `status`.
"""

from collections.abc import Callable
from contextlib import suppress

from bicameral.capture.events import Engagement, Row, encode
from bicameral.capture.log import RotatedLog
from bicameral.capture.sizes import check_session_id
from bicameral.environment import Environment
from bicameral.errors import BicameralError
from bicameral.tracing import span

# A place that cannot be written, a home or salt that cannot be used, an argument that is not
# what it should be, a clock beyond all years: no reason to fail the call that is watched.
NOT_RECORDED = (OSError, BicameralError, TypeError, ValueError, AttributeError, OverflowError)


class Recorder:
    """Runs the steps of capture on behalf of calls that must not fail with them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.last_error = ""

    def record(self, log: RotatedLog, make: Callable[[int], Row | Engagement]) -> None:
        """Append the row that `make` gives for the wall-clock time in nanoseconds."""
        with span("capture", "append", log.path.name) as appending:
            if not self._append(log, make):
                appending.set_status("error")

    def _append(self, log: RotatedLog, make: Callable[[int], Row | Engagement]) -> bool:
        try:
            time_ns = self._environment.time_ns()
            row = make(time_ns)
            check_session_id(row.session_id)
            line = encode(row)
        except NOT_RECORDED as error:
            log.count_drop()
            self.report(error)
            return False
        try:
            log.append(line, time_ns=time_ns)
        except NOT_RECORDED as error:  # counted by the log itself
            self.report(error)
            return False
        return True

    def follow(self, step: Callable[[], object]) -> None:
        """Take a step that counts its own drops."""
        with span("capture", "session", "lifecycle") as following:
            try:
                step()
            except NOT_RECORDED as error:
                following.set_status("error")
                self.report(error)

    def report(self, error: Exception) -> None:
        """Keep the error for `status`, and say the first one aloud."""
        is_first = not self.last_error
        self.last_error = str(error) or type(error).__name__
        if is_first:
            with suppress(OSError, ValueError):  # stderr may be closed
                self._environment.warn(
                    f"telemetry is not being recorded: {self.last_error} (tool calls go on)"
                )
