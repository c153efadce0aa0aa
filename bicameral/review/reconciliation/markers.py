"""Markers: which sessions a living process serves at this moment; looks, and changes nothing."""

import json
import os
from contextlib import suppress
from pathlib import Path

from bicameral.capture.locks import try_lock
from bicameral.capture.sessions import FOLDER, MARKER_BYTES, SUFFIX


def sessions_alive(home: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ids of sessions that a process serves, and of those whose process is gone."""
    alive: set[str] = set()
    gone: set[str] = set()
    for path in sorted((home / FOLDER).glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
            is_held, session_id = _look(path)
            (alive if is_held else gone).add(session_id)
    return frozenset(alive), frozenset(gone - alive)


def _look(path: Path) -> tuple[bool, str]:
    descriptor = os.open(path, os.O_RDWR)
    try:
        is_held = not try_lock(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return is_held, str(json.loads(os.read(descriptor, MARKER_BYTES))["session_id"])
    finally:
        os.close(descriptor)
