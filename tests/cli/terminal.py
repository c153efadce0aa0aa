"""A command on a real terminal: what it shows, the keys it is given, how it leaves the terminal."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

BOUND_SECONDS = 120  # reached only by what hangs
COMMAND = [sys.executable, "-P", "-m", "server"]


class Terminal:
    """A pseudo-terminal with one command on it, which is also its session's leader."""

    def __init__(
        self, *words: str, cwd: Path, variables: Mapping[str, str], columns: int = 100
    ) -> None:
        self._master, self._slave = os.openpty()
        self.resize(columns)
        self.before = termios.tcgetattr(self._slave)
        self.shown = ""
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=cwd,
            env={"TERM": "xterm", **variables},
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no threads in between
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(BOUND_SECONDS)
        self.hang_up()
        os.close(self._slave)

    def wait_for(self, *texts: str) -> str:
        """Read until all texts were shown; return all up to the last, and begin anew behind it."""
        for _ in self._reading():
            if all(text in self.shown for text in texts):
                end = max(self.shown.index(text) + len(text) for text in texts)
                shown, self.shown = self.shown[:end], self.shown[end:]
                return shown
        raise AssertionError(f"{texts} never came after:\n{self.shown}")

    def press(self, keys: str | bytes) -> None:
        """Press keys, all at once."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, columns: int) -> None:
        """Make the terminal wider or narrower; the system tells the process."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def end(self) -> int:
        """Wait until the process has ended; return its status."""
        for _ in self._reading():
            if self.process.poll() is not None:
                break
        self.process.wait(BOUND_SECONDS)
        return self.process.returncode

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the person's end."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def attributes(self) -> list[Any]:
        """Return the state of the terminal as it is now."""
        return termios.tcgetattr(self._slave)

    def _reading(self) -> Iterator[None]:
        end = time.monotonic() + BOUND_SECONDS
        while time.monotonic() < end:
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if ready:
                self.shown += os.read(self._master, 65_536).decode("utf-8", "replace")
            yield


@contextmanager
def on_terminal(
    *words: str, cwd: Path, variables: Mapping[str, str], columns: int = 100
) -> Iterator[Terminal]:
    """Start a command on a terminal for a while."""
    with Terminal(*words, cwd=cwd, variables=variables, columns=columns) as terminal:
        yield terminal


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
