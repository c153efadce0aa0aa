"""Which files the code makes in the data home: every name that it joins to the home.

Read from the source, so that a new file is found however it is written.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from bicameral.govern.guards.sources import Sources

_HOMES = frozenset({"home", "_home"})
_CONSTANT = re.compile(r'^([A-Z_]+) = "([^"/]+)"$', re.MULTILINE)


def made_files_in(sources: Sources) -> set[str]:
    """Return the first part of every path below the home: a file's name, or a folder's."""
    texts = list(sources.texts())
    everywhere: dict[str, set[str]] = {}
    for text in texts:
        for name, value in _CONSTANT.findall(text):
            everywhere.setdefault(name, set()).add(value)
    # Most modules know nothing of the home, and parsing them all would take seconds.
    return {name for text in texts if "home" in text for name in _joined(text, everywhere)}


def _joined(text: str, everywhere: Mapping[str, set[str]]) -> Iterator[str]:
    own = dict(_CONSTANT.findall(text))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_home(node.left):
            right = node.right
            if isinstance(right, ast.Constant) and isinstance(right.value, str):
                yield right.value
            elif isinstance(right, ast.Name):
                yield from [own[right.id]] if right.id in own else everywhere.get(right.id, ())


def _is_home(node: ast.expr) -> bool:
    """Tell whether an expression is the home: by its name, or as what `prepare_home` returns."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "prepare_home"
    if isinstance(node, ast.Attribute):
        return node.attr in _HOMES
    return isinstance(node, ast.Name) and node.id in _HOMES
