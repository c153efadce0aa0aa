"""Keys: one at a time from a terminal, without Enter; the terminal is always left as it was.

A key counts only for what was on the screen when it was pressed: what came earlier, or comes
with others in one piece (a pasted text, an arrow key), is dropped.
"""

import os
import sys
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Protocol

from bicameral.cli.execution import write

REDRAW = ""
LEAVE = "\x04"
_ESCAPE = "\x1b"
_MOST_BYTES = 8_192
_SIGNALLED = 128


class Keys(Protocol):
    """Where keys come from; `clears_screen` tells whether the screen may be wiped."""

    clears_screen: bool

    def forget(self) -> None:
        """Drop what was pressed so far."""
        ...

    def read(self) -> str:
        """Wait for a key, in lower case; `LEAVE` at the end, `REDRAW` when the size changed."""
        ...

    def read_line(self, prompt: str = "") -> str:
        """Show a prompt and wait for a line, which the person may edit."""
        ...

    def __enter__(self) -> "Keys":
        """Take the terminal."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back as it was."""
        ...


def first_key(pressed: bytes) -> str:
    """Return the key that some bytes begin with; those of an escape sequence are one key."""
    if not pressed:
        return LEAVE
    key = pressed.decode("utf-8", "replace")[0]
    return key if key == _ESCAPE else key.lower()


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    class TerminalKeys:
        """The keys of a Windows console."""

        clears_screen = False

        def __enter__(self) -> "TerminalKeys":
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
        ) -> None:
            """Nothing was changed."""

        def forget(self) -> None:
            """Drop what was pressed so far."""
            while msvcrt.kbhit():
                msvcrt.getwch()

        def read(self) -> str:
            """Wait for a key."""
            key = msvcrt.getwch()
            if key == "\x03":
                raise KeyboardInterrupt
            if key in {"\x00", "\xe0"}:  # the first half of an arrow or function key
                msvcrt.getwch()
                return _ESCAPE
            return LEAVE if key == "\x1a" else key.lower()

        def read_line(self, prompt: str = "") -> str:
            """Show a prompt and wait for a line."""
            write(prompt)
            return sys.stdin.readline().strip()

else:
    import select
    import signal
    import termios
    import tty

    class TerminalKeys:
        """The keys of a POSIX terminal, from the descriptor that stdin is."""

        clears_screen = True

        def __init__(self, descriptor: int = 0) -> None:
            self._descriptor = descriptor
            self._before = termios.tcgetattr(descriptor)
            self._handlers: dict[int, object] = {}
            self._woken, self._wake = -1, -1
            self._wakeup_before = -1

        def __enter__(self) -> "TerminalKeys":
            self._woken, self._wake = os.pipe()
            os.set_blocking(self._wake, False)
            # Wakes `select` for a signal whose handler returns, such as a new size.
            self._wakeup_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
            for number in (signal.SIGTERM, signal.SIGHUP):
                self._handle(number, _end)
            self._handle(signal.SIGWINCH, lambda _number, _frame: None)
            self._handle(signal.SIGTSTP, self._suspend)
            self._take()
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
        ) -> None:
            self._restore()
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]
            signal.set_wakeup_fd(self._wakeup_before)
            os.close(self._woken)
            os.close(self._wake)

        def forget(self) -> None:
            """Drop what was pressed so far."""
            with suppress(termios.error):  # the terminal is gone, as the next read will tell
                termios.tcflush(self._descriptor, termios.TCIFLUSH)

        def read(self) -> str:
            """Wait for a key."""
            ready, _, _ = select.select([self._descriptor, self._woken], [], [])
            if self._woken in ready:
                os.read(self._woken, _MOST_BYTES)
                return REDRAW
            return first_key(self._read())

        def read_line(self, prompt: str = "") -> str:
            """Show a prompt and wait for a line, with the terminal's own editing."""
            self._restore()
            write(prompt)
            try:
                return self._read().decode("utf-8", "replace").strip()
            finally:
                self._take()

        def _read(self) -> bytes:
            try:
                return os.read(self._descriptor, _MOST_BYTES)
            except OSError:  # the terminal is gone
                return b""

        def _take(self) -> None:
            with suppress(termios.error):  # as below
                tty.setcbreak(self._descriptor)

        def _restore(self) -> None:
            with suppress(termios.error):  # the terminal is gone, and its state with it
                # At once: a terminal whose output is held would never drain.
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

        def _handle(self, number: int, handler: "signal._HANDLER") -> None:
            self._handlers[number] = signal.signal(number, handler)

        def _suspend(self, number: int, _frame: FrameType | None) -> None:
            """Stop as Ctrl-Z asks, with the terminal as it was; go on when continued."""
            self._restore()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, self._suspend)
            self._take()


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_SIGNALLED + number)
