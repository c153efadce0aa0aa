"""The package as if nobody had ever opened a span in it, to measure what the spans cost.

`install()` comes before anything of ours is imported: from then on every module of ours is
compiled without its spans, events and questions whether there is a trace.
"""

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType

OURS = ("bicameral", "handlers", "server")
KEPT = ("bicameral.tracing", "bicameral.observe", "bicameral.serving.traced")
OPENERS = {"span", "watched", "open_call", "open_read"}
TELLERS = {"event", "tell_candidates", "_tell", "note_call", "note_answer"}
NOTES = {"set_output", "add_metadata", "set_status"}


class Strip(ast.NodeTransformer):
    """Takes out what a trace needs, and leaves the rest as it stands."""

    def __init__(self) -> None:
        self.taken = 0
        self._names: set[str] = set()

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:
        kept = [item for item in node.items if not self._opens(item)]
        self.generic_visit(node)
        if kept:
            node.items = kept
            return node
        return node.body

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Call) and self._tells(node.value.func):
            self.taken += 1
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    def _opens(self, item: ast.withitem) -> bool:
        call = item.context_expr
        is_ours = isinstance(call, ast.Call) and getattr(call.func, "id", "") in OPENERS
        if is_ours:
            self.taken += 1
            if isinstance(item.optional_vars, ast.Name):
                self._names.add(item.optional_vars.id)
        return is_ours

    def _tells(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Name):
            return function.id in TELLERS
        is_note = isinstance(function, ast.Attribute) and function.attr in NOTES
        return is_note and getattr(function.value, "id", "") in self._names  # type: ignore[attr-defined]


class StrippingLoader(importlib.machinery.SourceFileLoader):
    """Compiles a module without its spans, whatever was compiled before."""

    taken = 0

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        strip = Strip()
        stripped = ast.fix_missing_locations(strip.visit(tree))
        StrippingLoader.taken += strip.taken
        return compile(stripped, path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    """Finds our modules for the loader above."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in OURS or name.startswith(KEPT):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = StrippingLoader(spec.loader.name, spec.loader.path)
        return spec


def install() -> None:
    """Have every module of ours that is imported from now on be stripped."""
    loaded = [name for name in sys.modules if name.partition(".")[0] in OURS]
    assert not loaded, f"too late for {loaded}"
    sys.meta_path.insert(0, Finder())
