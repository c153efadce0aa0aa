"""`telemetry report`: what calls did in the last days, and what preflights found nothing for."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import Any

import msgspec

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.cli.telemetry_window import add_last, since_days
from bicameral.observe.metrics.report import make_report
from bicameral.observe.metrics.totals import Totals, fold

DAYS = 7
MOST_TOPICS = 10
_HEAD = ("tool", "n", "ok", "refused", "failed", "p50 ms", "p95 ms", "max ms")


def configure(parser: ArgumentParser) -> None:
    """Take how far to look back."""
    add_last(parser, default=DAYS)


def run(work: Work, options: Namespace) -> int:
    """Bring the sums up to date, read, and show."""
    environment = work.environment
    totals = fold(environment.home)
    report = make_report(environment.home, since=since_days(options.last, environment))
    answer = asdict(report) | {"days": options.last, "cumulative": _cumulative(totals)}
    work.show(answer, show)
    return 0


def _cumulative(totals: Totals | None) -> dict[str, Any] | None:
    """Return the sums without the places; None while another process works on them."""
    if totals is None:
        return None
    found: dict[str, Any] = msgspec.to_builtins(totals)
    del found["places"], found["schema"]
    return found


def show(answer: Answer, page: Page) -> None:
    """Show the tables, and nothing for what has no rows."""
    page.line(f"the last {count(answer['days'], 'day')}", style="bold")
    if not answer["lines"] and not answer["preflights"]:
        page.line("nothing was recorded; see `bicameral-mcp telemetry status`", indent=2)
        return
    _show_calls(answer["calls"], page)
    page.line(f"estimated tokens of answers: {answer['tokens']}")
    _show_numbers("counted", answer["counters"], page)
    _show_numbers("emitted", answer["emitted"], page)
    _show_preflights(answer, page)
    for lane, each in answer["lanes"].items():
        page.line(f"{lane} rows: {each['written']} written, {each['dropped']} dropped")
    if answer["skipped_lines"]:
        page.line(f"{count(answer['skipped_lines'], 'line')} could not be read", style="yellow")


def _show_calls(calls: list[dict[str, Any]], page: Page) -> None:
    if calls:
        page.line(_row(*_HEAD), style="dim", is_wrapped=False)
    for each in calls:
        ended = (each[name] for name in ("n", "ok", "refused", "failed"))
        took = (_milliseconds(each[name]) for name in ("p50_ms", "p95_ms", "max_ms"))
        page.line(_row(each["command"], *map(str, ended), *took), is_wrapped=False)


def _show_numbers(title: str, numbers: dict[str, int], page: Page) -> None:
    if any(numbers.values()):
        page.line(title)
        for name, number in numbers.items():
            if number:
                page.line(f"{name}: {number}", indent=2)


def _show_preflights(answer: Answer, page: Page) -> None:
    page.line(f"preflights: {answer['preflights']}, fired: {answer['fired']}")
    topics = answer["zero_results"]
    if topics:
        page.line(f"topics that found nothing, by their hash: {len(topics)}")
    for each in topics[:MOST_TOPICS]:
        times = count(each["count"], "time")
        seen = f"{each['first_seen'][:10]} to {each['last_seen'][:10]}"
        page.line(f"{each['topic_hash']}  {times}, {seen}", indent=2)


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _row(name: str, *cells: str) -> str:
    return f"  {name:<24}" + "".join(f"{each:>9}" for each in cells)
