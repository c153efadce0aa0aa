"""`triage undo`: take back the label of a row that stood last; the one before stands again."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.triage_options import add_id, add_person
from bicameral.errors import InputRefused
from bicameral.review.triage.labels import append_label, person_at_work
from bicameral.review.triage.queue import find_suspect, fold, standing_label


def configure(parser: ArgumentParser) -> None:
    """Take the row."""
    add_id(parser)
    add_person(parser)


def run(work: Work, options: Namespace) -> int:
    """Take it back; raises `InputRefused` where nothing stands."""
    environment = work.environment
    found = find_suspect(environment.home, options.review_id)
    if found.label is None:
        raise InputRefused(
            f"{found.row.id} has no label to take back",
            next_step=f"see its history with `bicameral-mcp triage show {found.row.id}`",
        )
    who = person_at_work(environment.variables, options.by)
    said = append_label(environment, found.row.id, "undo", who=who)
    answer = {
        "review_id": found.row.id,
        "taken_back": standing_label(found),
        "label": standing_label(fold(found.row, (*found.history, said))),
        "who": said.who,
        "ts": said.ts,
    }
    work.show(answer, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show what stands now."""
    page.line(f"taken back {answer['taken_back']}: {answer['review_id']}", style="green")
    now = f"it is {answer['label']} again" if answer["label"] else "it waits again"
    page.line(now, indent=2)
