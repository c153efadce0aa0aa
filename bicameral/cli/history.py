"""`history`: list decisions, or read one in full with its past."""

import json
from argparse import ArgumentParser, Namespace
from functools import partial
from typing import get_args

from bicameral.cli.cards import NO_DECISIONS, show_decision, show_more, show_question
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page
from bicameral.cli.parsing import add_choice, add_paging
from bicameral.ledger.domain import SignOff, Status


def configure(parser: ArgumentParser) -> None:
    """Take a decision, or what to list."""
    parser.add_argument("decision_id", nargs="?", metavar="ID", help="one decision in full")
    parser.add_argument("--feature", metavar="GROUP", help="only this feature group")
    add_choice(parser, "--signoff", get_args(SignOff))
    add_choice(parser, "--status", get_args(Status))
    add_paging(parser)


def run(work: Work, options: Namespace) -> int:
    """Read the ledger."""
    arguments = {
        "decision_id": options.decision_id,
        "feature_group": options.feature,
        "signoff": options.signoff,
        "status": options.status,
        "limit": options.limit,
        "cursor": options.cursor,
    }
    is_filtered = any((options.feature, options.signoff, options.status))
    return work.call("bicameral.history", arguments, partial(show, is_filtered=is_filtered))


def show(answer: Answer, page: Page, *, is_filtered: bool) -> None:
    """Show one decision with its past, or a page of them with the feature groups."""
    if answer.get("decision"):
        _show_detail(answer["decision"], page)
        return
    decisions = answer.get("decisions", [])
    if is_filtered and not decisions:
        page.line("no decision matches these filters")
        return
    for each in decisions:
        show_decision(each, page)
        page.line()
    if not decisions:
        page.line(NO_DECISIONS)
    groups = [
        f"{g['feature_group'] or 'none'} ({g['decisions']})"
        for g in answer.get("feature_groups", ())
    ]
    if groups:
        page.line("feature groups: " + ", ".join(groups), style="dim")
    show_more(answer, page)


def _show_detail(card: Answer, page: Page) -> None:
    show_decision(card, page)
    for name in ("rationale", "stated_status", "parent_id"):
        if card.get(name):
            page.line(f"{name.replace('_', ' ')}: {card[name]}", indent=2)
    for name in ("participants", "superseded_by"):
        if card.get(name):
            page.line(f"{name.replace('_', ' ')}: {', '.join(card[name])}", indent=2)
    for question in card.get("questions", ()):
        show_question(question, page)
    if card.get("past"):
        page.line("past:", indent=2)
    for event in card.get("past", ()):
        page.facts(event["at"], event["action"], event["tool"], indent=4, style="plain")
        change = " → ".join(filter(None, map(_told, (event.get("before"), event.get("after")))))
        if change:
            page.line(change, indent=6, style="dim")


def _told(change: str | None) -> str:
    """Return one side of a change as `name: value`; what was cut to be short stays as it is."""
    try:
        values = json.loads(change or "{}")
    except ValueError:
        return change or ""
    return ", ".join(
        f"{name}: {value}" for name, value in values.items() if value not in ("", None)
    )
