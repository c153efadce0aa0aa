"""`triage stats`: how often a suspicion was right, how that moves, and what is behind it."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from functools import partial
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count, terminal_width
from bicameral.cli.triage_cards import NOT_CAPTURED
from bicameral.cli.triage_notices import notices_of, show_notices
from bicameral.cli.triage_options import Picked, add_filters, add_raw, filters_of, is_filtered
from bicameral.environment import Environment
from bicameral.review.triage.chart import Bar, draw, fills
from bicameral.review.triage.filters import NAMES
from bicameral.review.triage.queue import Suspect
from bicameral.review.triage.statistics import Frequent, Precision, Statistics, Tally

_HEAD = ("class", "confidence", "waiting", "right", "wrong", "borderline", "precision")


def configure(parser: ArgumentParser) -> None:
    """Take the filters."""
    add_filters(parser)
    add_raw(parser)


def run(work: Work, options: Namespace) -> int:
    """Count."""
    filters = filters_of(options, work.environment, wants_labels=None)
    picked = Picked(work, filters)
    tally, paths = Tally(), PlainPaths(is_asked_for=options.raw)
    for each in picked:
        tally.add(each)
        paths.add(each)
    found = tally.total(picked.reviews.reviewed)
    answer = as_answer(found, paths, _titles(work.environment, found))
    answer["notices"] = notices_of(
        work.environment,
        picked.reviews,
        is_empty=not picked.total,
        is_filtered=is_filtered(options),
    )
    width = terminal_width(work.environment.variables, sys.stdout)
    encoding = sys.stdout.encoding or "ascii"
    work.show(answer, partial(show, found=found, width=width, encoding=encoding))
    return 0


class PlainPaths:
    """The plain text of path hashes, where it is asked for and raw mode captured it."""

    def __init__(self, *, is_asked_for: bool) -> None:
        self.is_asked_for = is_asked_for
        self._paths: dict[str, str] = {}

    def add(self, suspect: Suspect) -> None:
        """Learn what one row tells."""
        row = suspect.row
        # Both lists stand in the order of the call; where they do not match, nothing is known.
        if self.is_asked_for and row.file_paths and len(row.file_paths) == len(row.path_hashes):
            self._paths |= zip(row.path_hashes, row.file_paths, strict=True)

    def of(self, path_hash: str) -> str | None:
        """Return the path, if it may be shown and is known."""
        return self._paths.get(path_hash)


def as_answer(found: Statistics, paths: PlainPaths, titles: dict[str, str]) -> dict[str, Any]:
    """Return the statistics as JSON."""
    decisions = {
        name: [asdict(each) | {"title": titles.get(each.name)} for each in getattr(found, name)]
        for name in ("misfiring", "missed")
    }
    return {
        "precision": [_precision(each) for each in found.precisions],
        "weeks": [asdict(each) for each in found.weeks],
        **decisions,
        "missed_paths": [
            asdict(each) | {"path": paths.of(each.name)} for each in found.missed_paths
        ],
        "labels": dict(found.labels),
        "is_raw": paths.is_asked_for,
    }


def show(answer: Answer, page: Page, *, found: Statistics, width: int, encoding: str) -> None:
    """Show the tables and the chart."""
    if any(each.judged or each.waiting or each.borderline for each in found.precisions):
        _show_precisions(found, page)
        _show_weeks(found, page, width=width, encoding=encoding)
    _show_decisions("shown for nothing most often", answer["misfiring"], page)
    _show_decisions("missed most often", answer["missed"], page)
    _show_paths(answer, page)
    show_notices(answer["notices"], page)


def _show_precisions(found: Statistics, page: Page) -> None:
    page.line("how often a suspicion was right (95 % interval)", style="bold")
    page.line(_row(*_HEAD), style="dim", is_wrapped=False)
    for each in found.precisions:
        if each.band is None or each.judged or each.waiting or each.borderline:
            numbers = map(str, (each.waiting, each.right, each.wrong, each.borderline))
            page.line(
                _row(NAMES[each.classification], each.band or "all", *numbers, _share(each)),
                is_wrapped=False,
            )
    page.line()


def _show_weeks(found: Statistics, page: Page, *, width: int, encoding: str) -> None:
    first, second = fills(encoding)
    page.line(f"suspected by week: {first} misses, {second} false fires", style="bold")
    bars = [
        Bar(each.week, each.suspected_misses, each.suspected_false_fires) for each in found.weeks
    ]
    for line in draw(bars, width=width - 2, encoding=encoding):
        page.line(line, indent=2, is_wrapped=False)
    page.line()


def _show_decisions(title: str, entries: list[dict[str, Any]], page: Page) -> None:
    if not entries:
        return
    page.line(title, style="bold")
    for each in entries:
        page.line(f"{_times(each)}  {each['title'] or 'not in the ledger any more'}", indent=2)
        page.facts(each["name"], indent=4)
    page.line()


def _show_paths(answer: Answer, page: Page) -> None:
    if not answer["missed_paths"]:
        return
    page.line("paths where something was missed", style="bold")
    for each in answer["missed_paths"]:
        is_missing = answer["is_raw"] and each["path"] is None
        unknown = f"  ({NOT_CAPTURED})" if is_missing else ""
        page.line(f"{_times(each)}  {each['path'] or each['name']}{unknown}", indent=2)
    page.line()


def _times(each: dict[str, Any]) -> str:
    return f"{count(each['suspected'], 'time')}, {each['real']} confirmed"


def _precision(each: Precision) -> dict[str, Any]:
    low, high = each.interval
    return asdict(each) | {
        "judged": each.judged,
        "precision": each.share,
        "interval": [low, high] if each.judged else None,
    }


def _share(each: Precision) -> str:
    if each.share is None:
        return "-"
    low, high = each.interval
    return f"{each.share:.2f} ({low:.2f} to {high:.2f})"


def _row(name: str, band: str, *cells: str) -> str:
    *numbers, last = cells
    return f"  {name:<12}{band:<10}" + "".join(f"{each:>11}" for each in numbers) + f"   {last}"


def _titles(environment: Environment, found: Statistics) -> dict[str, str]:
    """Return the titles of the decisions that are listed; those gone are left out."""
    listed: list[Frequent] = [*found.misfiring, *found.missed]
    if not listed:
        return {}
    from bicameral.review.triage.decisions import read_decisions  # noqa: PLC0415 - start-up time

    read = read_decisions(environment, (each.name for each in listed))
    return {each.id: each.title for each in read.values()}
