"""One file of a work tree, read once: its bytes, the stamp they go with, and what they say."""

import os
import stat
from collections.abc import Callable

import msgspec

from bicameral.grounding.index.facts import (
    LARGEST_READ_BYTES,
    Facts,
    content_key,
    read_facts,
    reader_name,
)
from bicameral.grounding.index.scan import FileLook, Stamp, stamp_of

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Read(msgspec.Struct, frozen=True, array_like=True):
    """What came of reading a file.

    `key` is None for a file of which only the name counts, or that could not be read.
    `facts` are None where they are known already.
    """

    path: str
    stamp: tuple[int, int, int, int]
    key: bytes | None = None
    facts: Facts | None = None


def read_file(look: FileLook, path: str, is_known: Callable[[bytes], bool]) -> Read | None:
    """Read a file and what it says, unless its content is known; None where it is gone."""
    stamp = look.stamp(path)
    if stamp is None:
        return None
    if reader_name(path) is None or stamp.size > LARGEST_READ_BYTES:
        return Read(path, stamp)
    opened = _content(f"{look.root}/{path}")
    if opened is None:
        return Read(path, stamp)
    stamp, content = opened
    reader = reader_name(path, content)
    if reader is None or len(content) > LARGEST_READ_BYTES:
        return Read(path, stamp)
    key = content_key(reader, content)
    return Read(path, stamp, key, None if is_known(key) else read_facts(path, content))


def _content(place: str) -> tuple[Stamp, bytes] | None:
    """Return a file's bytes and the stamp from before; one byte too many shows its growth."""
    try:
        descriptor = os.open(place, _FLAGS)
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return stamp_of(found), file.read(LARGEST_READ_BYTES + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
