"""C: its nodes, and how it names other files."""

import posixpath
from collections.abc import Iterable

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.imports import (
    Captures,
    Imports,
    Tree,
    above,
    below,
    first,
    folder_of,
    joined,
    only,
    text_of,
)
from bicameral.grounding.languages.language import Language, kinds, symbols


def _read(captures: Captures) -> Iterable[str]:
    return (text_of(node) for node in captures.get("path", ()))


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    """Look beside the file, then where compilers are usually pointed to, nearest first."""
    if reference[:1] not in {'"', "<"}:
        return ()  # a macro decides
    name = reference[1:-1]
    folder = folder_of(path)
    beside = joined(folder, name) if reference[0] == '"' else None
    if beside is not None and tree.has(beside):
        return (beside,)
    inside = posixpath.normpath(name)
    if inside.startswith(("/", "..")):
        return ()
    around = (below(each, root + inside) for each in above(folder) for root in _INCLUDE_ROOTS)
    found = first(around, tree)
    return found or only(_elsewhere(inside, tree))


def _elsewhere(inside: str, tree: Tree) -> Iterable[str]:
    """Return what an include folder anywhere in the tree has under the name."""
    ends = tuple(f"/{root}{inside}" for root in _INCLUDE_ROOTS if root)
    candidates = tree.named(inside.rpartition("/")[2])
    return [each for each in candidates if f"/{each}".endswith(ends)]


_INCLUDE_ROOTS = ("include/", "inc/", "src/", "")

C_IMPORTS = Imports(query="(preproc_include path: (_) @path)", read=_read, resolve=_resolve)

C_ATOMS = kinds("string_literal raw_string_literal char_literal system_lib_string preproc_arg")
C_TRAILING = kinds("initializer_list enumerator_list")
C_WITH_BODY = kinds("struct_specifier union_specifier enum_specifier class_specifier")

C = Language(
    name="c",
    suffixes=(".c", ".h"),
    module="tree_sitter_c",
    extra="languages",
    symbols=symbols(
        function="function_definition",
        struct="struct_specifier",
        union="union_specifier",
        enum="enum_specifier",
        type="type_definition",
        macro="preproc_function_def",
    ),
    with_body=C_WITH_BODY,
    comments=kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=C_ATOMS,
    trailing=C_TRAILING,
    imports=C_IMPORTS,
)
