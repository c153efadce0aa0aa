"""What comments cite: decisions by number, by the file of their record, or by their id.

Only as written: what a citation leads to is for the ledger to say.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from bicameral.grounding.languages.language import Language
from bicameral.grounding.sources import Source

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

CitationKind = Literal["adr", "decision", "path", "id"]
MOST_CITATIONS = 1_000
DEEPEST_IN_REMARK = 4
LONGEST_REFERENCE = 300

_CITED = re.compile(
    rb"""
    # Bounded, and from the start of a word alone: else a long one would take its square in time.
    (?P<path>(?<![\w./-])[\w./-]{0,200}\b(?:adrs?|decisions|decision-records)
      /[\w./-]{1,200}\.(?:md|markdown|adoc|rst|txt))\b
    |\b(?P<id>dec_[0-9A-Za-z]{10,})\b
    |\bADR(?:[\ _-]|\ ?\#|-No\.)?0*(?P<adr>[0-9]{1,5})\b
    |\bdecision(?:\ record)?[\ -]\#?0*(?P<decision>[0-9]{1,5})\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:adr[-_]?)?0*(\d{1,5})(?!\d)", re.IGNORECASE)


class Citation(msgspec.Struct, frozen=True, array_like=True):
    """One mention of a decision in a comment.

    `kind` says how it is named: `adr` and `decision` by `number`, `path` by the file of its
    record (with the number that its name begins with, if any), `id` by its id. `reference`
    is as written; `line` counts from 1.
    """

    kind: CitationKind
    reference: str
    number: int | None
    line: int


def citations_in(source: Source, tree: "Tree", language: Language) -> Iterator[Citation]:
    """Yield what the comments and docstrings of a parsed file cite, in order."""
    for match in islice(_CITED.finditer(source.text), MOST_CITATIONS):
        node = tree.root_node.descendant_for_byte_range(*match.span())
        if _is_remark(node, language):
            yield _citation(match, source.line_at(match.start()))


def _citation(match: re.Match[bytes], line: int) -> Citation:
    kind: CitationKind = match.lastgroup  # type: ignore[assignment]  # the groups are the kinds
    reference = match[0].decode("utf-8", "replace")[:LONGEST_REFERENCE]
    if kind in {"adr", "decision"}:
        return Citation(kind, reference, int(match[kind]), line)
    number = _NUMBER.match(reference.rpartition("/")[2]) if kind == "path" else None
    return Citation(kind, reference, int(number[1]) if number else None, line)


def _is_remark(node: "Node | None", language: Language) -> bool:
    for _ in range(DEEPEST_IN_REMARK):
        if node is None or node.type in language.comments:
            break
        if language.docstrings and node.type == "string":
            node = node.parent
            return node is not None and node.type == "expression_statement"
        node = node.parent
    return node is not None and node.type in language.comments
