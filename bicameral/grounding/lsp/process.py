"""The process of a language server: started on a leash, ended with all that it started.

It runs in the folder of its own program and not in the repository, so that no name without
a folder leads there. Nothing it says on stderr is read: that is text about people's code.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LEASH = Path(__file__).with_name("leash.py")
_PRIVATE = "BICAMERAL_"


@dataclass(frozen=True, slots=True)
class Child:
    """A running program and its pipes: what it reads, and what it writes."""

    process: "subprocess.Popen[bytes]"
    reads: IO[bytes]
    writes: IO[bytes]

    def end(self) -> None:
        """End it and its group at once; to be called before anybody has waited for it."""
        with suppress(OSError):  # all of them may be gone
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()


def start(command: Sequence[str], variables: Mapping[str, str], *, parent: int) -> Child:
    """Start a program with pipes; raises `OSError` or `ValueError`.

    The thread that starts it must outlive it: to the kernel the parent is that thread.
    """
    process = subprocess.Popen(
        leashed(command, parent) if sys.platform == "linux" else list(command),
        cwd=Path(command[0]).parent,
        # The ledger's URL may hold a password, and is none of its business.
        env={name: text for name, text in variables.items() if not name.startswith(_PRIVATE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A group of its own: what it starts ends with it, and Ctrl-C is not for it.
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise ValueError("it has no pipes")
    return Child(process, process.stdin, process.stdout)


def leashed(command: Sequence[str], parent: int) -> list[str]:
    """Return the command that runs a program until its parent is gone."""
    return [sys.executable, "-I", "-S", str(_LEASH), str(parent), *command]
