"""`trace stats`: how long the parts of calls take, and how often they fail."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.observe.lines import milliseconds, printable
from bicameral.observe.reading import read_spans
from bicameral.observe.span_row import TRACE_FILE
from bicameral.observe.statistics import statistics_of

SPANS_BY_DEFAULT = 1_000
_HEAD = ("count", "mean", "p50", "p95", "longest", "errors")


def configure(parser: ArgumentParser) -> None:
    """Take how many spans to look at."""
    parser.add_argument(
        "--last",
        type=int,
        default=SPANS_BY_DEFAULT,
        metavar="N",
        help="how many spans, from the newest on (default: 1000); percentiles by nearest rank",
    )


def run(work: Work, options: Namespace) -> int:
    """Read, add up and show."""
    if options.last < 1:
        options.refuse("--last must be 1 or more")
    rows, skipped = read_spans(work.environment.home / TRACE_FILE, most=options.last)
    work.show({**asdict(statistics_of(rows)), "skipped_lines": skipped}, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show the layers, then the slowest operations."""
    if not answer["spans"]:
        page.line("no span was traced; switch tracing on with BICAMERAL_TRACE=1")
        return
    page.line(f"the last {count(answer['spans'], 'span')}; percentiles by nearest rank")
    _show_table("layer", answer["layers"], page)
    page.line()
    _show_table("slowest in the mean", answer["slowest"], page)
    if answer["skipped_lines"]:
        page.line(f"{count(answer['skipped_lines'], 'line')} could not be read", style="yellow")


def _show_table(title: str, figures: Mapping[str, Mapping[str, Any]], page: Page) -> None:
    names = [printable(name) for name in figures]
    width = max(map(len, [title, *names]))
    page.line(
        f"{title:<{width}}" + "".join(f"{each:>9}" for each in _HEAD),
        style="bold",
        is_wrapped=False,
    )
    for name, each in zip(names, figures.values(), strict=True):
        times = [each[f"{part}_ms"] for part in ("mean", "p50", "p95", "longest")]
        cells = [str(each["count"]), *map(milliseconds, times), str(each["errors"])]
        page.line(
            f"{name:<{width}}" + "".join(f"{cell:>9}" for cell in cells),
            style="red" if each["errors"] else "plain",
            is_wrapped=False,
        )
