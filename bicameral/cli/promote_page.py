"""Promotion on a page: findings in their places, the row as it will be, the checklist.

A secret is not shown, neither as a finding nor among the words around another one.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from bicameral.cli.execution import Answer
from bicameral.cli.page import Page, count
from bicameral.review.dataset import EvalRow

if TYPE_CHECKING:
    from bicameral.review.promotion.answers import Answers
    from bicameral.review.promotion.findings import Finding
    from bicameral.review.promotion.promotion import Promotion


def as_finding(finding: "Finding", promotion: "Promotion", answers: "Answers") -> dict[str, Any]:
    """Return a finding as scripts and pages take it."""
    before, shown, after = promotion.context_of(finding)
    answer = answers.answer_to(finding)
    return {
        "id": finding.id,
        "kind": finding.kind,
        "place": finding.place,
        "start": finding.start,
        "end": finding.end,
        "is_secret": finding.is_secret,
        "meaning": finding.meaning,
        "shown": shown,
        "before": before,
        "after": after,
        "proposed": finding.proposed,
        "answer": answer.action if answer else None,
        "reason": answer.reason if answer else "",
    }


def as_row(row: EvalRow) -> dict[str, Any]:
    """Return a row as the data set has it."""
    built: dict[str, Any] = msgspec.to_builtins(row)
    return built


def show_findings(findings: Iterable[Answer], page: Page) -> None:
    """Show each finding among the words that it stands in."""
    for each in findings:
        show_finding(each, page)
        page.line()


def show_finding(finding: Answer, page: Page) -> None:
    """Show one finding, and what is proposed or was answered."""
    page.facts(finding["id"], f"{finding['kind']} in {finding['place']}", style="bold")
    page.line(f"{finding['before']}▸{finding['shown']}◂{finding['after']}", indent=2)
    if finding["answer"]:
        said = f"answered: {finding['answer']}"
    elif finding["proposed"]:
        said = f"proposed: {finding['proposed']}"
    else:
        said = "only you can tell: replace it, or keep it with a reason"
    page.facts(finding["meaning"], said, finding["reason"], indent=2)


def show_plan(plan: Answer, page: Page, *, checklist: Sequence[str]) -> None:
    """Show the findings and the row as it would be."""
    show_findings(plan["findings"], page)
    if not plan["findings"]:
        page.line("nothing private was found", style="green")
        page.line()
    left = sum(1 for each in plan["findings"] if each["answer"] is None)
    page.line("the row, with what is proposed where nothing is answered:", style="bold")
    show_row(plan["row"], page)
    page.line()
    show_doubts(plan["doubts"], page)
    show_checklist(checklist, page)
    if left:
        page.line(f"{count(left, 'finding')} to answer; nothing was written", style="yellow")
    else:
        page.line("nothing was written", style="yellow")


def show_doubts(doubts: Iterable[str], page: Page) -> None:
    """Show where what was supplied is not what was asked."""
    for each in doubts:
        page.line(f"look again: {each}", style="yellow")


def show_row(row: Answer, page: Page) -> None:
    """Show a row of a data set so that a person can vouch for it."""
    page.facts(row["id"], row["category"], str(row.get("label") or ""), indent=2)
    page.line(f"topic: {row['topic']}", indent=2)
    for path in row.get("file_paths", ()):
        page.line(f"path: {path}", indent=2)
    for decision in row.get("decisions", ()):
        is_expected = decision["key"] in row.get("expected", ())
        wanted = "must surface" if is_expected else "must not surface"
        page.line(f"{decision['key']} ({wanted}): {decision['title']}", indent=2, style="bold")
        _show_decision(decision, page)
    if row.get("note"):
        page.line(f"note: {row['note']}", indent=2)


def show_checklist(checklist: Sequence[str], page: Page) -> None:
    """Show what the person vouches for."""
    page.line("who promotes the row says:", style="bold")
    for sentence in checklist:
        page.line(f"- {sentence}", indent=2)


def show_promoted(answer: Answer, page: Page) -> None:
    """Show what was written, and where."""
    show_row(answer["row"], page)
    page.line()
    show_doubts(answer["doubts"], page)
    if answer["was_there"]:
        page.line(f"{answer['eval_row_id']} stands in {answer['file']} already", style="yellow")
    else:
        page.line(f"{answer['eval_row_id']} written to {answer['file']}", style="green")


def _show_decision(decision: Answer, page: Page) -> None:
    page.facts(
        decision.get("feature_group", ""),
        decision.get("signoff", "ratified"),
        "drifted" if decision.get("has_drifted") else "",
        indent=4,
    )
    for name in ("description", "rationale"):
        if decision.get(name):
            page.line(decision[name], indent=4)
    for path in decision.get("paths", ()):
        page.line(f"path: {path}", indent=4)
