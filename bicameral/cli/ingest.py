"""`ingest`: read decisions from files, folders and globs."""

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count

MOST_SKIPPED_SHOWN = 10
NAMES_NOTHING = "names no document"


def configure(parser: ArgumentParser) -> None:
    """Take the places to read."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file, a folder, or a glob in quotes ('docs/**/*.md')",
    )


def run(work: Work, options: Namespace) -> int:
    """Read them and show what became of each."""
    with work.desk() as desk:
        root = desk.services.workspace.repository.root
        start = Path(os.path.realpath(work.start))
        patterns = [from_root(each, start=start, root=root) for each in options.paths]
        answer = desk.call("bicameral.ingest", {"paths": patterns})
    work.show(answer, show)
    return int(found_nothing(answer))


def from_root(pattern: str, *, start: Path, root: Path) -> str:
    """Return a pattern that starts at a folder as one that starts at the repository's root.

    What leads out of the repository stays as it is, to be refused by its own name.
    """
    joined = os.path.normpath(start / pattern)
    try:
        return Path(joined).relative_to(root).as_posix()
    except ValueError:
        return pattern


def found_nothing(answer: Answer) -> bool:
    """Tell whether every place that was named turned out to name no document."""
    is_empty = not (answer["added"] or answer["amended"] or answer["unchanged"])
    return is_empty and all(e["reason"] == NAMES_NOTHING for e in answer.get("skipped", ()))


def show(answer: Answer, page: Page) -> None:
    """Show the changes first, then the counts, then what was left out."""
    for each in answer.get("decisions", ()):
        page.line(f"{each['outcome']}: {each['title']}", style="bold")
        page.facts(each["decision_id"], each["signoff"], each["source"], indent=2)
        for place in each.get("bound_to", ()):
            page.line(f"→ {place}", indent=2)
        if each.get("collides_with"):
            page.line(f"collides with {each['collides_with']}", indent=2, style="yellow")
        for warning in each.get("warnings", ()):
            page.line(f"warning: {warning}", indent=2, style="yellow")
    for title in answer.get("superseded", ()):
        page.line(f"superseded: {title}")
    if answer.get("more"):
        page.line(f"and {answer['more']} more entries")
    page.line(
        f"{answer['added']} added, {answer['amended']} amended, {answer['unchanged']} unchanged; "
        f"{count(answer['inferred_bindings'], 'binding')} inferred from their texts",
        style="green",
    )
    _show_left_out(answer, page)


def _show_left_out(answer: Answer, page: Page) -> None:
    skipped = answer.get("skipped", [])
    for each in skipped[:MOST_SKIPPED_SHOWN]:
        page.line(f"skipped: {each['path']} {each['reason']}", style="dim")
    if len(skipped) > MOST_SKIPPED_SHOWN:
        page.line(f"skipped: {len(skipped) - MOST_SKIPPED_SHOWN} more (see --json)", style="dim")
    for each in answer.get("unresolved", [])[:MOST_SKIPPED_SHOWN]:
        page.line(f"unresolved: {each}", style="yellow")
