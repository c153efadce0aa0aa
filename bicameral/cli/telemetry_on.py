"""`telemetry on`: capture on this machine, hashed unless plain text is asked for."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.telemetry_choice import choose


def configure(parser: ArgumentParser) -> None:
    """Take whether plain text is wanted."""
    parser.add_argument(
        "--raw", action="store_true", help="also keep topics, paths and reasons as plain text"
    )


def run(work: Work, options: Namespace) -> int:
    """Write it down; what may be sent is another question, and stays as it is."""
    return choose(work, "on", {"preflight": True, "raw": options.raw}, {})
