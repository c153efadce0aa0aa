"""A run of the data sets as a page: a table for each set, divergence, and the baseline."""

from collections.abc import Mapping, Sequence
from typing import Any

from bicameral.cli.page import Page, count

UNDEFINED = "-"
HEADINGS = ("", "rows", "right", "precision", "recall", "fired", "on silent", "tokens")
MEASURES = {
    "right": "rows that are right",
    "fired_on_silent": "fired on silent rows",
    "recall": "recall",
}


def show(answer: Mapping[str, Any], page: Page, *, lists_wrong: bool) -> None:
    """Show the whole run."""
    for name, each in answer["sets"].items():
        _show_set(name, each, page)
        if lists_wrong:
            _show_wrong(each["wrong"], page)
        page.line()
    if answer["divergence"]:
        _show_divergence(answer["divergence"], page)
        page.line()
    for name, each in (answer["baseline"] or {}).items():
        _show_comparison(name, each, page)
    for what, path in answer["written"].items():
        if path:
            page.line(f"{what} written: {path}", is_wrapped=False)
    page.facts(f"gate: {answer['gate']}", f"{answer['seconds']} s")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows with their columns aligned: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _show_set(name: str, each: Mapping[str, Any], page: Page) -> None:
    whole = each["all"]
    if not whole["rows"]:
        page.line(f"{name}: none yet; promote rows with `bicameral-mcp triage promote`")
        return
    origins = ", ".join(f"{origin} {number}" for origin, number in each["origins"].items())
    told = f"{count(whole['rows'], 'row')} ({origins}) on {count(each['decisions'], 'decision')}"
    page.line(f"{name}: {told}", style="bold")
    if not each["is_shipped"]:
        page.line(each["path"], style="dim", is_wrapped=False)
    cells = [HEADINGS, *(_cells(*item) for item in each["categories"].items())]
    for line in table([*cells, _cells("all", whole)]):
        page.line(line, is_wrapped=False)
    page.line(f"latency: {_spread(whole['latency_ms'], digits=1, unit=' ms')}")
    page.line(f"tokens of an answer: {_spread(whole['tokens'], digits=0, unit='')}")
    if each["unstable"]:
        named = ", ".join(each["unstable"])
        page.line(f"answered differently when repeated: {named}", style="yellow")


def _cells(name: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    ratios = ("precision", "recall", "fire_rate", "fire_rate_on_silent")
    tokens = figures["tokens"]["p50"]
    return (
        name,
        str(figures["rows"]),
        str(figures["right"]),
        *(_ratio(figures[each]) for each in ratios),
        str(tokens),
    )


def _ratio(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.2f}"


def _spread(spread: Mapping[str, Any], *, digits: int, unit: str) -> str:
    p50, p95 = (
        UNDEFINED if spread[name] is None else f"{spread[name]:.{digits}f}{unit}"
        for name in ("p50", "p95")
    )
    return f"p50 {p50}, p95 {p95} (n = {spread['n']})"


def _show_wrong(rows: Sequence[Mapping[str, Any]], page: Page) -> None:
    for row in rows:
        page.line()
        page.line(f"{row['id']} · {row['category']}", style="red")
        page.line(row["topic"], indent=2)
        page.line(f"paths: {', '.join(row['file_paths']) or 'none'}", indent=2, style="dim")
        page.line(f"expected: {', '.join(row['expected']) or 'silence'}", indent=2)
        page.line(f"shown: {', '.join(row['shown']) or 'nothing'} ({row['reason']})", indent=2)


def _show_divergence(divergence: Mapping[str, Any], page: Page) -> None:
    compared = f"{divergence['rows_real']} real and {divergence['rows_synthetic']} synthetic rows"
    page.line(f"real against synthetic: {compared} in common categories", style="bold")
    for each in divergence["differences"]:
        told = f"{MEASURES[each['measure']]}: {_difference(each)}"
        page.line(told, indent=2, style="red" if each["alarm"] else "plain")


def _difference(each: Mapping[str, Any]) -> str:
    if not each["told"]:
        return f"too few rows to tell (n = {each['n_real']} and {each['n_synthetic']})"
    values = f"{each['real']:.2f} and {each['synthetic']:.2f}"
    interval = f"{each['low']:+.2f} to {each['high']:+.2f}"
    verdict = "they differ" if each["alarm"] else "not told apart"
    return f"{values}, difference {each['difference']:+.2f} ({interval}): {verdict}"


def _show_comparison(name: str, comparison: Mapping[str, Any], page: Page) -> None:
    regressions, changes = comparison["regressions"], comparison["changes"]
    verdict = "worse than" if regressions else "not worse than"
    page.line(f"{name}: {verdict} the baseline", style="red" if regressions else "green")
    for each in regressions:
        page.line(each, indent=2)
    for each in changes:
        kind = "worse" if each["got_worse"] else "better" if each["got_better"] else "different"
        was, now = (", ".join(each[side]) or "nothing" for side in ("was", "now"))
        page.line(f"{kind}: {each['row_id']} ({each['category']})", indent=2)
        page.line(f"showed {was}; shows {now}", indent=4, style="dim")
    if comparison["new_rows"]:
        page.line(f"{count(comparison['new_rows'], 'row')} not in the baseline", indent=2)
    if changes or comparison["new_rows"]:
        page.line("to make this run the baseline: --write-baseline FILE", indent=2, style="dim")
