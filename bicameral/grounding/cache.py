"""Parsed files by the digest of their content: read again only when a byte has changed.

Bounded in entries and in bytes, least recently used first out. A file that could not be
parsed is remembered as just that, so that it is not tried again at every question.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from threading import Lock
from typing import Generic, TypeVar

from bicameral.grounding.digests import Digests, Wording, digests_of, wording_of
from bicameral.grounding.signals import note_cache, note_parsed, note_read, skeleton_bytes
from bicameral.grounding.sources import Source, read_source
from bicameral.grounding.symbols import Skeleton, skeleton
from bicameral.grounding.syntax import Syntax, parse
from bicameral.metering import count, current_meter
from bicameral.tracing import is_traced

Value = TypeVar("Value", Skeleton, Digests)
Key = tuple[bytes, int, int]

# What the interpreter needs for one value beside its names, rounded up from measurement.
_SKELETON_BYTES = 800
_SYMBOL_BYTES = 600
_DIGESTS_BYTES = 900
_WHOLE = (-1, -1)


@dataclass(slots=True)
class _Shelf(Generic[Value]):
    """A least-recently-used store of one kind of value; every use holds its lock."""

    max_entries: int
    max_bytes: int
    size_of: Callable[[Value], int]
    used_bytes: int = 0
    _kept: OrderedDict[Key, tuple[Value, int]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Key, value: Value) -> None:
        size = self.size_of(value)
        with self._lock:
            if key not in self._kept and size <= self.max_bytes:
                self._kept[key] = (value, size)
                self.used_bytes += size
            while len(self._kept) > self.max_entries or self.used_bytes > self.max_bytes:
                _, (_, dropped) = self._kept.popitem(last=False)
                self.used_bytes -= dropped


class ParseCache:
    """Skeletons and digests of files by content; safe to share between threads.

    `max_entries` bounds the files (and, times eight, the digested spans), `max_bytes` the
    memory of both together; the file opened last, with its syntax, is kept besides.
    `hits` and `misses` count the questions for skeletons.
    """

    def __init__(self, *, max_entries: int = 1024, max_bytes: int = 16 * 1024 * 1024) -> None:
        share = max_bytes // 4
        self.skeletons = _Shelf(max_entries, max_bytes - share, _size_of_skeleton)
        self.digests = _Shelf(max_entries * 8, share, _size_of_digests)
        self.hits = 0
        self.misses = 0
        self._last: ParsedFile | None = None
        self._lock = Lock()

    @property
    def used_bytes(self) -> int:
        """Return the memory that the kept values are reckoned at."""
        return self.skeletons.used_bytes + self.digests.used_bytes

    def open(self, path: str, content: bytes) -> "ParsedFile":
        """Return a file by its name, which decides the language, and its content.

        The file opened last stays open: the regions of one file are asked for in a row.
        """
        last = self._last
        if last is None or last.path != path or last.content != content:
            self._last = last = ParsedFile(path, content, self)
        return last

    def count(self, *, is_hit: bool) -> None:
        """Count one question for a skeleton."""
        with self._lock:
            self.hits += is_hit
            self.misses += not is_hit


class ParsedFile:
    """One content of one file; parsed at most once, and only when the cache has no answer.

    `path` and `content` as given, `source` the text.
    """

    def __init__(self, path: str, content: bytes, cache: ParseCache) -> None:
        self.path = path
        self.content = content
        self.source: Source = read_source(content)
        name = PurePosixPath(path).suffix.lower().encode() or path.encode("utf-8", "replace")
        self._key = sha256(name + b"\0" + content).digest()
        self._cache = cache
        self._syntax: Syntax | None = None

    @property
    def is_cached(self) -> bool:
        """Tell whether the skeleton would be answered without parsing."""
        return self._cache.skeletons.get((self._key, *_WHOLE)) is not None

    def skeleton(self) -> Skeleton:
        """Return the file's symbols."""
        key = (self._key, *_WHOLE)
        found = self._cache.skeletons.get(key)
        self._cache.count(is_hit=found is not None)
        note_cache(self.path, is_hit=found is not None)
        if found is None:
            found = skeleton(self._parsed())
            self._cache.skeletons.put(key, found)
            note_parsed(self.path, len(self.source.text), found)
        else:
            count("ast_cache_hit_count")
        if current_meter() is not None or is_traced():  # the sum is for a listener alone
            size = skeleton_bytes(found)
            count("file_read_skeleton_bytes_total", size)
            note_read(self.path, "skeleton", size)
        return found

    def digests(self, start: int, end: int, *, is_kept: bool = True) -> Digests:
        """Return the digests of a span, given as offsets into the source's text.

        One that is not to be asked for again need not be kept.
        """
        count("file_read_excerpt_bytes_total", end - start)
        note_read(self.path, "excerpt", end - start)
        key = (self._key, start, end)
        found = self._cache.digests.get(key)
        if found is None:
            found = digests_of(self._parsed(), start, end)
            if is_kept:
                self._cache.digests.put(key, found)
        return found

    def wording(self, start: int, end: int, *, name: str) -> Wording:
        """Return what a span says without the name it gives itself."""
        return wording_of(self._parsed(), start, end, name=name.encode())

    def _parsed(self) -> Syntax:
        if self._syntax is None:
            self._syntax = parse(self.path, self.source)
        return self._syntax


def _size_of_skeleton(found: Skeleton) -> int:
    names = sum(len(symbol.name) + len(symbol.qualified_name) for symbol in found.symbols)
    return _SKELETON_BYTES + _SYMBOL_BYTES * len(found.symbols) + 4 * names


def _size_of_digests(found: Digests) -> int:  # noqa: ARG001  # every pair is of one size
    return _DIGESTS_BYTES
