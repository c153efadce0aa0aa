"""How a process kills itself in the middle of what it does, at a step that a test names."""

import os
import signal
import sys
from collections.abc import Collection
from types import FrameType
from typing import Any


def die_at(step: int, files: Collection[str]) -> None:
    """Have the process killed when it comes to this line of these files, counted from 0."""
    left = [step]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        left[0] -= event == "line"
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
