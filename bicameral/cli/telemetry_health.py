"""`telemetry health`: whether the last days were well, as an exit status for scripts.

0 healthy, 2 degraded, 3 nothing to judge, or figures that cannot be read.
"""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.telemetry_window import add_last, since_days
from bicameral.errors import MetricsUnreadable
from bicameral.observe.metrics.health import Finding, Health, judge
from bicameral.observe.metrics.report import make_report
from bicameral.observe.metrics.totals import fold

DAYS = 7


def configure(parser: ArgumentParser) -> None:
    """Take how far to look back."""
    add_last(parser, default=DAYS)


def run(work: Work, options: Namespace) -> int:
    """Judge; return the exit status of the verdict."""
    health = _judge(work, options.last)
    answer = asdict(health) | {"days": options.last, "exit_status": health.exit_status}
    work.show(answer, show)
    return health.exit_status


def _judge(work: Work, days: int) -> Health:
    environment = work.environment
    try:
        fold(environment.home)
        return judge(make_report(environment.home, since=since_days(days, environment)))
    except MetricsUnreadable as error:
        return Health("no_data", [Finding(error.code, error.message, error.next_step)])
    except OSError as error:
        found = f"the metrics cannot be read: {error.strerror or error}"
        return Health("no_data", [Finding("unreadable", found, "run `bicameral-mcp doctor`")])


def show(answer: Answer, page: Page) -> None:
    """Show the verdict and its reasons."""
    is_well = answer["verdict"] == "healthy"
    page.line(answer["verdict"].replace("_", " "), style="green" if is_well else "yellow")
    for each in answer["findings"]:
        page.line(f"{each['code']}: {each['found']}", indent=2)
        page.line(f"next: {each['next_step']}", indent=4)
