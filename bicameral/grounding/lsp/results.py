"""What language servers answer: places of definitions, and the outline of a file.

The protocol allows several forms of each; all become one here. Of an answer of any size
no more is read than is asked for, and what has another form is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bicameral.grounding.lsp.framing import ProtocolBroken
from bicameral.grounding.lsp.positions import Position

MOST_TARGETS = 50
MOST_OUTLINED = 20_000
DEEPEST_OUTLINE = 40
LONGEST_NAME = 200
_HIGHEST_NUMBER = 2**31 - 1
_RECEIVER = re.compile(r"\(\*?(\w+)[^)]*\)\.")


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is defined: a file's address, and the first unit of its name."""

    uri: str
    start: Position


@dataclass(frozen=True, slots=True)
class Outlined:
    """A symbol of an outline: its name with its owners before it; lines from 1, both in it."""

    qualified_name: str
    first_line: int
    last_line: int


def targets_of(result: object) -> tuple[Target, ...]:
    """Read the answer to `textDocument/definition`: nothing, one place, or a list of them.

    Raises `ProtocolBroken` for what is none of that.
    """
    if result is None:
        return ()
    entries = result if isinstance(result, list) else [result]
    found = [_target(each) for each in entries[:MOST_TARGETS]]
    return tuple(dict.fromkeys(found))


def outline_of(result: object) -> tuple[Outlined, ...]:
    """Read the answer to `textDocument/documentSymbol`: a tree, or a flat list.

    Raises `ProtocolBroken` for what is none of that.
    """
    if result is None:
        return ()
    if not isinstance(result, list):
        raise _unexpected("an outline")
    return tuple(islice(_outlined(result, ()), MOST_OUTLINED))


def _target(entry: object) -> Target:
    if not isinstance(entry, dict):
        raise _unexpected("a place")
    link = "targetUri" in entry
    uri = entry.get("targetUri" if link else "uri")
    if not isinstance(uri, str):
        raise _unexpected("a place")
    # The selection is the name alone; the range of a link begins with decorators and remarks.
    return Target(uri, _range(entry.get("targetSelectionRange" if link else "range"))[0])


def _outlined(entries: Sequence[object], owners: tuple[str, ...]) -> Iterator[Outlined]:
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise _unexpected("a symbol")
        first, last = _range(entry.get("range") or _place(entry).get("range"))
        name = _plain(entry["name"][:LONGEST_NAME])
        container = entry.get("containerName")
        above = owners or ((container,) if isinstance(container, str) and container else ())
        yield Outlined(".".join([*above, name]), first.line + 1, last.line + 1)
        children = entry.get("children")
        if isinstance(children, list) and len(owners) < DEEPEST_OUTLINE:
            yield from _outlined(children, (*owners, name))


def _plain(name: str) -> str:
    """Return a name as selectors have it: Go writes receivers in it, Java parameters behind."""
    name = _RECEIVER.sub(r"\1.", name)
    return name.partition("(")[0].strip() or name


def _place(entry: dict[str, Any]) -> dict[str, Any]:
    place = entry.get("location")
    return place if isinstance(place, dict) else {}


def _range(found: object) -> tuple[Position, Position]:
    if not isinstance(found, dict):
        raise _unexpected("a range")
    return _position(found.get("start")), _position(found.get("end"))


def _position(found: object) -> Position:
    if not isinstance(found, dict):
        raise _unexpected("a position")
    return Position(_number(found.get("line")), _number(found.get("character")))


def _number(found: object) -> int:
    # In JSON `true` is no number, in Python it is.
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= _HIGHEST_NUMBER:
        raise _unexpected("a position")
    return found


def _unexpected(what: str) -> ProtocolBroken:
    return ProtocolBroken(f"answered with something that is not {what}")
