"""The command, killed with kill -9 at its n-th act on the disk: `... killed N NS reconcile`.

Acts are opening, writing, syncing and renaming, so every place where a run can be torn is
reached by counting. `NS` is what its clock says; no clock decides anything.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, TypeVar

import server
from bicameral.cli.main import run
from bicameral.environment import read_environment

ACTS = frozenset({"open", "os.rename", "os.remove", "os.truncate"})
Found = TypeVar("Found")


def die_at(number: int, home: str) -> None:
    """Let this process die at its `number`-th act below `home`, or on an open file."""
    acts = count(1)

    def act() -> None:
        if next(acts) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(call: Callable[..., Found]) -> Callable[..., Found]:
        def wrapped(*arguments: Any, **named: Any) -> Found:
            act()
            return call(*arguments, **named)

        return wrapped

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ACTS and str(arguments[0]).startswith(home):
            act()

    os.write = counted(os.write)
    os.fsync = counted(os.fsync)
    sys.addaudithook(audit)


def main(number: int, time_ns: int, *words: str) -> int:
    """Run a command by a clock that stands still, until it is over or dead."""
    environment = replace(read_environment(), time_ns=lambda: time_ns)
    die_at(number, str(environment.home))
    return run(words, environment, serve=server.serve, connect=server.Desk)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
