"""`guards`: code, registry, schemas and pages say the same, or what differs is named.

Exit status 0 when no guard failed, 1 when one did, 2 when a page could not be read.
"""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

import bicameral
from bicameral.cli.commands import COMMANDS
from bicameral.cli.execution import Answer, Work, unusable
from bicameral.cli.page import Page, Style, count
from bicameral.errors import InputRefused
from bicameral.govern.guards.collected import CHANGELOG, RECORD, record_text, unsaid
from bicameral.govern.guards.contracts import Facts, Outcome, run_guards
from bicameral.govern.guards.sources import Sources
from bicameral.ledger.schema import metadata
from bicameral.registry.whole import whole_registry

COULD_NOT_RUN = 2
ROOT = Path(bicameral.__file__).parents[1]
LISTINGS = Path(bicameral.__file__).parent / "serving" / "listings.json"
_STYLES: dict[str, Style] = {"PASS": "green", "FAIL": "red", "SKIP": "dim"}


def configure(parser: ArgumentParser) -> None:
    """Take whether what is collected is to be recorded."""
    parser.add_argument(
        "--record",
        action="store_true",
        help="at a release: record what is collected now, if the changelog says what is new",
    )


def run(work: Work, options: Namespace) -> int:
    """Run the guards and show what they found."""
    facts = facts_of(ROOT)
    try:
        if options.record:
            _record(facts)
        outcomes = run_guards(facts)
    except OSError as error:
        work.refuse(unusable(error))
        return COULD_NOT_RUN
    work.show({"guards": [_as_answer(each) for each in outcomes]}, show)
    return int(any(each.status == "FAIL" for each in outcomes))


def facts_of(root: Path) -> Facts:
    """Return what the guards compare for a source tree."""
    tables = {
        table.name: frozenset(column.name for column in table.columns)
        for table in metadata.sorted_tables
    }
    return Facts(whole_registry(), Sources(root), frozenset(COMMANDS), tool_names(), tables)


def tool_names() -> frozenset[str]:
    """Return the dotted names of the tools, from the listings that clients get."""
    texts = json.loads(LISTINGS.read_text(encoding="utf-8"))["texts"]
    tools = (tool for text in texts for tool in json.loads(text).get("tools", ()))
    return frozenset(tool["name"] for tool in tools if "." in tool["name"])


def show(answer: Answer, page: Page) -> None:
    """Show a line for each guard, and under it what differs."""
    for each in answer["guards"]:
        words = f"{each['status']} {each['guard']}: {each['reason'] or each['meaning']}"
        page.line(words, style=_STYLES[each["status"]])
        for problem in each["problems"]:
            page.line(problem, indent=5)
    ended = [each["status"] for each in answer["guards"]]
    skipped = f", {ended.count('SKIP')} skipped" if "SKIP" in ended else ""
    page.line(f"{count(len(ended), 'guard')}, {ended.count('FAIL')} failed{skipped}", style="bold")


def _as_answer(outcome: Outcome) -> dict[str, object]:
    return {
        "guard": outcome.guard,
        "status": outcome.status,
        "meaning": outcome.meaning,
        "reason": outcome.reason,
        "problems": list(outcome.problems),
    }


def _record(facts: Facts) -> None:
    sources = facts.sources
    if not sources.is_there:
        raise InputRefused(
            "no source tree stands beside this installation, so there is nothing to record in",
            next_step="type `.venv/bin/bicameral-mcp guards --record` in a checkout",
        )
    new = unsaid(facts.registry, sources.read(RECORD), sources.read(CHANGELOG))
    if new:
        raise InputRefused(
            f"not recorded: {'; '.join(new)}",
            next_step="say under Telemetry in CHANGELOG.md what is collected now",
        )
    (sources.root / RECORD).write_text(record_text(facts.registry), encoding="utf-8")
