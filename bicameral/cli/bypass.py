"""`bypass`: wave a surfaced decision through for a while; the decision stays as it is."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.outcomes import RESOLVE, show
from bicameral.cli.parsing import add_preflight_id


def configure(parser: ArgumentParser) -> None:
    """Take the decision and the reason."""
    parser.add_argument("decision_id", metavar="ID", help="the decision")
    parser.add_argument("reason", metavar="REASON", help="why it does not hold here")
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Record it."""
    entry = {"decision_id": options.decision_id, "reason": options.reason}
    arguments = {"bypasses": [entry], "preflight_id": options.preflight_id}
    return work.call(RESOLVE, arguments, show)
