"""`triage label`: say by command what a row is, for those who do not sit at the terminal."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.triage_options import LABELS, add_id, add_person
from bicameral.review.triage.labels import LONGEST_NOTE, append_label, person_at_work
from bicameral.review.triage.queue import find_suspect, standing_label


def configure(parser: ArgumentParser) -> None:
    """Take the row and what it is."""
    add_id(parser)
    parser.add_argument("label", choices=LABELS, metavar="LABEL", help=", ".join(LABELS))
    parser.add_argument("--note", metavar="TEXT", default="", help="why, in words")
    add_person(parser)


def run(work: Work, options: Namespace) -> int:
    """Write the label; it is on the disk when this returns."""
    if len(options.note) > LONGEST_NOTE:
        options.refuse(f"--note may have {LONGEST_NOTE} characters at most")
    environment = work.environment
    found = find_suspect(environment.home, options.review_id)
    said = append_label(
        environment,
        found.row.id,
        "label",
        who=person_at_work(environment.variables, options.by),
        label=options.label,
        note=options.note,
    )
    answer = {
        "review_id": found.row.id,
        "label": said.label,
        "before": standing_label(found),
        "who": said.who,
        "ts": said.ts,
        "note": said.note,
    }
    work.show(answer, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show what was written."""
    page.line(f"labelled {answer['label']}: {answer['review_id']}", style="green")
    page.facts(f"by {answer['who']}", answer["note"], indent=2)
    if answer["before"]:
        page.line(f"before it was {answer['before']}; that stays on record", indent=2)
