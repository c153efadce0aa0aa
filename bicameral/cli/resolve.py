"""`resolve`: a person's verdict on whether code follows a decision."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import get_args

from bicameral.cli.cards import place_of
from bicameral.cli.execution import Answer, Work, has_failures
from bicameral.cli.outcomes import RESOLVE, show
from bicameral.cli.parsing import add_preflight_id
from bicameral.errors import InputRefused, SelectorAmbiguous
from bicameral.ledger.domain import VerdictKind


def configure(parser: ArgumentParser) -> None:
    """Take the decision, the verdict, and which code where that is not plain."""
    parser.add_argument("decision_id", metavar="ID", help="the decision")
    parser.add_argument(
        "verdict", choices=get_args(VerdictKind), help="how the code stands to the decision"
    )
    parser.add_argument("--region", metavar="ID", help="which bound place, if there are several")
    parser.add_argument(
        "--digest", metavar="TEXT", help="the code that was judged (default: as it is now)"
    )
    parser.add_argument("--note", metavar="TEXT", help="why, in a sentence")
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Find the code that is meant, and record the verdict on it."""
    with work.desk() as desk:
        found = desk.call("bicameral.history", {"decision_id": options.decision_id})
        region = choose_region(found["decision"].get("regions", ()), options.region)
        verdict = {
            "decision_id": options.decision_id,
            "region_id": region["region_id"],
            "digest": options.digest or region["digest"],
            "verdict": options.verdict,
            "note": options.note or "",
        }
        arguments: dict[str, object] = {"verdicts": [verdict]}
        if options.preflight_id is not None:
            arguments["preflight_id"] = options.preflight_id
        answer = desk.call(RESOLVE, arguments)
    work.show(answer, show)
    return int(has_failures(answer))


def choose_region(regions: Sequence[Answer], wanted: str | None) -> Answer:
    """Return the bound place that is meant; the only one needs no naming."""
    if not regions:
        raise InputRefused(
            "the decision binds no code yet",
            next_step="bind it first: `bicameral-mcp bind ID path::name`",
        )
    chosen = [each for each in regions if wanted in {None, each["region_id"]}]
    if len(chosen) == 1:
        return chosen[0]
    listed = ", ".join(f"{each['region_id']} {place_of(each)}" for each in regions)
    raise SelectorAmbiguous(
        f"the decision binds {len(regions)} places: {listed}",
        next_step="name one of them with --region ID",
    )
