"""Hashes: what stands in an event for a topic or a path, meaningless without the salt.

Sixteen hexadecimal digits of SHA-256 over the salt and the text. The text is encoded with
`surrogatepass`, so that any `str` has a hash, also one that came from a broken encoding.
"""

import hashlib
from collections.abc import Iterable

DIGITS = 16


class Hashes:
    """Hashes of one install; a state that has already taken the salt is copied each time."""

    __slots__ = ("_before_path", "_before_topic")

    def __init__(self, salt: bytes) -> None:
        self._before_topic = hashlib.sha256(salt)
        self._before_path = hashlib.sha256(salt + b"\0")

    def hash_topic(self, topic: str) -> str:
        """Return the hash of a topic exactly as given."""
        state = self._before_topic.copy()
        state.update(topic.encode("utf-8", "surrogatepass"))
        return state.hexdigest()[:DIGITS]

    def hash_file_paths(self, paths: Iterable[str]) -> str:
        """Return one hash for a set of paths: stripped, without empties, in any order.

        Each path is preceded by a NUL, which no path holds, so `ab, c` is not `a, bc`.
        """
        kept = [stripped for path in paths if (stripped := str.strip(path))]
        kept.sort()
        return self.hash_path("\0".join(kept)) if kept else self.hash_topic("")

    def hash_path(self, path: str) -> str:
        """Return the hash of one path; it equals `hash_file_paths` of that path alone."""
        state = self._before_path.copy()
        state.update(str.strip(path).encode("utf-8", "surrogatepass"))
        return state.hexdigest()[:DIGITS]
