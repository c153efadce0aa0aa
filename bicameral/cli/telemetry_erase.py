"""`telemetry erase`: remove what was captured, all of it or a part, if that was said."""

import shlex
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from bicameral.capture.opaque import stored_session
from bicameral.capture.stamps import read_stamp_ns
from bicameral.cli.execution import Work
from bicameral.cli.telemetry_removal import add_consent, answer_of, refuse, show
from bicameral.govern.retention import read_policy
from bicameral.removal.erasing import Wanted, erase, plan_erasing

COMMAND = "bicameral-mcp telemetry erase"


def configure(parser: ArgumentParser) -> None:
    """Take which part goes, and the word that it is meant."""
    parser.add_argument("--session", metavar="ID", type=_session, help="what one session left")
    parser.add_argument(
        "--before",
        metavar="TIME",
        type=_time,
        help="rows older than a time in UTC: 2026-03-05, or 2026-03-05T09:30:00",
    )
    add_consent(parser)


def run(work: Work, options: Namespace) -> int:
    """Remove it and say what went, or show what would go and refuse."""
    before = options.before
    session = options.session and stored_session(work.environment, options.session)
    wanted = Wanted(session, None if before is None else read_stamp_ns(before))
    policy = read_policy()
    if not options.i_understand:
        parts = plan_erasing(work.environment.home, policy, wanted)
        return refuse(work, answer_of(parts, is_done=False), _command(options))
    work.show(answer_of(erase(work.environment, policy, wanted), is_done=True), show)
    return 0


def _command(options: Namespace) -> str:
    words = [COMMAND]
    if options.session is not None:
        words += ["--session", shlex.quote(options.session)]
    if options.before is not None:
        words += ["--before", options.before]
    return " ".join(words)


def _session(text: str) -> str:
    if not text:
        raise ArgumentTypeError("the id is empty")
    return text


def _time(text: str) -> str:
    try:
        read_stamp_ns(text)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"{text!r} is no time such as 2026-03-05") from None
    return text
