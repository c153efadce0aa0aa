"""The configuration in force: each value with what decided it, and what nobody reads.

A variable that is spelled wrong does nothing and says nothing; here it is named. Values
that may hold a secret are never shown.
"""

import difflib
from collections.abc import Mapping
from pathlib import Path

from bicameral.capture.flags import CHANNELS, LEGACY_VARIABLES, read_flags
from bicameral.capture.flags import VARIABLE as TELEMETRY
from bicameral.capture.policy import read_policy
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.switch import VARIABLE as TRACE
from bicameral.observe.switch import read_switch

OURS = "BICAMERAL_"
HOME = "BICAMERAL_HOME"
LEDGER_URL = "BICAMERAL_LEDGER_URL"
MUTE = "BICAMERAL_PREFLIGHT_MUTE"
RELAY = ("BICAMERAL_RELAY_ENDPOINT", "BICAMERAL_RELAY_TOKEN")
# Every variable of ours that anything reads; the docs' table is compared with this.
KNOWN = (HOME, TELEMETRY, LEDGER_URL, MUTE, TRACE, *RELAY, *LEGACY_VARIABLES)
_PROJECT = "CLAUDE_PROJECT_DIR"
_MENDS = (
    "unset what is not known, or correct it; `bicameral-mcp telemetry status` shows the switches"
)


def check_configuration(around: Surroundings) -> Finding:
    """Read every switch as a server would, and say what is amiss with it."""
    environment = around.environment
    variables = environment.variables
    amiss: list[str] = []
    policy = read_policy(environment.home, amiss.append)
    tracing = read_switch(variables, amiss.append, option=None, policy=policy.tracing_enabled)
    values = [
        *_places(around),
        *_switches(variables, environment.home),
        f"tracing: {'on' if tracing.enabled else 'off'} ({tracing.source})",
        f"preflight is muted: {_set(variables, MUTE)}",
    ]
    return judge_configuration(values, _unknown(variables) + amiss + _bad_url(variables))


def judge_configuration(values: list[str], amiss: list[str]) -> Finding:
    """Say what is in force, and what was meant and is not."""
    if amiss:
        return failed(
            "something is set that nothing reads, or that means nothing",
            *amiss,
            *values,
            mend=_MENDS,
        )
    return passed("everything that is set is read", *values)


def _places(around: Surroundings) -> list[str]:
    variables = around.environment.variables
    home = f"{HOME}" if _has(variables, HOME) else "default"
    ledger = "the server of its URL" if _is_on_server(variables) else "a file"
    where = LEDGER_URL if _has(variables, LEDGER_URL) else "default"
    repository = _PROJECT if _has(variables, _PROJECT) else "the folder of this command"
    return [
        f"home: {around.environment.home} ({home})",
        f"ledger: {ledger} ({where})",
        f"repository: around {variables.get(_PROJECT) or around.start} ({repository})",
    ]


def _switches(variables: Mapping[str, str], home: Path) -> list[str]:
    flags = read_flags(variables, lambda _warning: None, home=home)
    return [
        f"{name}: {'on' if getattr(flags, name) else 'off'} ({flags.sources[name]})"
        for name in CHANNELS
    ]


def _unknown(variables: Mapping[str, str]) -> list[str]:
    """Return a line for each variable of ours that nothing reads, with the nearest known one."""
    unknown = sorted(name for name in variables if name.startswith(OURS) and name not in KNOWN)
    return [f"{name} is set and nothing reads it{_near(name)}" for name in unknown]


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.8)
    return f"; {near[0]} is read" if near else ""


def _bad_url(variables: Mapping[str, str]) -> list[str]:
    if not _has(variables, LEDGER_URL):
        return []
    from bicameral.errors import LedgerError  # noqa: PLC0415 - with what it is for
    from bicameral.ledger.engines import parse_url  # noqa: PLC0415 - start-up time

    try:
        parse_url(variables[LEDGER_URL])
    except LedgerError as error:
        return [f"{error.message}; {error.next_step}"]
    return []


def _is_on_server(variables: Mapping[str, str]) -> bool:
    return variables.get(LEDGER_URL, "").strip().startswith("postgres")


def _has(variables: Mapping[str, str], name: str) -> bool:
    return bool(variables.get(name, "").strip())


def _set(variables: Mapping[str, str], name: str) -> str:
    return f"{variables[name]} ({name})" if _has(variables, name) else "no (default)"
