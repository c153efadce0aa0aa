"""`hook NAME`: what a client's hooks call; each starts anew, so it must not be felt.

A hook never fails the session: the client always hears success. It never fails in silence
either: what could not be done is said in one line on stderr and kept for `triage` to show.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from bicameral.environment import Environment
from bicameral.errors import BicameralError

MOST_BYTES = 64 * 1024 * 1024
# Each hook, and whether it has something to do only while capture is switched on.
HOOKS = {"session-start": False, "before-edit": True, "after-edit": True, "session-end": True}
USAGE = f"usage: bicameral-mcp hook {{{','.join(HOOKS)}}}   (the client's JSON comes on stdin)"
# What an odd path, text or place can raise on the way to a row.
NOT_DONE = (OSError, BicameralError, TypeError, ValueError, OverflowError, RecursionError)


class HookModule(Protocol):
    """What the module of a hook has."""

    def run(self, environment: Environment, sent: bytes) -> str:
        """Do it; return what the client is told on stdout, "" for nothing.

        Raises any of `NOT_DONE`.
        """
        ...


def run_hook(words: Sequence[str], environment: Environment, standard_input: BinaryIO) -> int:
    """Run a hook; 1 for one that is not known, so that a wrong setting shows."""
    name = words[0] if len(words) == 1 else ""
    if name not in HOOKS:
        _say(environment, USAGE)
        return 0 if "--help" in words else 1
    try:
        # Read in any case: a client may not expect that nobody takes what it sends.
        sent = standard_input.read(MOST_BYTES)
        if _has_work(name, environment):
            module = import_module(f"bicameral.cli.hook_{name.replace('-', '_')}")
            _answer(cast(HookModule, module).run(environment, sent))
    except NOT_DONE as error:
        _report(environment, name, error)
    return 0


def _has_work(name: str, environment: Environment) -> bool:
    from bicameral.capture.flags import read_flags  # noqa: PLC0415 - start-up time

    if not HOOKS[name]:
        return True
    return read_flags(environment.variables, _ignore, home=environment.home).preflight


def _answer(text: str) -> None:
    if text and sys.stdout is not None:  # a process may be started without one
        sys.stdout.write(text)
        sys.stdout.flush()


def _report(environment: Environment, name: str, error: Exception) -> None:
    from bicameral.capture.hook_failures import record_hook_failure  # noqa: PLC0415

    _say(environment, f"hook {name}: {' '.join(str(error).split()) or type(error).__name__}")
    with suppress(OSError, BicameralError):  # where nothing can be written, stderr has it
        record_hook_failure(environment, hook=name, reason=_reason(error))


def _reason(error: Exception) -> str:
    """Return why in words of ours or the system's, without any path or content."""
    from bicameral.cli.hook_input import NotUnderstood  # noqa: PLC0415 - seldom needed

    if isinstance(error, NotUnderstood):
        return str(error)
    if isinstance(error, BicameralError):
        return error.code
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _say(environment: Environment, text: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # stderr may be closed, or None
        environment.warn(text)


def _ignore(_warning: str) -> None:
    """The server says what is amiss with the variables; once is enough."""
