"""`answer`: a person's answer to a collision or another question that waits."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.outcomes import RESOLVE, show
from bicameral.cli.parsing import add_preflight_id


def configure(parser: ArgumentParser) -> None:
    """Take the question and the answer."""
    parser.add_argument("question_id", metavar="QUESTION", help="the question's id")
    parser.add_argument(
        "answer",
        metavar="ANSWER",
        help="for a collision: keep_both, supersede_other or reject_new; else a sentence",
    )
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Record it."""
    entry = {"question_id": options.question_id, "answer": options.answer}
    arguments = {"answers": [entry], "preflight_id": options.preflight_id}
    return work.call(RESOLVE, arguments, show)
