"""What must be known of a language: one value each, in a file of its own.

It says which file names are the language's, which wheel holds its grammar, which nodes
define symbols, which differences of writing mean nothing, and how it names other files.
Every token listed as meaning nothing is one whose absence the tree shows in another way,
or does not change the program; where there was doubt, the token is not listed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bicameral.grounding.languages.imports import Imports

Backend = Literal["tree-sitter", "text"]
Capability = Literal["full", "degraded", "unavailable"]
Kinds = frozenset[str]

NO_KINDS: Kinds = frozenset()


def kinds(text: str) -> Kinds:
    """Return the nodes or tokens that a text lists."""
    return frozenset(text.split())


def symbols(**by_kind: str) -> dict[str, str]:
    """Turn `function="a b"` into a mapping from each node to the kind of symbol."""
    return {node: kind.rstrip("_") for kind, nodes in by_kind.items() for node in nodes.split()}


def within(nodes: str, tokens: str) -> dict[str, Kinds]:
    """Map each of the nodes to the tokens."""
    return dict.fromkeys(nodes.split(), kinds(tokens))


@dataclass(frozen=True, slots=True)
class Backing:
    """What an answer rests on: the syntax tree, or the text alone and why.

    `fallback_reason` is None exactly when `capability` is `full`.
    """

    backend: Backend
    capability: Capability
    fallback_reason: str | None


FULL = Backing("tree-sitter", "full", None)


def text_only(reason: str) -> Backing:
    """State that an answer rests on the text alone."""
    return Backing("text", "degraded", reason)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """One language; every kind is the name of a node in its grammar. Equal only to itself.

    `suffixes` are lower case. `module` and `function` name the grammar in its wheel; an
    `extra` is the installation extra that brings the wheel, "" when it always comes.

    Symbols: `symbols` maps a defining node to the kind of symbol; those in `with_body`
    count only with a body. `scopes` name their members without being symbols.
    `assigned` maps a node to its (name field, value field) and counts when the value is
    one of `function_values`. `wrappers` belong to the span of the symbol inside them,
    `leading` siblings to the span of the symbol after them.

    Digests: `comments` are left out unless `directive` matches them or the file has
    `comments_count_with` in it, `atoms` are taken as written, `requoted` are strings whose
    quotes mean nothing, `optional` maps a node to tokens in it that mean nothing,
    `trailing` may end with a comma and `trailing_several` after more than one element,
    `redundant` maps brackets to the content they mean nothing around (an empty set is any
    content).
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    function: str = "language"
    extra: str = ""

    symbols: Mapping[str, str]
    with_body: Kinds = NO_KINDS
    scopes: Kinds = NO_KINDS
    assigned: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    function_values: Kinds = NO_KINDS
    wrappers: Kinds = NO_KINDS
    leading: Kinds = NO_KINDS

    comments: Kinds
    directive: re.Pattern[bytes]
    comments_count_with: bytes | None = None
    docstrings: bool = False
    atoms: Kinds = NO_KINDS
    requoted: Kinds = NO_KINDS
    optional: Mapping[str, Kinds] = field(default_factory=dict)
    trailing: Kinds = NO_KINDS
    trailing_several: Kinds = NO_KINDS
    redundant: Mapping[str, Kinds] = field(default_factory=dict)

    imports: Imports | None = None

    def is_remark(self, comment: bytes, text: bytes) -> bool:
        """Tell whether a comment means nothing in a file with this text."""
        mark = self.comments_count_with
        return not (mark is not None and mark in text) and not self.directive.match(comment)
