"""A process that reads files for an index: paths come in on stdin, what they say goes out.

It ends with its stdin, so it never outlives the process that asked, however that one ended.
"""

import os
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from bicameral.grounding.index.reading import Read, read_file
from bicameral.grounding.index.scan import FileLook
from bicameral.grounding.index.store import Store

HEADER = struct.Struct(">I")
encode = msgspec.msgpack.Encoder().encode
decode_paths = msgspec.msgpack.Decoder(list[str]).decode
decode_reads = msgspec.msgpack.Decoder(list[Read | None]).decode


def write_frame(stream: BinaryIO, content: bytes) -> None:
    """Write one message, its length before it."""
    stream.write(HEADER.pack(len(content)) + content)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one message; None where the stream has ended, also in the middle of one."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    [length] = HEADER.unpack(header)
    content = stream.read(length)
    return content if len(content) == length else None


def answer(root: str, index: Path, asked: BinaryIO, answers: BinaryIO) -> None:
    """Read each batch of files that is asked for, until nobody asks any more."""
    store = Store.open_existing(index)
    while (content := read_frame(asked)) is not None:
        # Folders may have become links since the batch before.
        look = FileLook(root)
        known = store.is_known if store else _nothing_is_known
        reads = [read_file(look, path, known) for path in decode_paths(content)]
        write_frame(answers, encode(reads))


def _nothing_is_known(_key: bytes) -> bool:
    return False


def main() -> None:
    """Be a worker: the root, the index's file and how much to stand back, as arguments."""
    root, index, niceness = sys.argv[1:]
    # Ctrl-C goes to all of a terminal's processes; the one that asked decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(int(niceness))
    try:
        answer(root, Path(index), sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(0)  # nobody waits for the answer


if __name__ == "__main__":
    main()
