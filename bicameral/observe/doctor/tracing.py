"""Tracing: whether one call of each tool yields its span, in a home and a file of its own."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bicameral.capture.rows import Rows
from bicameral.errors import GitFailed
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.trial import (
    FAULT,
    call_every_tool,
    trial,
    untried,
    without_git,
)
from bicameral.observe.span_row import TRACE_FILE, SpanRow
from bicameral.observe.switch import VARIABLE

Row = dict[str, object]


def check_tracing(around: Surroundings) -> Finding:
    """Call every tool once with tracing on, and read what was recorded."""
    try:
        with trial(around, **{VARIABLE: "1"}) as made:
            with around.open_tools(made.environment, made.repository) as tools:
                unknown = call_every_tool(tools)
                names = tools.tool_names
            rows, torn = _read(made.home / TRACE_FILE)
    except GitFailed as error:
        return without_git(error)
    return judge_spans(names, rows, torn=torn, unknown=unknown)


def judge_spans(names: Iterable[str], rows: list[Row], *, torn: int, unknown: list[str]) -> Finding:
    """Say whether each tool that was called once has one root, with every field of a span."""
    roots = Counter(str(row.get("operation")) for row in rows if row.get("parent_id") is None)
    names = tuple(names)
    wrong = [
        f"{name}: {roots[f'tool.{name}']} spans instead of one"
        for name in names
        if name not in unknown and roots[f"tool.{name}"] != 1
    ]
    wanted = list(SpanRow.__struct_fields__)
    wrong += [f"a span has the fields {list(row)}" for row in rows if list(row) != wanted][:1]
    wrong += [f"{torn} lines of {TRACE_FILE} are no rows"] * bool(torn)
    if wrong or unknown:
        return failed(
            "not every call of a tool yields its span", *wrong, *untried(unknown), mend=FAULT
        )
    return passed(
        "one call of each tool yields its span",
        f"{len(rows)} spans, {len(names)} of them of calls",
        spans=len(rows),
    )


def _read(path: Path) -> tuple[list[Row], int]:
    rows = Rows(path)
    return list(rows), rows.skipped
