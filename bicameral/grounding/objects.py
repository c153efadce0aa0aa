"""Many files of one commit through one `git cat-file --batch`: the request and the reading.

Answers come in the order of the questions, so a file's own bytes are never searched.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bicameral.errors import GitFailed


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """The options, the standard input, and the object names as git will repeat them."""

    options: tuple[str, ...]
    content: bytes
    names: tuple[bytes, ...]


def batch_request(commit: str, paths: Sequence[str]) -> BatchRequest:
    """Ask for each path at a commit; only a name with a line break needs git 2.38 (-z)."""
    names = tuple(f"{commit}:".encode() + os.fsencode(path) for path in paths)
    if any(b"\n" in name for name in names):
        return BatchRequest(("--batch", "-z"), b"".join(n + b"\0" for n in names), names)
    return BatchRequest(("--batch",), b"".join(n + b"\n" for n in names), names)


def parse_batch(output: bytes, names: Sequence[bytes]) -> Iterator[bytes | None]:
    """Yield each object's content, None where it is missing or no file.

    Raises `GitFailed` when the answer breaks off.
    """
    position = 0
    for name in names:
        missing = name + b" missing\n"
        if output.startswith(missing, position):
            position += len(missing)
            yield None
            continue
        header_end = output.find(b"\n", position)
        words = output[position:header_end].split(b" ")
        if header_end < 0 or len(words) != 3:  # noqa: PLR2004  # id, type, size
            raise GitFailed(
                "git's answer about a file broke off",
                next_step="run `git fsck` in the repository",
            )
        start, size = header_end + 1, int(words[2])
        yield output[start : start + size] if words[1] == b"blob" else None
        position = start + size + 1
