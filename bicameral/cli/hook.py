"""`hook after-edit`: a client tells that a file was edited, as evidence for missed decisions.

It runs after every edit, so it must not be felt and must not get in the way: nothing heavy
is imported, nothing is printed but one line on stderr when something is wrong, and the
client always hears success.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

from bicameral.environment import Environment

MOST_BYTES = 64 * 1024 * 1024
USAGE = "usage: bicameral-mcp hook after-edit   (the client's JSON comes on stdin)"


def run_hook(words: Sequence[str], environment: Environment, standard_input: BinaryIO) -> int:
    """Run a hook; 1 for one that is not known, so that a wrong setting shows."""
    if list(words) != ["after-edit"]:
        _say(environment, USAGE)
        return 0 if "--help" in words else 1
    from bicameral.capture.flags import read_flags  # noqa: PLC0415 - start-up time

    with suppress(OSError, ValueError):  # a client that cannot write to us has lost nothing
        sent = standard_input.read(MOST_BYTES)
        if read_flags(environment.variables, _ignore).preflight:
            _after_edit(environment, sent)
    return 0


def _after_edit(environment: Environment, sent: bytes) -> None:
    from bicameral.cli.edited import record  # noqa: PLC0415 - only when capture is on

    if trouble := record(environment, sent):
        _say(environment, f"hook after-edit: {trouble}")


def _say(environment: Environment, text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # stderr may be closed, or None
        environment.warn(text)


def _ignore(_warning: str) -> None:
    """The server says what is amiss with the variables; once is enough."""
