"""Which calls of a trace a person asked for, and which of their spans; pure functions."""

from collections.abc import Callable
from dataclasses import dataclass

from bicameral.observe.reading import Tree
from bicameral.observe.span_row import SpanRow


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; all that is given has to hold.

    `layer` and `status` ask for spans, and keep what these stand in. `since` is a stamp.
    `trace_id` is the id of any span of the call, `preflight_id` a fact of any.
    """

    layer: str | None = None
    status: str | None = None
    since: str | None = None
    trace_id: str | None = None
    preflight_id: str | None = None

    @property
    def names_one(self) -> bool:
        """Whether an id is asked for, which may be unknown."""
        return self.trace_id is not None or self.preflight_id is not None

    def wants(self, tree: Tree) -> bool:
        """Tell whether a call is one of those asked for."""
        if self.since is not None and tree.row.timestamp < self.since:
            return False
        rows = list(tree.walk())
        return (
            (self.trace_id is None or any(row.trace_id == self.trace_id for row in rows))
            and (self.preflight_id is None or any(map(self._is_led_by, rows)))
            and any(map(self._is_asked_for, rows))
        )

    def pruned(self, tree: Tree) -> Tree:
        """Return the tree without what was not asked for and leads to nothing that was."""
        if self.layer is None and self.status is None:
            return tree
        return _pruned(tree, self._is_asked_for) or tree

    def _is_led_by(self, row: SpanRow) -> bool:
        return row.metadata.get("preflight_id") == self.preflight_id

    def _is_asked_for(self, row: SpanRow) -> bool:
        return self.layer in {None, row.layer} and self.status in {None, row.status}


def _pruned(tree: Tree, is_asked_for: Callable[[SpanRow], bool]) -> Tree | None:
    kept = [found for child in tree.children if (found := _pruned(child, is_asked_for))]
    return Tree(tree.row, kept) if kept or is_asked_for(tree.row) else None
