"""What `telemetry on`, `off` and `relay` share: write the choice, show before and after."""

from collections.abc import Mapping
from typing import Any

from bicameral import __version__
from bicameral.capture.policy import POLICY_FILE
from bicameral.capture.stamps import Stamps
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.policy_edit import Change, write_policy
from bicameral.cli.telemetry_facts import Facts, names_of, read_facts, upload_answer
from bicameral.govern.consent import TABLE, Consent

CHOSEN = "chosen"
UNDO = "bicameral-mcp telemetry off"
UNDOES = {"on": UNDO, "relay": f"{UNDO}, which switches capture off as well"}
WHEN = "at the next start of the server; commands and hooks from now on"
WHEN_OVERRULED = "once nothing overrules it, and until then what overrules it holds"


def choose(
    work: Work,
    command: str,
    switches: Mapping[str, bool],
    tables: Mapping[str, Mapping[str, str] | None],
) -> int:
    """Write the switches and tables into `config.toml`, and show what that changes."""
    before = read_facts(work)
    chosen = {"command": f"telemetry {command}", "at": stamp(work), "version": __version__}
    path = write_policy(work.environment.home, Change(switches, {CHOSEN: chosen, **tables}))
    after = read_facts(work)
    overruled = _overruled(after, switches)
    answer = {
        "before": _told(before),
        "after": _told(after),
        "overruled": overruled,
        "file": str(path),
        "takes_effect": WHEN_OVERRULED if overruled else WHEN,
        "undo": UNDOES.get(command) or _undo_off(before),
    }
    work.show(answer, show)
    return 0


def consent_for(work: Work, facts: Facts) -> dict[str, dict[str, str]]:
    """Return the table that records a consent to what is disclosed now."""
    return {TABLE: Consent(stamp(work), __version__, facts.disclosure.digest).as_table()}


def stamp(work: Work) -> str:
    """Return the time, as rows have it."""
    return Stamps().write(work.environment.time_ns())


def show(answer: Answer, page: Page) -> None:
    """Show each thing before and after, then the file and the way back."""
    before, after = answer["before"], answer["after"]
    for name, title in (
        ("preflight", "capture of preflights"),
        ("raw", "plain text in it"),
        ("tracing", "tracing"),
        ("relay", "flag relay"),
    ):
        page.line(f"{title}: {_on_off(before[name])} → {_on_off(after[name])}")
    consents = (before["upload"]["consent"], after["upload"]["consent"])
    page.line(f"consent to uploads: {' → '.join(consents)}")
    if after["relay"] and consents[1] != "given":
        page.line("the flag alone sends nothing: an upload needs a consent and an endpoint")
    if before["kept"] == after["kept"]:
        page.line(f"kept before and after: {', '.join(after['kept'])}")
    else:
        page.line(f"kept before: {', '.join(before['kept'])}")
        page.line(f"kept after: {', '.join(after['kept'])}")
    if after["left"]:
        page.line("here from before, until bicameral-mcp telemetry erase:")
    for name, size in after["left"].items():
        page.line(f"{name}: {size} bytes", indent=2)
    for each in answer["overruled"]:
        page.line(each, style="yellow")
    page.line(f"written to {answer['file']}; takes effect {answer['takes_effect']}")
    page.line(
        f"all of it, field by field: bicameral-mcp telemetry disclose; undo: {answer['undo']}"
    )


def _told(facts: Facts) -> dict[str, Any]:
    flags = facts.flags
    return {
        "preflight": flags.preflight,
        "raw": flags.raw,
        "relay": flags.relay,
        "tracing": facts.disclosure.is_traced,
        "kept": names_of(facts.disclosure.kept),
        "left": dict(facts.left),
        "upload": upload_answer(facts),
    }


def _undo_off(before: Facts) -> str:
    """Return the commands that bring back what was on before `off`."""
    undo = []
    if before.flags.preflight:
        undo.append(f"bicameral-mcp telemetry on{' --raw' * before.flags.raw}")
    if before.consent is not None:
        undo.append("bicameral-mcp telemetry relay --i-understand")
    return " and ".join(undo) or f"nothing was on; the switches stand in {POLICY_FILE}"


def _overruled(after: Facts, switches: Mapping[str, bool]) -> list[str]:
    """Return a line for each switch that something else decides against the file."""
    flags = after.flags
    now = {name: bool(getattr(flags, name)) for name in switches}
    return [
        f"{name} is {_on_off(now[name])} nevertheless: {flags.sources[name]} says so, "
        f"and {POLICY_FILE} cannot overrule it"
        for name, wanted in switches.items()
        if now[name] != wanted
    ]


def _on_off(is_on: bool) -> str:
    return "on" if is_on else "off"
