"""Answers: what the person says about each finding, read from words, and checked.

The nearest answer counts: one for the finding itself, else for its kind, else for all. To
keep something takes a reason of its own, and a secret is never kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bicameral.errors import PromotionRefused
from bicameral.review.promotion.findings import KINDS, SECRETS, Action, Finding

ALL = "all"
ACTIONS: tuple[Action, ...] = ("replace", "generalise", "keep")
LEAST_WORDS = 3
_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `reason` is why something is kept."""

    action: Action
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers of one promotion, by what they are said of."""

    given: Mapping[str, Answer] = field(default_factory=dict)

    def answer_to(self, finding: Finding) -> Answer | None:
        """Return the answer that holds for a finding, if one does."""
        own = [answer for name, answer in self.given.items() if _names(name, finding)]
        if own:
            return own[0]
        names = [finding.kind, *([SECRETS] if finding.is_secret else [])]
        if finding.proposed is not None:
            names.append(ALL)
        return next((self.given[name] for name in names if name in self.given), None)

    def with_answer(self, finding: Finding, answer: Answer) -> "Answers":
        """Return these answers and one more; raises `PromotionRefused` as `check` does."""
        check(finding, answer)
        return Answers({**self.given, finding.id: answer})


def read_answers(words: Iterable[str]) -> Answers:
    """Read `FINDING=ACTION`, where an action may be `keep:REASON`.

    FINDING is an id or the beginning of one, a kind, `secrets` or `all`. Raises
    `PromotionRefused` for an action that does not exist and for a keeping without a reason.
    """
    return Answers(dict(map(_read, words)))


def check_all(answers: Answers, findings: Sequence[Finding]) -> None:
    """Check every answer against the findings; raises `PromotionRefused`."""
    for name in answers.given:
        if not (name in {ALL, SECRETS} or _is_kind(name, findings)):
            _check_id(name, findings)
    for finding in findings:
        answer = answers.answer_to(finding)
        if answer is not None:
            check(finding, answer)


def check(finding: Finding, answer: Answer) -> None:
    """Refuse to keep a secret, and to keep anything without a reason."""
    if answer.action != "keep":
        return
    if finding.is_secret:
        raise PromotionRefused(
            f"a secret is never kept ({finding.kind} in {finding.place})",
            next_step=f"answer {finding.id}=replace, and revoke the secret if it is a real one",
        )
    if len(answer.reason.split()) < LEAST_WORDS:
        raise _no_reason(finding.id)


def open_findings(answers: Answers, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that nobody has answered."""
    return [finding for finding in findings if answers.answer_to(finding) is None]


def account_of(answers: Answers, findings: Iterable[Finding]) -> str:
    """Return what was kept and why, without the texts: for the record of the promotion."""
    parts = []
    for finding in findings:
        answer = answers.answer_to(finding)
        if answer is not None and answer.action == "keep":
            parts.append(f"kept {finding.kind} in {finding.place}: {answer.reason}")
    return "; ".join(parts)


def _read(words: str) -> tuple[str, Answer]:
    name, sign, said = words.partition("=")
    action, _, reason = said.partition(":")
    if not sign or action not in ACTIONS or not name.strip():
        raise PromotionRefused(
            f"{words[:60]!r} is no answer to a finding",
            next_step="write FINDING=replace, FINDING=generalise or FINDING='keep:REASON'",
        )
    if action == "keep" and (name in {ALL, SECRETS} or name in KINDS):
        raise PromotionRefused(
            f"findings are kept one by one, not by {name!r}",
            next_step="answer each with its own id and reason",
        )
    answer = Answer(action, " ".join(reason.split()))
    if action == "keep" and len(answer.reason.split()) < LEAST_WORDS:
        raise _no_reason(name)
    return name.strip(), answer


def _names(name: str, finding: Finding) -> bool:
    """Tell whether a name is a finding's id, or a beginning of it that is long enough."""
    return len(name) >= _SHORTEST_PREFIX and finding.id.startswith(name)


def _is_kind(name: str, findings: Iterable[Finding]) -> bool:
    return name in KINDS or any(name == finding.kind for finding in findings)


def _check_id(name: str, findings: Iterable[Finding]) -> None:
    found = {finding.id for finding in findings if _names(name, finding)}
    if len(found) == 1:
        return
    what = "names more than one finding" if found else "names no finding of this row"
    raise PromotionRefused(
        f"the answer to {name[:60]!r} {what}",
        next_step="see the findings and their ids with --dry-run",
    )


def _no_reason(name: str) -> PromotionRefused:
    return PromotionRefused(
        f"{name[:60]!r} is to be kept without a reason",
        next_step=f"write why in {LEAST_WORDS} words or more: {name[:60]}='keep:REASON'",
    )
