"""Java: its nodes, and how it names other files."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.imports import Captures, Imports, Tree, text_of
from bicameral.grounding.languages.language import Language, kinds, symbols

if TYPE_CHECKING:
    from tree_sitter import Node

_DECLARED = "java:"
_NOISE = re.compile(r"/\*.*?\*/|//[^\n]*|\s+", re.DOTALL)


def _dotted(node: "Node") -> str:
    return _NOISE.sub("", text_of(node))


def _read(captures: Captures) -> Iterable[str]:
    """Yield `a.b.C`, or `a.b.*` for all of a package; a static member is found by its class."""
    for node in captures.get("import", ()):
        whole = any(child.type == "asterisk" for child in node.children)
        for child in node.named_children:
            if child.type in {"scoped_identifier", "identifier"}:
                yield _dotted(child) + (".*" if whole else "")


def _declare(captures: Captures) -> Iterable[str]:
    return (_DECLARED + _dotted(node) for node in captures.get("package", ()))


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:  # noqa: ARG001 - one signature for all
    """Return the file of the class, however deep in it the name stands, or a whole package."""
    parts = reference.split(".")
    if parts[-1] == "*":
        found = tuple(tree.declaring(_DECLARED + ".".join(parts[:-1])))
        if found:
            return found
        parts.pop()
    for length in range(len(parts) - 1, 0, -1):
        package, file = ".".join(parts[:length]), f"{parts[length]}.java"
        found = tuple(
            each for each in tree.declaring(_DECLARED + package) if each.rpartition("/")[2] == file
        )
        if found:
            return found
    return ()


_IMPORTS = Imports(
    query="(import_declaration) @import\n"
    "(package_declaration [(scoped_identifier) (identifier)] @package)",
    read=_read,
    declare=_declare,
    resolve=_resolve,
)

JAVA = Language(
    name="java",
    suffixes=(".java",),
    module="tree_sitter_java",
    symbols=symbols(
        class_="class_declaration",
        interface="interface_declaration",
        enum="enum_declaration",
        record="record_declaration",
        annotation="annotation_type_declaration",
        constructor="constructor_declaration compact_constructor_declaration",
        method="method_declaration annotation_type_element_declaration",
    ),
    comments=kinds("line_comment block_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=kinds("string_literal character_literal"),
    trailing=kinds("array_initializer element_value_array_initializer"),
    imports=_IMPORTS,
)
