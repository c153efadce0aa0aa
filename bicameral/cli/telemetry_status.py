"""`telemetry status`: what is captured on this machine, where and how much."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from functools import partial
from typing import Any

from bicameral.capture.flags import ON_WORDS, VARIABLE
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.cli.telemetry_facts import read_facts, upload_answer
from bicameral.govern.spool.overview import look


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Ask, and show it."""
    word = work.environment.variables.get(VARIABLE, "").strip().lower()
    with work.desk() as desk:
        answer = desk.call("bicameral.telemetry", {})
    told = {"upload": upload_answer(read_facts(work)), "spool": asdict(look(work.environment.home))}
    work.show(answer | told, partial(show, is_vague=word in ON_WORDS))
    return 0


def show(answer: Answer, page: Page, *, is_vague: bool) -> None:
    """Show the switches with what decided them, then the files.

    `is_vague`: the variable says on, and not what.
    """
    page.line(f"capture of preflights: {_on_off(answer['preflight_capture'])}", style="bold")
    if is_vague:
        page.line(f"a bare on captures nothing; write {VARIABLE}=preflight", indent=2)
    page.line(f"plain text in it: {_on_off(answer['raw_capture'])}")
    _show_upload(answer["upload"], answer["spool"], page)
    page.facts(answer["decided_by"], indent=2)
    page.line(f"home: {answer['home']}")
    for each in answer.get("files", ()):
        rotated = f", {each['rotated_files']} rotated" if each.get("rotated_files") else ""
        dropped = f", {each['dropped']} rows dropped" if each["dropped"] else ""
        page.line(f"{each['name']}: {each['size_bytes']} bytes{rotated}{dropped}", indent=2)
    if found := answer.get("last_reconciliation"):
        number = found["suspected_misses"]
        misses = "1 suspected miss" if number == 1 else f"{number} suspected misses"
        page.line(
            f"last reconciliation: {found['finished_at']}, "
            f"{misses}, {count(found['suspected_false_fires'], 'suspected false fire')}, "
            f"{found['normal']} normal"
        )
        if found.get("error"):
            page.line(found["error"], indent=2, style="red")
    if answer.get("last_error"):
        page.line(f"last error: {answer['last_error']}", style="red")


def _show_upload(upload: dict[str, Any], spool: dict[str, Any], page: Page) -> None:
    """Show whether anything can be sent, and what waits for it."""
    possible = "possible" if upload["is_possible"] else "off"
    flag = f"flag {_on_off(upload['relay'])}, consent {upload['consent']}"
    settings = f"endpoint {upload['endpoint']}, token {upload['token']}"
    page.line(f"uploads: {possible} ({flag}, {settings})")
    if spool["queued"] or spool["refused"]:
        pending, sent, dead = (spool[name] for name in ("pending", "sent", "dead"))
        refused, dropped = (sum(spool[name].values()) for name in ("refused", "dropped"))
        page.line(
            f"spool: {count(pending['rows'], 'row')} waiting, {sent['rows']} sent, "
            f"{refused} refused, {dropped} given up, {count(dead['files'], 'file')} unreadable",
            indent=2,
        )


def _on_off(is_on: bool) -> str:
    return "on" if is_on else "off"
