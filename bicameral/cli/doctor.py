"""`doctor`: numbered checks of this machine, each with its evidence and what mends it.

Exit status 0 when no check failed, 1 when one did, 2 when the checks could not be run.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from functools import partial
from pathlib import Path

from bicameral.cli.doctor_around import surroundings_of
from bicameral.cli.execution import Answer, Work, as_document, unusable
from bicameral.cli.page import Page, Style, count
from bicameral.cli.progress import ProgressBar
from bicameral.observe.doctor.report import Report, as_answer
from bicameral.observe.doctor.running import run_checks
from bicameral.observe.doctor.table import CHECKS, Check, chosen

COULD_NOT_RUN = 2
JSON_FILE, TEXT_FILE = "doctor.json", "doctor.txt"
_STYLES: dict[str, Style] = {"PASS": "green", "FAIL": "red", "SKIP": "dim"}
_UNDER = 9  # where what is said of a check begins, under its title


def configure(parser: ArgumentParser) -> None:
    """Take which checks to run, and where to keep the report."""
    parser.add_argument(
        "--only", metavar="IDS", help="only these checks: ids or numbers, with commas between"
    )
    parser.add_argument(
        "--out", metavar="DIR", help=f"keep the report there as {JSON_FILE} and {TEXT_FILE}"
    )


def run(work: Work, options: Namespace) -> int:
    """Run the checks, show what they found, and keep it where that is asked for."""
    report = _run(work, _chosen(options))
    answer = as_answer(report)
    # Whoever asks for one check wants to know what it saw, also where all is well.
    work.show(answer, partial(show, is_full=options.only is not None))
    if options.out is not None:
        try:
            _keep(work.environment.cwd / options.out, answer)
        except OSError as error:
            work.refuse(unusable(error))
            return COULD_NOT_RUN
    return report.exit_status


def show(answer: Answer, page: Page, *, is_full: bool) -> None:
    """Show a line for each check, and under one that failed why and what mends it.

    `is_full`: what was seen is shown under every check.
    """
    for each in answer["results"]:
        _show_one(each, page, is_full=is_full)
    page.line()
    page.line(_summary(answer), style="bold")


def _summary(answer: Answer) -> str:
    counts = Counter(each["status"] for each in answer["results"])
    seconds = answer["duration_ms"] / 1000
    return (
        f"{count(len(answer['results']), 'check')}: {counts['PASS']} passed, "
        f"{counts['FAIL']} failed, {counts['SKIP']} skipped in {seconds:.1f} s"
    )


def _show_one(result: Answer, page: Page, *, is_full: bool) -> None:
    status = result["status"]
    words = f"{status} {result['number']:>3} {result['title']}: {result['reason']}"
    page.line(words, style=_STYLES[status], is_wrapped=False)
    if is_full or status == "FAIL":
        for line in result["evidence"]:
            page.line(line, indent=_UNDER, is_wrapped=False)
    if result["mend"]:
        # Not wrapped: it is there to be copied.
        style: Style = "bold" if status == "FAIL" else "dim"
        page.line(f"mend: {result['mend']}", indent=_UNDER, style=style, is_wrapped=False)


def _chosen(options: Namespace) -> tuple[Check, ...]:
    if options.only is None:
        return CHECKS
    try:
        return chosen(options.only)
    except KeyError as error:
        known = ", ".join(each.id for each in CHECKS)
        options.refuse(f"no check is called {error.args[0]!a}; there are {known}")
        raise


def _run(work: Work, checks: tuple[Check, ...]) -> Report:
    progress = ProgressBar(sys.stderr, work.environment.monotonic_ns)
    numbers = {each.id: number for number, each in enumerate(checks)}
    try:
        return run_checks(
            surroundings_of(work),
            checks,
            begins=lambda each: progress(each.id, numbers[each.id], len(checks)),
        )
    finally:
        progress.clear()


def _keep(folder: Path, answer: Answer) -> None:
    """Write both forms of the report, each whole, for their owner alone; raises `OSError`."""
    from bicameral.capture.durable import replace_file  # noqa: PLC0415 - seldom needed

    folder = Path(os.path.normpath(folder))
    folder.mkdir(parents=True, exist_ok=True)
    page = Page(width=sys.maxsize)
    show(answer, page, is_full=True)
    replace_file(folder / JSON_FILE, as_document(answer).encode(), is_synced=True)
    replace_file(folder / TEXT_FILE, page.text().encode("utf-8", "replace"), is_synced=True)
