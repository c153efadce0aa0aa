"""Run a program that the kernel ends when its parent is gone, however that went (Linux).

Started as a file of its own: `leash.py PARENT PROGRAM ...`. It becomes the program, so
that nothing of it is left; a program that ignores the end of its input would else live on.
"""

import ctypes
import os
import sys

_SET_PARENT_DEATH_SIGNAL = 1
_KILL = 9


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2]
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, _KILL, 0, 0, 0)
    # A parent that went before the line above will not be told of any more.
    if os.getppid() == parent:
        os.execv(program, sys.argv[2:])  # noqa: S606 - without a shell on purpose


if __name__ == "__main__":
    main()
