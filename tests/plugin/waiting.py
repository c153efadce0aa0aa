"""Waiting for a reconciliation that nobody waits for; bounded, as every wait."""

import threading
from pathlib import Path

from bicameral.review.reconciliation.summary import Summary, read_summary
from tests.cli.parts import BOUND_SECONDS

PAUSE_SECONDS = 0.05


def wait_for_summary(home: Path) -> Summary:
    """Return the summary that a detached reconciliation leaves at its end."""
    pause = threading.Event()
    for _ in range(int(BOUND_SECONDS / PAUSE_SECONDS)):
        if (summary := read_summary(home)) is not None:
            return summary
        pause.wait(PAUSE_SECONDS)
    raise AssertionError("the reconciliation left no summary")
