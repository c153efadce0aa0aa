"""`triage promote`: one labelled row into the data set, with nothing private left in it."""

import sys
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from bicameral.cli.execution import Work, as_document, write
from bicameral.cli.page import make_page
from bicameral.cli.promote_page import (
    as_finding,
    as_row,
    show_findings,
    show_plan,
    show_promoted,
)
from bicameral.cli.triage_options import add_id, add_person
from bicameral.errors import PromotionRefused
from bicameral.review.dataset import REAL_DATASET, Category
from bicameral.review.triage.labels import person_at_work
from bicameral.review.triage.queue import find_suspect

if TYPE_CHECKING:
    from bicameral.review.promotion.answers import Answers
    from bicameral.review.promotion.drafting import Supplied
    from bicameral.review.promotion.promotion import Promotion


def configure(parser: ArgumentParser) -> None:
    """Take the row, what the person supplies, and how each finding is answered."""
    add_id(parser)
    parser.add_argument("--topic", metavar="TEXT", help="what was asked, where it is only hashed")
    parser.add_argument(
        "--path",
        metavar="PATH",
        action="append",
        dest="paths",
        help="a file that was named, where they are only hashed; may be repeated ('': none)",
    )
    parser.add_argument(
        "--expect",
        metavar="DECISION_ID",
        action="append",
        default=[],
        help="what should have surfaced, instead of what follows from the label; may be repeated",
    )
    parser.add_argument("--category", metavar="C", help=", ".join(get_args(Category)))
    parser.add_argument("--note", metavar="TEXT", default="", help="a note in the row itself")
    parser.add_argument(
        "--resolve",
        metavar="FINDING=ACTION",
        action="append",
        default=[],
        help="replace, generalise or 'keep:REASON'; FINDING is an id, a kind, secrets or all",
    )
    parser.add_argument("--confirm", action="store_true", help="vouch for the checklist")
    parser.add_argument(
        "--to",
        metavar="FILE",
        help=f"the data set (default: {REAL_DATASET} in the repository)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show the findings and the row, and write nothing"
    )
    add_person(parser)


def run(work: Work, options: Namespace) -> int:
    """Draft the row, have every finding answered, and write it."""
    from bicameral.review.promotion.answers import read_answers  # noqa: PLC0415 - start-up time

    answers = read_answers(options.resolve)
    promotion = _begin(work, options)
    if options.dry_run:
        return _show_plan(work, promotion, answers)
    is_confirmed = options.confirm
    if _is_interactive(work):
        from bicameral.cli.promote_questions import (  # noqa: PLC0415 - only with a terminal
            ask_findings,
            confirm,
        )

        answers = ask_findings(promotion, answers, work.environment)
        is_confirmed = is_confirmed or confirm(promotion, answers, work.environment)
    try:
        return _write(work, options, promotion, answers, is_confirmed=is_confirmed)
    except PromotionRefused as refusal:
        return _refuse(work, promotion, answers, refusal)


def _begin(work: Work, options: Namespace) -> "Promotion":
    from bicameral.review.promotion.drafting import (  # noqa: PLC0415 - start-up time
        Supplied,
        lacking,
    )
    from bicameral.review.promotion.promotion import begin  # noqa: PLC0415

    environment = work.environment
    suspect = find_suspect(environment.home, options.review_id)
    supplied = Supplied(
        topic=options.topic,
        paths=options.paths,
        expect=options.expect,
        category=options.category,
        note=options.note,
    )
    if _is_interactive(work):
        supplied = _ask_missing(supplied, lacking(suspect.row, supplied))
    with work.desk() as desk:
        return begin(
            suspect,
            supplied,
            environment=environment,
            ledger=desk.services.ledger,
            workspace=desk.services.workspace,
            cwd=work.start,
            who=person_at_work(environment.variables, options.by),
        )


def _ask_missing(supplied: "Supplied", missing: tuple[str, ...]) -> "Supplied":
    from bicameral.cli.promote_questions import ask_missing  # noqa: PLC0415 - only with a terminal

    return ask_missing(supplied, missing)


def _write(
    work: Work,
    options: Namespace,
    promotion: "Promotion",
    answers: "Answers",
    *,
    is_confirmed: bool,
) -> int:
    environment = work.environment
    root = promotion.root
    done = promotion.write(
        answers,
        environment,
        path=root / REAL_DATASET if options.to is None else Path(work.start, options.to),
        below=root if options.to is None else None,
        who=person_at_work(environment.variables, options.by),
        is_confirmed=is_confirmed,
    )
    answer = {
        "review_id": promotion.suspect.row.id,
        "eval_row_id": done.row.id,
        "file": str(done.path),
        "was_there": done.was_there,
        "row": as_row(done.row),
        "doubts": list(promotion.doubts),
    }
    work.show(answer, show_promoted)
    return 0


def _show_plan(work: Work, promotion: "Promotion", answers: "Answers") -> int:
    plan = {
        "review_id": promotion.suspect.row.id,
        "findings": [as_finding(each, promotion, answers) for each in promotion.scanned.findings],
        "row": as_row(promotion.preview(answers)),
        "doubts": list(promotion.doubts),
    }
    work.show(plan, partial(show_plan, checklist=promotion.checklist))
    return 0


def _refuse(
    work: Work, promotion: "Promotion", answers: "Answers", refusal: PromotionRefused
) -> int:
    """Say why, and list the findings in the same answer."""
    listed = [as_finding(each, promotion, answers) for each in promotion.scanned.findings]
    if not work.as_json:
        page = make_page(work.environment.variables, sys.stdout)
        show_findings(listed, page)
        write(page.text())
        raise refusal
    document = {
        "error": refusal.code,
        "message": refusal.message,
        "next_step": refusal.next_step,
        "findings": listed,
    }
    write(as_document(document))
    sys.stderr.write(f"error: {refusal.message}\nnext: {refusal.next_step}\n")
    return 1


def _is_interactive(work: Work) -> bool:
    """Tell whether a person sits at both ends."""
    has_input = sys.stdin is not None and sys.stdin.isatty()
    return not work.as_json and has_input and sys.stdout.isatty()
