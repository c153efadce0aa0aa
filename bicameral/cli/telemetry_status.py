"""`telemetry status`: what is captured on this machine, where and how much."""

from argparse import ArgumentParser, Namespace
from functools import partial

from bicameral.capture.flags import ON_WORDS, VARIABLE
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Ask, and show it."""
    word = work.environment.variables.get(VARIABLE, "").strip().lower()
    return work.call("bicameral.telemetry", {}, partial(show, is_vague=word in ON_WORDS))


def show(answer: Answer, page: Page, *, is_vague: bool) -> None:
    """Show the switches with what decided them, then the files.

    `is_vague`: the variable says on, and not what.
    """
    page.line(f"capture of preflights: {_on_off(answer['preflight_capture'])}", style="bold")
    if is_vague:
        page.line(f"a bare on captures nothing; write {VARIABLE}=preflight", indent=2)
    page.line(f"plain text in it: {_on_off(answer['raw_capture'])}")
    page.line("uploads: none in this version")
    # Nothing is sent, so what would permit it is of no use to a person.
    reasons = answer["decided_by"].split("; ")
    page.facts("; ".join(e for e in reasons if not e.startswith("relay: ")), indent=2)
    page.line(f"home: {answer['home']}")
    for each in answer.get("files", ()):
        rotated = f", {each['rotated_files']} rotated" if each.get("rotated_files") else ""
        dropped = f", {each['dropped']} rows dropped" if each["dropped"] else ""
        page.line(f"{each['name']}: {each['size_bytes']} bytes{rotated}{dropped}", indent=2)
    if found := answer.get("last_reconciliation"):
        page.line(
            f"last reconciliation: {found['finished_at']}, "
            f"{found['suspected_misses']} suspected misses, "
            f"{found['suspected_false_fires']} suspected false fires, {found['normal']} normal"
        )
        if found.get("error"):
            page.line(found["error"], indent=2, style="red")
    if answer.get("last_error"):
        page.line(f"last error: {answer['last_error']}", style="red")


def _on_off(is_on: bool) -> str:
    return "on" if is_on else "off"
