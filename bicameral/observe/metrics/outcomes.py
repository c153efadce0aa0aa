"""How a call ended, in a word: done, refused for what was asked, failed on our side, cancelled.

A caller who names a decision that is not there is answered well; only failures say
something about the health of this installation.
"""

from bicameral.errors import (
    BicameralError,
    DetectorMissing,
    ExporterMissing,
    IngestRefused,
    InputRefused,
    NotARepository,
    NotFound,
    SettingsRefused,
    TooFewLabels,
    TransitionRefused,
)
from bicameral.observe.metrics.lines import Status

REFUSALS = (
    InputRefused,
    NotFound,
    TransitionRefused,
    IngestRefused,
    TooFewLabels,
    DetectorMissing,
    ExporterMissing,
    SettingsRefused,
    NotARepository,
)


def outcome_of(error: BaseException) -> tuple[Status, str]:
    """Return how an error ends a call, and its code: ours, or the name of its class."""
    if not isinstance(error, Exception):  # of asyncio, of a person, of the interpreter's end
        return "cancelled", "cancelled"
    code = error.code if isinstance(error, BicameralError) else type(error).__name__
    return ("refused" if isinstance(error, REFUSALS) else "failed"), code
