"""What `telemetry report`, `health` and `export` share: how many days back they look."""

from argparse import ArgumentParser, ArgumentTypeError

from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment

DAY_NS = 86_400_000_000_000
MOST_DAYS = 36_500


def add_last(parser: ArgumentParser, *, default: int) -> None:
    """Add `--last`."""
    parser.add_argument(
        "--last",
        metavar="DAYS",
        type=_days,
        default=default,
        help=f"how many days back to look (default: {default})",
    )


def since_days(days: int, environment: Environment) -> str:
    """Return the stamp of so many days ago."""
    return Stamps().write(max(0, environment.time_ns() - days * DAY_NS))


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_DAYS):
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)
