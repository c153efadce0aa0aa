"""`trace view`: the last calls, each as a tree; or those of one preflight, or of one span."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from typing import get_args

import msgspec

from bicameral.capture.opaque import stored_preflight
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, Style, count
from bicameral.cli.parsing import add_choice
from bicameral.errors import NotFound
from bicameral.observe.lines import line_of
from bicameral.observe.reading import Tree, read_trees
from bicameral.observe.selecting import Selection
from bicameral.observe.span_row import TRACE_FILE
from bicameral.review.triage.filters import read_moment
from bicameral.tracing import Layer, Status

CALLS_BY_DEFAULT = 10
_STYLES: Mapping[str, Style] = {"error": "red", "blocked": "yellow", "cancelled": "dim"}


def configure(parser: ArgumentParser) -> None:
    """Take what to show."""
    parser.add_argument("--last", type=int, metavar="N", help="most calls (default: 10)")
    add_choice(parser, "--layer", get_args(Layer))
    add_choice(parser, "--status", get_args(Status))
    parser.add_argument(
        "--since", metavar="TIME", help="only calls since then: an age (7d, 36h) or a date"
    )
    parser.add_argument("--trace-id", metavar="ID", help="the call that this span belongs to")
    parser.add_argument(
        "--preflight-id",
        metavar="ID",
        help="every call of this preflight: itself, and those that named it later",
    )


def run(work: Work, options: Namespace) -> int:
    """Read and show them; an id that is in no span is refused."""
    if options.last is not None and options.last < 1:
        options.refuse("--last must be 1 or more")
    since = options.since
    selection = Selection(
        layer=options.layer,
        status=options.status,
        since=since and read_moment(since, now_ns=work.environment.time_ns()),
        trace_id=options.trace_id,
        preflight_id=stored_preflight(work.environment, options.preflight_id),
    )
    # All that belongs to an id is meant, unless fewer are asked for.
    most = options.last or (None if selection.names_one else CALLS_BY_DEFAULT)
    read = read_trees(work.environment.home / TRACE_FILE, wanted=selection.wants, most=most)
    if not read.trees and selection.names_one:
        raise _unknown(selection)
    trees = [selection.pruned(tree) for tree in read.trees]
    answer = {"calls": [as_entry(tree) for tree in trees], "skipped_lines": read.skipped}
    work.show(answer, partial(show, trees=trees))
    return 0


def as_entry(tree: Tree) -> Answer:
    """Return a tree as JSON has it: the fields of the span, and its children."""
    row = msgspec.to_builtins(tree.row)
    return {**row, "children": [as_entry(child) for child in tree.children]}


def show(answer: Answer, page: Page, *, trees: Sequence[Tree]) -> None:
    """Show one tree after another, oldest first."""
    for tree in trees:
        page.facts(tree.row.timestamp, tree.row.trace_id)
        _show_tree(tree, page, depth=0)
        page.line()
    if not trees:
        page.line("no call was traced that fits; switch tracing on with BICAMERAL_TRACE=1")
    if answer["skipped_lines"]:
        page.line(f"{count(answer['skipped_lines'], 'line')} could not be read", style="yellow")


def _show_tree(tree: Tree, page: Page, *, depth: int) -> None:
    branch = "└─ " if depth else ""
    page.line(
        branch + line_of(tree.row),
        indent=3 * max(depth - 1, 0),
        style=_STYLES.get(tree.row.status, "plain" if depth else "bold"),
        is_wrapped=False,
    )
    for child in tree.children:
        _show_tree(child, page, depth=depth + 1)


def _unknown(selection: Selection) -> NotFound:
    what = "span" if selection.trace_id is not None else "preflight"
    return NotFound(
        f"no {what} in the trace has this id",
        next_step="see what there is with `bicameral-mcp trace view`; tracing must have been on",
    )
