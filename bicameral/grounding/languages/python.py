"""Python: its nodes, and how it names other files."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bicameral.grounding.comments import PYTHON_DIRECTIVE
from bicameral.grounding.languages.imports import (
    Captures,
    Imports,
    Tree,
    above,
    below,
    first,
    folder_of,
    joined,
    text_of,
)
from bicameral.grounding.languages.language import Language, kinds, symbols, within

if TYPE_CHECKING:
    from tree_sitter import Node


def _read(captures: Captures) -> Iterable[str]:
    """Yield `a.b` for an import of a module, `a.b:c` for one of a name in it."""
    for node in captures.get("import", ()):
        if node.type == "import_statement":
            yield from map(_name, node.children_by_field_name("name"))
            continue
        module = "".join(text_of(node.child_by_field_name("module_name")).split())
        names = [*map(_name, node.children_by_field_name("name"))] or [""]
        yield from (f"{module}:{name}" for name in names)


def _name(node: "Node") -> str:
    """Return what is imported, whatever it is called here."""
    plain = node.child_by_field_name("name") if node.type == "aliased_import" else node
    return "".join(text_of(plain).split())


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    module, _, name = reference.partition(":")
    dots = len(module) - len(module.lstrip("."))
    if dots:
        package: str | None = joined(folder_of(path), "/".join([".", *[".."] * (dots - 1)]))
        return () if package is None else _found([package], module[dots:], name, tree)
    roots = _roots(path, tree)
    if module.partition(".")[0] in sys.stdlib_module_names:
        # Only beside a script does a file hide a module of the standard library.
        roots = roots[:1]
    return _found(roots, module, name, tree)


def _found(roots: Iterable[str], module: str, name: str, tree: Tree) -> tuple[str, ...]:
    """Return the file of the module, or of the submodule that the name is."""
    inside = module.replace(".", "/")
    for root in roots:
        place = below(root, inside) if inside else root
        found = first(_files(below(place, name)), tree) if name else ()
        found = found or first(_files(place), tree)
        if found:
            return found
    return ()


def _files(place: str) -> Iterator[str]:
    for suffix in (".py", ".pyi"):
        yield below(place, f"__init__{suffix}")
        if place:
            yield place + suffix


def _roots(path: str, tree: Tree) -> list[str]:
    """Return where absolute imports may start: around the package, then projects elsewhere."""
    folder = folder_of(path)
    while folder and any(tree.has(below(folder, f"__init__{end}")) for end in (".py", ".pyi")):
        folder = folder_of(folder)
    around = [place for each in above(folder) for place in (each, below(each, "src"))]
    projects = [folder_of(each) for name in _PROJECT_FILES for each in tree.named(name)]
    elsewhere = [place for each in projects for place in (below(each, "src"), each)]
    return list(dict.fromkeys(around + elsewhere[:MOST_PROJECT_ROOTS]))


_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
MOST_PROJECT_ROOTS = 40

_IMPORTS = Imports(
    query="[(import_statement) (import_from_statement)] @import",
    read=_read,
    resolve=_resolve,
)

PYTHON = Language(
    name="python",
    suffixes=(".py", ".pyi", ".pyw"),
    module="tree_sitter_python",
    symbols=symbols(function="function_definition", class_="class_definition"),
    wrappers=kinds("decorated_definition"),
    comments=kinds("comment line_continuation"),
    directive=PYTHON_DIRECTIVE,
    docstrings=True,
    atoms=kinds("string"),
    requoted=kinds("string"),
    optional=within("module block", ";") | within("import_from_statement", "( )"),
    trailing=kinds("argument_list parameters list dictionary set tuple import_from_statement"),
    trailing_several=kinds("subscript type_parameter"),
    # The shape of the tree already says what the brackets group.
    redundant={"parenthesized_expression": frozenset()},
    imports=_IMPORTS,
)
