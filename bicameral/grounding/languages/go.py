"""Go: its nodes, and how it names other files."""

import re
from collections.abc import Iterable, Iterator

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.imports import (
    Captures,
    Imports,
    Project,
    Tree,
    above,
    below,
    folder_of,
    text_of,
)
from bicameral.grounding.languages.language import Language, kinds, symbols

_MODULE = re.compile(rb"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_DECLARED = "go:"


def _read(captures: Captures) -> Iterable[str]:
    return (text_of(node).strip('"`') for node in captures.get("path", ()))


def _read_module(content: bytes) -> Project:
    found = _MODULE.search(content)
    if found is None:
        return Project()
    module = found[1].decode("utf-8", "replace")
    return Project((_DECLARED + module,), {"module": (module,)})


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    """Return the files of the package: it is a folder of the module with the longest name."""
    for folder, module in _modules(reference, path, tree):
        if reference == module or reference.startswith(module + "/"):
            package = below(folder, reference[len(module) + 1 :]).rstrip("/")
            return tuple(each for each in tree.below(package) if _is_of_package(each))
    return ()


def _modules(reference: str, path: str, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield the folders and names of modules that may hold a package, the likeliest first."""
    parts = reference.split("/")
    for length in range(len(parts), 0, -1):
        module = "/".join(parts[:length])
        for each in tree.declaring(_DECLARED + module):
            yield folder_of(each), module
    # Where the whole tree is not known yet, the file's own module is.
    for folder in above(folder_of(path)):
        found = tree.settings(below(folder, "go.mod"))
        if found is not None:
            yield from ((folder, module) for module in found.get("module", ()))


def _is_of_package(path: str) -> bool:
    return path.endswith(".go") and not path.endswith("_test.go")


_IMPORTS = Imports(
    query="(import_spec path: (_) @path)",
    read=_read,
    resolve=_resolve,
    projects={"go.mod": _read_module},
)

GO = Language(
    name="go",
    suffixes=(".go",),
    module="tree_sitter_go",
    symbols=symbols(
        function="function_declaration",
        method="method_declaration method_elem",
        type="type_spec type_alias",
    ),
    wrappers=kinds("type_declaration"),
    comments=kinds("comment"),
    directive=SLASH_DIRECTIVE,
    # The comment above `import "C"` is C code.
    comments_count_with=b'import "C"',
    atoms=kinds("interpreted_string_literal raw_string_literal rune_literal"),
    trailing=kinds("argument_list parameter_list literal_value"),
    imports=_IMPORTS,
)
