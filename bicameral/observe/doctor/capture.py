"""Capture: is what a person believes to be on really on, everywhere that a server starts?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bicameral.capture.flags import OFF_WORDS, VARIABLE, TelemetryFlags, read_flags
from bicameral.capture.policy import POLICY_FILE
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import ClientEntry, Clients, Surroundings
from bicameral.observe.doctor.writable import blocks_capture


def check_capture(around: Surroundings) -> Finding:
    """Compare what was asked for with what comes of it, here and for each client."""
    environment = around.environment
    return judge_capture(environment.variables, environment.home, around.clients())


def judge_capture(variables: Mapping[str, str], home: Path, clients: Clients) -> Finding:
    """Say where capture is on, and where it is not although it seems to be."""
    amiss: list[str] = []
    here = read_flags(variables, amiss.append, home=home)
    said = variables.get(VARIABLE, "").strip()
    evidence = [f"in this shell: {_words(here)} ({here.sources['preflight']} decides)"]
    if said and not here.preflight and OFF_WORDS.isdisjoint(_names(said)):
        return failed(
            f"{VARIABLE} is set, and nothing is captured",
            *evidence,
            *amiss,
            mend=_to_correct(amiss, home) or _to_switch_on(here),
        )
    blocked = blocks_capture(home) if here.preflight else ()
    if blocked:
        return failed(
            "capture is on, and its files cannot be written to",
            *evidence,
            *blocked,
            mend="bicameral-mcp doctor --only home",
        )
    theirs = [(each, _flags_of(each, variables, home)) for each in clients.entries]
    evidence += [f"{each.client}: {_words(flags)} ({each.file})" for each, flags in theirs]
    lacking = [each for each, flags in theirs if here.preflight and not flags.preflight]
    if lacking:
        names = " and ".join(dict.fromkeys(each.client for each in lacking))
        return failed(
            f"capture is on in this shell and off for the server that {names} starts",
            *evidence,
            mend=f"bicameral-mcp setup {lacking[0].name} --telemetry preflight --replace --write",
        )
    if amiss:
        return failed(
            "the switch of capture is not understood as it is written",
            *evidence,
            *amiss,
            mend=_to_correct(amiss, home)
            or f"export {VARIABLE}=preflight, or raw, relay, or off for nothing",
        )
    return passed(f"capture is {_words(here)} in this shell, as it was asked for", *evidence)


def _flags_of(entry: ClientEntry, variables: Mapping[str, str], home: Path) -> TelemetryFlags:
    """Return what is on for the server that an entry starts."""
    inherited = variables if entry.passes_shell else {}
    return read_flags({**inherited, **entry.variables}, lambda _warning: None, home=home)


def _to_correct(amiss: Sequence[str], home: Path) -> str:
    """Return the mend where the file is what is amiss: no variable outdoes it; else nothing."""
    file = str(home / POLICY_FILE)
    return f"correct or remove {file}" if any(each.startswith(file) for each in amiss) else ""


def _to_switch_on(here: TelemetryFlags) -> str:
    if here.sources["preflight"] == POLICY_FILE:
        return f"write preflight = true under [telemetry] in {POLICY_FILE}, or take the line out"
    return f"export {VARIABLE}=preflight, or =off if nothing is to be captured"


def _names(said: str) -> set[str]:
    return {each.strip().lower() for each in said.split(",")}


def _words(flags: TelemetryFlags) -> str:
    return "on with plain text" if flags.raw else "on" if flags.preflight else "off"
