"""The skeleton of a file: its functions, classes and methods, nested, with their spans.

Two symbols of one file never share a qualified name: the second is `name#2`, so that a
decision bound to one overload is not silently bound to another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bicameral.grounding.languages import Backing, Language
from bicameral.grounding.names import name_of
from bicameral.grounding.sources import Source
from bicameral.grounding.syntax import Grammar, Syntax

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Symbol:
    """A named part of a file.

    `name` is its own name, `qualified_name` has its owners before it (`Outer.method`)
    and `#2`, `#3` … behind it when the file defines it again. Lines count from 1 and
    both ends belong to it; bytes are offsets into the file's text as UTF-8. Decorators,
    attributes and `export` belong to the symbol they stand before.
    """

    name: str
    qualified_name: str
    kind: str
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The symbols of a file in order of appearance, and what that rests on."""

    symbols: tuple[Symbol, ...]
    line_count: int
    backing: Backing

    def enclosing(self, first_line: int, last_line: int) -> Symbol | None:
        """Return the smallest symbol that holds all the lines, or None."""
        holding = [
            s for s in self.symbols if s.start_line <= first_line and last_line <= s.end_line
        ]
        return min(holding, key=lambda s: s.end_byte - s.start_byte, default=None)


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    kind: str | None
    start: int
    end: int
    outer_start: int
    outer_end: int


@dataclass(frozen=True, slots=True)
class _Owner:
    end: int
    qualified_name: str
    kind: str | None

    @property
    def has_methods(self) -> bool:
        """A function directly inside a type, or inside a scope such as `impl`, is a method."""
        return self.kind not in {"function", "method", "module", "namespace", "macro"}


_NOBODY = _Owner(0, "", "module")


def skeleton(syntax: Syntax) -> Skeleton:
    """Find the symbols of a parsed file; a file read as text has none, and says why."""
    found: tuple[Symbol, ...] = ()
    if syntax.tree is not None and syntax.grammar is not None:
        definitions = _definitions(syntax.tree.root_node, syntax.grammar)
        found = tuple(_symbols(definitions, syntax.source))
    return Skeleton(found, syntax.source.line_count, syntax.backing)


def _definitions(root: "Node", grammar: Grammar) -> list[_Definition]:
    from tree_sitter import QueryCursor  # noqa: PLC0415  # loaded with the grammar, not before

    nodes = QueryCursor(grammar.definitions).captures(root).get("definition", [])
    found = (_definition(node, grammar.language) for node in nodes)
    return sorted((d for d in found if d is not None), key=lambda d: (d.start, -d.end))


def _definition(node: "Node", language: Language) -> _Definition | None:
    kind = language.symbols.get(node.type)
    if node.type in language.with_body and node.child_by_field_name("body") is None:
        return None
    if kind is None and node.type in language.assigned:
        kind = _kind_of_value(node, language)
        if kind is None:
            return None
    name = name_of(node, language)
    if not name and node.type not in language.scopes:
        return None
    start, end = _span(node, language)
    return _Definition(name, kind, node.start_byte, node.end_byte, start, end)


def _kind_of_value(node: "Node", language: Language) -> str | None:
    value = node.child_by_field_name(language.assigned[node.type][1])
    if value is None or value.type not in language.function_values:
        return None
    return "class" if value.type == "class" else "function"


def _span(node: "Node", language: Language) -> tuple[int, int]:
    """Widen a node to its wrappers and to what stands before it and belongs to it."""
    while (parent := node.parent) is not None and parent.type in language.wrappers:
        if sum(_defines(child, language) for child in parent.named_children) > 1:
            break
        node = parent
    return _first_of(node, language).start_byte, node.end_byte


def _defines(node: "Node", language: Language) -> bool:
    return node.type in language.symbols or node.type in language.assigned


def _first_of(node: "Node", language: Language) -> "Node":
    """Return the topmost attribute or directive above a node, past the remarks between."""
    first, below, before = node, node, node.prev_sibling
    while before is not None:
        if before.type in language.leading:
            first = before
        elif not _is_remark_above(before, below, language):
            break
        elif language.directive.match(before.text or b""):
            first = before
        below, before = before, before.prev_sibling
    return first


def _is_remark_above(before: "Node", below: "Node", language: Language) -> bool:
    touches = before.end_point[0] + 1 >= below.start_point[0]
    return before.type in language.comments and touches and _starts_its_line(before)


def _starts_its_line(node: "Node") -> bool:
    """Tell a remark on its own line from one that ends the line of something else."""
    before = node.prev_sibling
    return before is None or before.end_point[0] < node.start_point[0]


def _symbols(definitions: Iterable[_Definition], source: Source) -> Iterator[Symbol]:
    owners: list[_Owner] = []
    counts: dict[str, int] = {}
    for found in definitions:
        while owners and owners[-1].end <= found.start:
            owners.pop()
        owner = owners[-1] if owners else _NOBODY
        qualified = ".".join(part for part in (owner.qualified_name, found.name) if part)
        owners.append(_Owner(found.end, qualified, found.kind))
        if found.kind is not None:
            counts[qualified] = count = counts.get(qualified, 0) + 1
            kind = "method" if found.kind == "function" and owner.has_methods else found.kind
            yield _symbol(found, kind, qualified if count == 1 else f"{qualified}#{count}", source)


def _symbol(found: _Definition, kind: str, qualified_name: str, source: Source) -> Symbol:
    end = found.outer_start + len(source.text[found.outer_start : found.outer_end].rstrip())
    return Symbol(
        name=found.name if found.name.endswith("]") else found.name.rpartition(".")[2],
        qualified_name=qualified_name,
        kind=kind,
        start_line=source.line_at(found.outer_start),
        end_line=source.line_at(max(found.outer_start, end - 1)),
        start_byte=found.outer_start,
        end_byte=end,
    )
