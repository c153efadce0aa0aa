"""How a piece of work that raised has ended, and what of its error stands in a trace.

The message of an error may quote what a person wrote, so outside raw mode its length alone
stands there; its type, its code and the line of ours that it came from say what happened.
"""

import asyncio
from collections.abc import Iterator
from traceback import walk_tb
from types import TracebackType

from bicameral.errors import BicameralError, IngestRefused, InputRefused, TransitionRefused
from bicameral.tracing import Status

# A guard said no: nothing is broken, and the caller can do something about it.
REFUSALS = (InputRefused, TransitionRefused, IngestRefused)
_OURS = ("bicameral.", "handlers.", "server")


def status_of(error: BaseException) -> Status:
    """Say how work ended that raised this; what is no `Exception` took the work away."""
    if isinstance(error, REFUSALS):
        return "blocked"
    if isinstance(error, asyncio.CancelledError) or not isinstance(error, Exception):
        return "cancelled"
    return "error"


def facts_of(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """Return the facts of an error under the names that they have in a trace."""
    facts: dict[str, object] = {"error.type": type(error).__name__}
    if isinstance(error, BicameralError):
        facts["error_code"] = error.code
    facts["error_message"] = _message(error)
    for place in _places(trace):
        facts["error_at"] = place  # the innermost, as the last of them
    return facts


def _message(error: BaseException) -> str:
    if isinstance(error, BicameralError):
        return error.message
    return next((each for each in error.args if type(each) is str), "")


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in walk_tb(trace):
        module = frame.f_globals.get("__name__", "")
        if isinstance(module, str) and module.startswith(_OURS):
            yield f"{module}:{line}"
