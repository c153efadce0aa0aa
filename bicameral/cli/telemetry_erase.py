"""`telemetry erase`: remove what was captured, all of it or a part, if that was said."""

import shlex
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from bicameral.capture.flags import read_flags
from bicameral.capture.opaque import stored_session
from bicameral.capture.stamps import read_stamp_ns
from bicameral.cli.execution import Work
from bicameral.cli.telemetry_removal import add_consent, answer_of, refuse, show
from bicameral.govern.retention import read_policy
from bicameral.removal.erasing import Wanted, erase, plan_erasing
from bicameral.removal.parts import Part

COMMAND = "bicameral-mcp telemetry erase"
STAYS = (
    "what stays: the ledger, whose audit names the session and the preflight of each change, "
    "and config.toml with the choices and the consent"
)
CAPTURE_IS_ON = (
    "capture is still on, so the next call writes rows again; `bicameral-mcp telemetry off` ends it"
)


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
        answer = answer_of(parts, is_done=False) | _notes(work, options, parts)
        return refuse(work, answer, _command(options))
    parts = erase(work.environment, policy, wanted)
    work.show(answer_of(parts, is_done=True) | _notes(work, options, parts), show)
    return 0


def _notes(work: Work, options: Namespace, parts: list[Part]) -> dict[str, list[str]]:
    """Return what an erasure does not end: an unknown session, what stays, and new rows."""
    environment = work.environment
    notes = [STAYS]
    if options.session is not None and not parts:
        notes.insert(0, f"nothing here is known of the session {options.session}")
    flags = read_flags(environment.variables, environment.warn, home=environment.home)
    if flags.preflight:
        notes.append(f"{CAPTURE_IS_ON} ({flags.sources['preflight']})")
    return {"notes": notes}


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
