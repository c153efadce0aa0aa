"""What an import is: a reference written in a file, and the files of a tree it may mean.

Reading a reference looks at one file alone, so it is done once for each content; resolving
it looks at one tree alone, so it is never out of date with the tree.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST_OUTER = 32
Captures = Mapping[str, Sequence["Node"]]
Settings = Mapping[str, tuple[str, ...]]


class Tree(Protocol):
    """The files of one work tree. Paths are relative to its root, with `/`; the root is ""."""

    def has(self, path: str) -> bool:
        """Tell whether there is a file."""
        ...

    def below(self, folder: str) -> Sequence[str]:
        """Return the files directly in a folder, in order."""
        ...

    def named(self, name: str) -> Sequence[str]:
        """Return the files of a name, in whatever folder, in order."""
        ...

    def declaring(self, name: str) -> Sequence[str]:
        """Return the files that declare a name, in order."""
        ...

    def settings(self, path: str) -> Settings | None:
        """Return what a project file says, or None where there is none that can be read."""
        ...


@dataclass(frozen=True, slots=True)
class Project:
    """What a project file (`go.mod`, `package.json`) says to resolvers.

    `declared` are names that other files find it by.
    """

    declared: tuple[str, ...] = ()
    settings: Settings = field(default_factory=dict)


def _nothing(_captures: Captures) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imports:
    """How a language names other files.

    `query` finds the nodes; `read` turns them into references and `declare` into names that
    other files find this one by, both the same wherever the file lies. `resolve` takes a
    reference, the path of the file it stands in, and the tree; it returns the files meant.
    `projects` reads project files by a pattern of their names.
    """

    query: str
    read: Callable[[Captures], Iterable[str]]
    resolve: Callable[[str, str, Tree], Iterable[str]]
    declare: Callable[[Captures], Iterable[str]] = _nothing
    projects: Mapping[str, Callable[[bytes], Project]] = field(default_factory=dict)


def text_of(node: "Node | None") -> str:
    """Return a node's text; what is not UTF-8 cannot be there."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def with_outer(
    nodes: Iterable["Node"], outer: Iterable["Node"]
) -> Iterator[tuple["Node", list["Node"]]]:
    """Yield each node with those of the outer nodes that it stands in, outermost first.

    Asking a node for its parent begins at the top of the tree each time; this does not.
    """
    open_nodes: list[Node] = []
    waiting = sorted(outer, key=_place, reverse=True)
    for node in sorted(nodes, key=_place):
        while waiting and _place(waiting[-1]) <= _place(node):
            open_nodes.append(waiting.pop())
            around = [each for each in open_nodes if each.end_byte >= node.end_byte]
            open_nodes = around[:DEEPEST_OUTER]
        yield node, [each for each in open_nodes if each.end_byte >= node.end_byte and each != node]


def _place(node: "Node") -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def folder_of(path: str) -> str:
    """Return the folder of a path, "" for the root."""
    return path.rpartition("/")[0]


def above(folder: str) -> Iterator[str]:
    """Yield a folder and all around it, the root last."""
    while folder:
        yield folder
        folder = folder_of(folder)
    yield ""


def below(folder: str, rest: str) -> str:
    """Join a folder and what is in it."""
    return f"{folder}/{rest}" if folder else rest


def joined(folder: str, reference: str) -> str | None:
    """Return the place a relative reference leads to; None where that leaves the tree."""
    place = posixpath.normpath(below(folder, reference))
    if place == ".":
        return ""
    return None if place.startswith(("../", "/")) or place == ".." else place


def first(candidates: Iterable[str], tree: Tree) -> tuple[str, ...]:
    """Return the first of the candidates that is there, or nothing."""
    return next(((each,) for each in candidates if tree.has(each)), ())


def only(candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the candidate when there is just one: a guess between two would be one."""
    found = tuple(candidates)
    return found if len(found) == 1 else ()
