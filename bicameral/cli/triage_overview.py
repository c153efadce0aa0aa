"""`triage` alone: how much waits, of which kind, and what to type."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.cli.triage_notices import notices_of, show_notices
from bicameral.review.triage.filters import NAMES
from bicameral.review.triage.queue import BANDS, read_reviews
from bicameral.review.triage.statistics import SUSPECTED

_WHAT_TO_TYPE = (
    ("bicameral-mcp triage next", "label them one after another, one key each"),
    ("bicameral-mcp triage list", "see them in a list"),
    ("bicameral-mcp triage stats", "see what the labels add up to"),
)


def configure(parser: ArgumentParser) -> None:
    """Take nothing: it is what there is without a sub-command."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Count what waits."""
    waiting: Counter[tuple[str, str]] = Counter()
    labelled = 0
    reviews = read_reviews(work.environment.home)
    for each in reviews:
        if each.label is not None:
            labelled += 1
        elif each.row.classification in SUSPECTED:
            waiting[each.row.classification, each.band] += 1
    total = waiting.total()
    answer: dict[str, Any] = {
        "waiting": {
            NAMES[kind]: {band: waiting[kind, band] for band in BANDS} for kind in SUSPECTED
        },
        "total": total,
        "labelled": labelled,
        "reviewed": reviews.reviewed.total(),
        "notices": notices_of(work.environment, reviews, is_empty=total == 0, is_filtered=False),
    }
    work.show(answer, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show the counts as a small table."""
    if answer["total"]:
        reviewed = count(answer["reviewed"], "reconciled preflight")
        page.line(f"{answer['total']} of {reviewed} wait for a label", style="bold")
        page.line(_row("", *BANDS), style="dim", is_wrapped=False)
        for name, counts in answer["waiting"].items():
            page.line(_row(name, *map(str, counts.values())), is_wrapped=False)
        page.line()
        for command, meaning in _WHAT_TO_TYPE:
            page.line(f"{command:<28}{meaning}", indent=2, is_wrapped=False)
    show_notices(answer["notices"], page)


def _row(name: str, *cells: str) -> str:
    return f"  {name:<12}" + "".join(f"{each:>8}" for each in cells)
