"""Reading a trace back: trees of spans, from a log that others go on writing.

A span is written when it ends, so children stand before their parent, and a tree is whole
once its root is read. One whose parent is not there (lost, still under way, long rotated
away) is a root of its own; what does not parse is skipped and counted.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bicameral.capture.rows import open_files, read_lines_backwards
from bicameral.observe.span_row import SpanRow

# How much of the end of a log is read before all of it is.
FIRST_BYTES = 4_000_000
# Spans that wait for their parent; the oldest are let go of as roots of their own.
MOST_WAITING = 20_000

_decoder = msgspec.json.Decoder(SpanRow)


@dataclass(slots=True)
class Tree:
    """A span with those that were opened in it, in the order in which they began."""

    row: SpanRow
    children: list["Tree"] = field(default_factory=list)

    def walk(self) -> Iterator[SpanRow]:
        """Yield the spans of the tree, each before its children."""
        yield self.row
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class Read:
    """The trees that were wanted, oldest first; `skipped` lines were none of ours."""

    trees: list[Tree]
    skipped: int = 0


def read_trees(path: Path, *, wanted: Callable[[Tree], bool], most: int | None) -> Read:
    """Return the last `most` trees that are wanted; None is all of them.

    The end of the log is read first, and the rest only where that does not hold enough.
    """
    if most is not None:
        lines = list(read_lines_backwards(path, most_bytes=FIRST_BYTES))
        is_all = sum(map(len, lines)) + len(lines) < FIRST_BYTES
        # The oldest line of a part may be cut, and the oldest tree lack some of its spans.
        found = _trees(reversed(lines), wanted, most)
        if is_all or len(found.trees) == most:
            return found
    with ExitStack() as stack:
        files = open_files(path, stack)
        return _trees((line for file in files for line in file), wanted, most)


def read_spans(path: Path, *, most: int) -> tuple[list[SpanRow], int]:
    """Return the last `most` spans, newest first, and how many lines were none of ours."""
    rows: list[SpanRow] = []
    skipped = 0
    for line in read_lines_backwards(path, most_bytes=sys.maxsize):
        if len(rows) == most:
            break
        row = _row_of(line)
        if row is not None:
            rows.append(row)
        elif line.strip():
            skipped += 1
    return rows, skipped


def _trees(lines: Iterable[bytes], wanted: Callable[[Tree], bool], most: int | None) -> Read:
    kept: deque[Tree] = deque(maxlen=most)
    building = _Building()
    skipped = 0
    for line in lines:
        row = _row_of(line)
        if row is not None:
            kept.extend(filter(wanted, building.add(row)))
        elif line.strip():
            skipped += 1
    kept.extend(filter(wanted, building.end()))
    return Read(sorted(kept, key=_beginning), skipped)


class _Building:
    """Trees under construction: spans wait here under the id of their parent."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Tree]] = {}
        self._count = 0
        self._late: dict[str, Tree] = {}

    def add(self, row: SpanRow) -> Iterator[Tree]:
        """Take a span; yield the trees that are whole by it."""
        tree = Tree(row, sorted(self._waiting.pop(row.trace_id, ()), key=_beginning))
        self._count -= len(tree.children)
        if row.parent_id is None:
            yield tree
            self._remember(tree)
        elif row.parent_id in self._late:
            # It ended after its parent, as a thread does whose call was cancelled.
            self._late[row.parent_id].children.append(tree)
        else:
            self._waiting.setdefault(row.parent_id, []).append(tree)
            self._count += 1
            if self._count > MOST_WAITING:
                yield from self._let_go()

    def end(self) -> Iterator[Tree]:
        """Yield what still waits: its parent is not there."""
        for trees in self._waiting.values():
            yield from trees

    def _remember(self, tree: Tree) -> None:
        self._late = {each.row.trace_id: each for each in _below(tree)}

    def _let_go(self) -> list[Tree]:
        oldest = self._waiting.pop(next(iter(self._waiting)))
        self._count -= len(oldest)
        return oldest


def _below(tree: Tree) -> Iterator[Tree]:
    yield tree
    for child in tree.children:
        yield from _below(child)


def _beginning(tree: Tree) -> str:
    return tree.row.timestamp


def _row_of(line: bytes) -> SpanRow | None:
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
