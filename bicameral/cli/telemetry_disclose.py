"""`telemetry disclose`: what is kept in this mode, where and how long, and what can leave."""

from argparse import ArgumentParser, Namespace
from typing import Any

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.telemetry_facts import as_answer, read_facts
from bicameral.govern.sensitivity import MEANINGS

LEFT = "what is here from before stays until `bicameral-mcp telemetry erase` removes it"


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Read how things are set, and tell all of it."""
    answer = {"home": str(work.environment.home)} | as_answer(read_facts(work))
    work.show(answer, show)
    return 0


def show(answer: Answer, page: Page) -> None:
    """Show what is kept, what is not, who reads it, and what can leave."""
    tracing = "on" if answer["tracing"] else "off"
    page.line(f"capture: {answer['mode']}, tracing: {tracing}", style="bold")
    page.line(f"all of it is in {answer['home']}, and can be read by {answer['read_by']}")
    page.line()
    page.line("kept now, once there is something to write", style="bold")
    for name, meaning in MEANINGS.items():
        page.line(f"{name}: {meaning}", indent=2, style="dim")
    for each in answer["kept"]:
        _show_file(each, page)
    page.line(answer["beside"], style="dim")
    page.line()
    page.line("not kept, as things are set", style="bold")
    for each in answer["not_kept"]:
        size = answer["left"].get(each["file"])
        here = f"; {size} bytes are here from before" if size else ""
        page.line(f"{each['file']}  (with {_needs(each['when'])}{here})", indent=2)
    if answer["left"]:
        page.line(LEFT, indent=2)
    page.line()
    show_sent(answer, page)
    show_upload(answer["upload"], page)
    page.line("other ways out, each taken by you alone", style="bold")
    for way in answer["other_ways"]:
        page.line(way, indent=2)


def show_sent(answer: Answer, page: Page) -> None:
    """Show, field by field, what an upload would send."""
    page.line("what an upload would send, of rows that were queued for it", style="bold")
    for each in answer["sent"]:
        page.line(f"{each['kind']}: {', '.join(map(_sent_field, each['fields']))}", indent=2)
    page.line("* our own ids as they are, anything else as a keyed digest", style="dim")
    page.line(f"never: {', '.join(answer['never_sent'])}")
    page.line(f"digest of this list: {answer['disclosure'][:16]}")
    page.line()


def show_upload(upload: dict[str, Any], page: Page) -> None:
    """Show whether anything can be sent, and why not."""
    page.line("upload", style="bold")
    page.line(
        f"flag relay: {'on' if upload['relay'] else 'off'} ({upload['decided_by']})", indent=2
    )
    at = f" ({upload['consented_at']})" if upload["consented_at"] else ""
    page.line(f"consent: {upload['consent']}{at}", indent=2)
    page.line(f"endpoint: {upload['endpoint']}, token: {upload['token']}", indent=2)
    possible = "yes, by `bicameral-mcp telemetry upload`, and in no other way"
    page.line(f"can anything be sent: {possible if upload['is_possible'] else 'no'}", indent=2)
    page.line()


def _show_file(each: dict[str, Any], page: Page) -> None:
    page.line(f"{each['file']}  {each['most']}", indent=2)
    kinds = f"{', '.join(each['kinds'])}" if len(each["kinds"]) > 1 else each["holds"]
    page.line(kinds, indent=4)
    page.line(each["kept"], indent=4, style="dim")


def _sent_field(field: dict[str, str]) -> str:
    return field["place"] + ("" if field["sent_as"] == "as it is" else "*")


def _needs(when: str) -> str:
    return {"capture": "capture on", "tracing": "tracing on", "relay": "the flag relay"}[when]
