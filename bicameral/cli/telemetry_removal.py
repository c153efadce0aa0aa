"""What `prune-plan`, `prune-apply` and `erase` share: how what goes is shown, and the consent."""

from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.errors import ConfirmationMissing
from bicameral.removal.parts import Part, total_rows

REFUSED = 1


def add_consent(parser: ArgumentParser) -> None:
    """Add `--i-understand`."""
    parser.add_argument(
        "--i-understand",
        action="store_true",
        help="really remove it: it cannot be brought back",
    )


def refuse(work: Work, answer: dict[str, Any], command: str) -> int:
    """Show what would go and say how it really goes; where nothing would, there is no more."""
    if not answer["parts"]:
        work.show(answer, show)
        return 0
    if not work.as_json:
        work.show(answer, show)
    error = ConfirmationMissing(
        "nothing was removed: what goes cannot be brought back",
        next_step=f"to remove it, add --i-understand: `{command} --i-understand`",
    )
    work.refuse(error, answer)
    return REFUSED


def answer_of(parts: Iterable[Part], *, is_done: bool) -> dict[str, Any]:
    """Return what goes or went, as the command answers it."""
    parts = list(parts)
    return {
        "removed": is_done,
        "rows": total_rows(parts),
        "bytes": sum(each.size_bytes or 0 for each in parts),
        "parts": [asdict(each) for each in parts],
    }


def show(answer: Answer, page: Page) -> None:
    """Show each file and table with what goes of it, the sum, and what else is to be known."""
    _show_parts(answer, page)
    for note in answer.get("notes", ()):
        page.line(note)


def _show_parts(answer: Answer, page: Page) -> None:
    for each in answer["parts"]:
        page.line(f"{each['name']}: {_amount(each)}", style="bold")
        if each["oldest"]:
            page.facts(f"{each['oldest']} to {each['newest']}", indent=2)
        page.facts(each["reason"], indent=2)
    goes = "removed" if answer["removed"] else "would go"
    if not answer["parts"]:
        page.line("nothing was removed" if answer["removed"] else "nothing would go")
        return
    rows, places = count(answer["rows"], "row"), count(len(answer["parts"]), "place")
    page.line(f"{rows} in {places} {goes}, {answer['bytes']} bytes of files")


def _amount(part: Answer) -> str:
    size = "" if part["size_bytes"] is None else f"{part['size_bytes']} bytes"
    rows = count(part["rows"], "row") if part["rows"] or part["place"] == "table" else ""
    whole = "the whole file" if part["is_whole"] and part["rows"] else ""
    return ", ".join(filter(None, [rows, size, whole]))
