"""The policy: what is refused in it, and each way in which it can differ from what is there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from bicameral.capture.hook_failures import LIMITS as HOOK_FAILURE_LIMITS
from bicameral.capture.log import DEFAULT_LIMITS
from bicameral.cli.guards import facts_of
from bicameral.govern.guards.contracts import Facts
from bicameral.govern.guards.retained import POLICY, problems
from bicameral.govern.guards.sources import Sources
from bicameral.govern.kinds import Retention
from bicameral.govern.registry import Registry
from bicameral.govern.retention import SHIPPED, parse_policy, read_policy
from bicameral.registry.whole import whole_registry
from tests.docs.pages import ROOT, name_of, package_files

FILE = '[[file]]\npattern = "a.jsonl"\nclock = "ts"\nerased = true\nreason = "why"\n'
TABLE = '[[table]]\nname = "audit"\nclock = "at"\nreason = "why"\n'
ROTATING = 'kind = "rotate"\nsize_bytes = 1\naside_days = 1\nkeep = 1\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (FILE + 'kind = "for_a_while"\n', "a.jsonl: unknown kind 'for_a_while'; it is one of days"),
        (FILE, "a.jsonl: unknown kind None"),
        (TABLE + 'kind = "weeks"\n', "audit: unknown kind 'weeks'"),
        (TABLE + 'kind = "rotate"\n', "audit: a table is not put aside"),
        (FILE + 'kind = "days"\n', "nothing says how many"),
        (FILE + 'kind = "days"\ndays = 0\n', "0 is no number of days"),
        (FILE + 'kind = "days"\ndays = true\n', "True is no number of days"),
        (FILE + 'kind = "manual"\ndays = 3\n', "what is kept as manual has no limit in days"),
        (FILE + 'kind = "keep_forever"\nkeep = 3\n', "only what rotates has"),
        (FILE + 'kind = "rotate"\nkeep = 3\n', "what rotates has size_bytes, aside_days, keep"),
        (FILE + ROTATING + "color = 1\n", "a.jsonl: unknown color"),
        (FILE.replace('"why"', '""') + ROTATING, "it has no reason"),
        (FILE.replace('"ts"', '"none"') + 'kind = "days"\ndays = 3\n', "no clock to go by"),
        (FILE.replace('clock = "ts"\n', "") + ROTATING, "it has no clock"),
        (FILE.replace("true", '"yes"') + ROTATING, "erased is neither true nor false"),
        (FILE.replace("pattern", "name") + ROTATING, "a rule has no pattern"),
        (2 * (FILE + ROTATING), "a.jsonl: it has two rules"),
        ("[files]\n", "files: neither a file nor a table"),
        ("[[file]\n", "Expected"),
    ],
)
def test_a_policy_that_says_something_unknown_is_an_error(text: str, why: str) -> None:
    """What is not understood must not mean that things stay, nor that they go."""
    with pytest.raises(ValueError, match=why):
        parse_policy(text)


def test_the_shipped_policy_is_one_and_says_what_the_logs_do() -> None:
    """The figures that people read are those that the code goes by."""
    policy = read_policy()
    events = policy.file("preflight_events.jsonl")
    assert events.retention.days == 2 * DEFAULT_LIMITS.age_seconds // 86_400
    assert events.rotation
    assert events.rotation.size_bytes == DEFAULT_LIMITS.size_bytes
    hooks = policy.file("hook_failures.jsonl").rotation
    assert hooks
    assert hooks.size_bytes == HOOK_FAILURE_LIMITS.size_bytes
    assert SHIPPED == ROOT / POLICY


def test_what_people_said_has_no_limit_in_days() -> None:
    """Pruning goes by days, so it can never take a label, a review, a promotion or a gate."""
    policy = read_policy()
    for name in ("failure_review.jsonl", "failure_labels.jsonl", "calibrations.jsonl"):
        assert policy.file(name).retention.days is None
    limited = {rule.name for rule in policy.tables if rule.retention.days is not None}
    assert limited == {"bypasses"}


@dataclass(frozen=True, slots=True)
class Planted(Sources):
    """This source tree with some of its files changed."""

    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def read(self, path: str) -> str:
        return self._changed((ROOT / path).read_text(encoding="utf-8"), path)

    def texts(self) -> Iterator[str]:
        for path in package_files():
            yield self._changed(path.read_text(encoding="utf-8"), name_of(path))

    def _changed(self, text: str, path: str) -> str:
        old, new = self.changed.get(path, ("", ""))
        assert old in text
        return text.replace(old, new) if old else text


def found(facts: Facts) -> list[str]:
    return list(problems(facts.registry, facts.sources, facts.tables))


def edit(name: str, old: str, new: str) -> Callable[[], Facts]:
    return lambda: replace(facts_of(ROOT), sources=Planted(ROOT, {name: (old, new)}))


def new_table() -> Facts:
    facts = facts_of(ROOT)
    return replace(facts, tables={**facts.tables, "grudges": frozenset({"id"})})


def lost_table() -> Facts:
    facts = facts_of(ROOT)
    return replace(facts, tables={k: v for k, v in facts.tables.items() if k != "audit"})


def renamed_column() -> Facts:
    facts = facts_of(ROOT)
    return replace(facts, tables={**facts.tables, "audit": frozenset({"when"})})


def other_word() -> Facts:
    kinds = [
        replace(kind, retention=Retention("rotate", "as long as it likes"))
        if kind.id == "engagement"
        else kind
        for kind in whole_registry()
    ]
    return replace(facts_of(ROOT), registry=Registry(kinds))


def moved_kind() -> Facts:
    kinds = [
        replace(kind, file="engaged.jsonl") if kind.id == "engagement" else kind
        for kind in whole_registry()
    ]
    return replace(facts_of(ROOT), registry=Registry(kinds))


SALT_RULE = '[[file]]\npattern = "salt"\n'
NEW_RULE = '[[file]]\npattern = "grudges.jsonl"\nkind = "manual"\nclock = "none"\nerased = true\n'
NEW_RULE += f'reason = "why"\n\n{SALT_RULE}'
RUN_FILE = "bicameral/observe/metrics/last_run.py"
FAULTS: dict[str, tuple[Callable[[], Facts], str]] = {
    "a file that the code makes and the policy lacks": (
        edit(RUN_FILE, 'LAST_RUN_FILE = "last_run.json"', 'LAST_RUN_FILE = "ran_last.json"'),
        f"ran_last.json is made by the code and not in {POLICY}",
    ),
    "a file that the policy has and the code does not make": (
        edit(POLICY, SALT_RULE, NEW_RULE),
        f"grudges.jsonl is in {POLICY} and not made by the code",
    ),
    "a file that the policy has and the page lacks": (
        edit("docs/reference/files.md", "| `salt` |", "| `pepper` |"),
        f"salt is in {POLICY} and not in docs/reference/files.md",
    ),
    "a file that the page has and the policy lacks": (
        edit("docs/reference/files.md", "| `salt` |", "| `pepper` |"),
        f"pepper is in docs/reference/files.md and not in {POLICY}",
    ),
    "a table that the ledger has and the policy lacks": (
        new_table,
        f"grudges is a table of the ledger and not in {POLICY}",
    ),
    "a table that the policy has and the ledger lacks": (
        lost_table,
        f"audit is in {POLICY} and not a table of the ledger",
    ),
    "a clock that is no column": (renamed_column, "audit has no column at, which"),
    "a clock that is no field": (
        edit(
            POLICY,
            'pattern = "trace.jsonl"\nkind = "rotate"\ndays = 60\nclock = "timestamp"',
            'pattern = "trace.jsonl"\nkind = "rotate"\ndays = 60\nclock = "ts"',
        ),
        "span has no field ts, which",
    ),
    "another word in the registry": (
        other_word,
        f"engagement is kept otherwise in the registry than in {POLICY}",
    ),
    "a kind of line whose file the policy lacks": (
        moved_kind,
        f"engagement is written to engaged.jsonl, which is not in {POLICY}",
    ),
    "a file of lines that is not registered": (
        moved_kind,
        f"engagements.jsonl is in {POLICY} and not registered",
    ),
    "another size than the log has": (
        edit(POLICY, "size_bytes = 250_000", "size_bytes = 260_000"),
        f"hook_failures.jsonl is put aside otherwise than {POLICY} says",
    ),
    "another age than the log has": (
        edit(POLICY, "days = 60", "days = 61"),
        f"preflight_events.jsonl goes at another age than {POLICY} says",
    ),
    "an unknown kind": (
        edit(POLICY, 'kind = "days"', 'kind = "weeks"'),
        f"{POLICY} is no policy: bypasses: unknown kind 'weeks'",
    ),
    "a page that lags behind": (
        edit("docs/reference/retention.md", "| days, 90 days |", "| days, 91 days |"),
        "docs/reference/retention.md is not what the policy says now",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_difference_is_named(name: str) -> None:
    """Files, tables, registry, pages and limits: each in both directions."""
    plant, problem = FAULTS[name]
    assert any(each.startswith(problem) for each in found(plant())), name


def test_without_a_fault_nothing_is_named() -> None:
    """So that each of the faults above is the only cause of what was found."""
    assert found(facts_of(ROOT)) == []
