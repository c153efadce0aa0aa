"""Promotion at the terminal: what is hashed is typed in, each finding takes one key.

Leaving at any question leaves everything as it was.
"""

import sys
from collections.abc import Callable
from dataclasses import replace

from bicameral.cli.execution import write
from bicameral.cli.page import make_page
from bicameral.cli.promote_page import (
    as_finding,
    as_row,
    show_checklist,
    show_finding,
    show_row,
)
from bicameral.cli.triage_keys import LEAVE, REDRAW, Keys, TerminalKeys
from bicameral.environment import Environment
from bicameral.errors import PromotionRefused
from bicameral.review.promotion.answers import Answer, Answers, open_findings
from bicameral.review.promotion.drafting import Supplied
from bicameral.review.promotion.findings import Finding
from bicameral.review.promotion.promotion import Promotion

_KEYS = {"r": "replace", "g": "generalise"}
_HELP = (
    "r replace, g generalise, k keep (with a reason), a proposed here and for all like it, q leave"
)
_SECRET_HELP = "r replace, a replace all secrets, q leave"  # noqa: S105 - a line of help


def ask_missing(supplied: Supplied, missing: tuple[str, ...]) -> Supplied:
    """Ask for the texts of which the row has hashes only."""
    if "topic" in missing:
        supplied = replace(supplied, topic=_ask("topic, as it was asked: "))
    if "paths" in missing:
        paths = []
        while path := _ask("a path that was named (empty: no more): "):
            paths.append(path)
        supplied = replace(supplied, paths=paths)
    return supplied


def ask_findings(promotion: Promotion, answers: Answers, environment: Environment) -> Answers:
    """Show each open finding in its place and read the answer, one key each."""
    if not open_findings(answers, promotion.scanned.findings):
        return answers
    with TerminalKeys(sys.stdin.fileno()) as keys:
        return answer_all(
            promotion, answers, keys, lambda finding: _screen(finding, promotion, environment)
        )


def answer_all(
    promotion: Promotion, answers: Answers, keys: Keys, screen: Callable[[Finding], str]
) -> Answers:
    """Work through the open findings; raises `PromotionRefused` when the person leaves."""
    message = ""
    while left := open_findings(answers, promotion.scanned.findings):
        finding = left[0]
        keys.forget()
        write(f"\n{message}{len(left)} to answer\n{screen(finding)}")
        message = ""
        key = keys.read()
        if key in {"q", LEAVE}:
            raise _left()
        if key != REDRAW:
            try:
                answers = press(key, finding, left, answers, keys)
            except PromotionRefused as refusal:
                message = f"{refusal.message}\n"
    return answers


def press(key: str, finding: Finding, left: list[Finding], answers: Answers, keys: Keys) -> Answers:
    """Return the answers with what a key says of a finding."""
    if key == "k":
        write("reason: ")
        return answers.with_answer(finding, Answer("keep", keys.read_line()))
    if key == "r":
        return answers.with_answer(finding, Answer("replace"))
    if key == "g":
        return answers.with_answer(finding, Answer("generalise"))
    if key == "a":
        for each in (each for each in left if _is_alike(each, finding)):
            answers = answers.with_answer(each, Answer(finding.proposed or "replace"))
    return answers


def confirm(promotion: Promotion, answers: Answers, environment: Environment) -> bool:
    """Show the row as it will be and the checklist; true for `yes` in full."""
    row, _ = promotion.finish(answers)
    page = make_page(environment.variables, sys.stdout)
    page.line("the row:", style="bold")
    show_row(as_row(row), page)
    page.line()
    show_checklist(promotion.checklist, page)
    write(page.text())
    return _ask("type yes to say so, and to write it: ").lower() == "yes"


def _screen(finding: Finding, promotion: Promotion, environment: Environment) -> str:
    page = make_page(environment.variables, sys.stdout)
    show_finding(as_finding(finding, promotion, Answers()), page)
    page.line(_SECRET_HELP if finding.is_secret else _HELP, style="dim")
    return page.text()


def _is_alike(other: Finding, finding: Finding) -> bool:
    """Tell whether one answer may be given for both: all secrets, or the same words."""
    if finding.is_secret:
        return other.is_secret
    return other.kind == finding.kind and other.text.casefold() == finding.text.casefold()


def _ask(question: str) -> str:
    write(question)
    return sys.stdin.readline().strip()


def _left() -> PromotionRefused:
    return PromotionRefused(
        "not every finding was answered", next_step="begin again; nothing was written"
    )
