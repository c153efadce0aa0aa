"""`bicameral.link_commit`: what a commit did to bound code, and which verdicts are wanted."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Repository
from tests.handlers.bench import Bench

CHARGE = "src/payments.py::charge_card"
REFUND = "src/payments.py::refund"
DROPPED = "def charge_card(amount):\n    return gateway.post(amount)\n"
KEPT = "\n\ndef refund(amount):\n    return gateway.post(-amount)\n"


def settled(bench: Bench, selector: str, title: str = "Charges carry a key") -> dict[str, Any]:
    """Bind a decision to code that complies with it."""
    bound = bench.bind(bench.decide(title), selector)
    bench.judge(bound, "compliant")
    return bound


def test_a_changed_region_wants_a_verdict(bench: Bench) -> None:
    """The loop after a commit: which decision, where, and the digest to judge."""
    bound = settled(bench, CHARGE)
    commit = bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})

    answer = bench.call("link_commit")

    [touched] = answer["touched"]
    assert (touched["decision_id"], touched["region_id"]) == (
        bound["decision_id"],
        bound["region_id"],
    )
    assert (touched["change"], touched["verdict_wanted"]) == ("changed", True)
    assert touched["digest"] != bound["digest"]
    assert (touched["symbol"], touched["lines"]) == ("charge_card", "1-2")
    assert (answer["commit"], answer["branch"], answer["files_changed"]) == (commit, "main", 1)
    assert answer["verdicts_wanted"] == 1
    assert "not instructions" in answer["notice"]


def test_the_answer_to_the_verdict_settles_it(bench: Bench) -> None:
    """What link_commit gives out is what resolve takes."""
    settled(bench, CHARGE)
    bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})
    [touched] = bench.call("link_commit")["touched"]

    assert bench.judge(touched, "drifted")["recorded"] is True
    assert bench.call("link_commit")["verdicts_wanted"] == 0
    assert bench.detail(touched["decision_id"])["status"] == "drifted"


def test_a_cosmetic_change_keeps_the_verdict(bench: Bench) -> None:
    """GR-13: a comment is no reason to judge again."""
    bound = settled(bench, CHARGE)
    source = "# how cards are charged\n\n" + bench.repository.git("show", "HEAD:src/payments.py")
    bench.repository.commit("comment", **{"src/payments.py": source + "\n"})

    answer = bench.call("link_commit")

    assert answer["verdicts_wanted"] == 0
    assert bench.detail(bound["decision_id"])["status"] == "reflected"


def test_removed_code_wants_a_verdict(bench: Bench) -> None:
    """A decision whose code is gone is a question for somebody."""
    settled(bench, CHARGE)
    bench.repository.commit("remove", **{"src/payments.py": KEPT.lstrip()})

    [touched] = bench.call("link_commit")["touched"]

    assert (touched["change"], touched["digest"], touched["verdict_wanted"]) == (
        "removed",
        "removed",
        True,
    )


def test_other_regions_of_a_changed_file_are_only_counted(bench: Bench) -> None:
    """Only what the commit touched costs tokens."""
    settled(bench, CHARGE)
    settled(bench, REFUND, "Refunds are posted")
    bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})

    answer = bench.call("link_commit")

    assert [each["symbol"] for each in answer["touched"]] == ["charge_card"]
    assert answer["regions_unchanged"] == 1


def test_linking_again_changes_nothing(bench: Bench) -> None:
    """Hooks and agents both call it."""
    settled(bench, CHARGE)
    bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})
    first = bench.call("link_commit")
    before = bench.in_ledger("SELECT * FROM audit") + bench.in_ledger("SELECT * FROM ledger_state")

    again = bench.call("link_commit")

    assert (first["already_linked"], again["already_linked"]) == (False, True)
    assert again["verdicts_wanted"] == 1
    after = bench.in_ledger("SELECT * FROM audit") + bench.in_ledger("SELECT * FROM ledger_state")
    assert after == before


def test_a_range_is_linked_as_one_change(bench: Bench) -> None:
    """Several commits since the last call."""
    settled(bench, CHARGE)
    settled(bench, "src/search.py::rank", "Ranking is stable")
    base = bench.repository.git("rev-parse", "HEAD")
    bench.repository.commit("one", **{"src/payments.py": DROPPED + KEPT})
    tip = bench.repository.commit("two", **{"src/search.py": "def rank(r):\n    return r\n"})

    answer = bench.call("link_commit", commit=f"{base}..{tip}")

    assert {each["symbol"] for each in answer["touched"]} == {"charge_card", "rank"}
    assert (answer["commit"], answer["files_changed"]) == (tip, 2)


def test_an_unmerged_branch_counts_for_itself(bench: Bench) -> None:
    """What is not merged yet says nothing about the main branch."""
    bound = settled(bench, CHARGE)
    bench.repository.git("switch", "--quiet", "--create", "feature")
    bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})

    answer = bench.call("link_commit")

    assert (answer["branch"], answer["verdicts_wanted"]) == ("feature", 1)
    bench.repository.git("switch", "--quiet", "main")
    assert bench.detail(bound["decision_id"])["status"] == "reflected"


def test_a_commit_without_bound_code_is_a_short_answer(bench: Bench) -> None:
    """Most commits: nothing to do, few tokens."""
    commit = bench.repository.commit("notes", **{"NOTES.md": "nothing\n"})

    assert bench.call("link_commit") == {
        "preflight_id": None,
        "commit": commit,
        "branch": "main",
        "files_changed": 1,
        "regions_unchanged": 0,
        "touched": [],
        "verdicts_wanted": 0,
        "already_linked": False,
    }


@pytest.mark.parametrize(
    "commit", ["nowhere", "HEAD~99", "--all", "-n1", "a b", "HEAD:src", "x\x00y"]
)
def test_what_names_no_commit_is_refused(bench: Bench, commit: str) -> None:
    """Git is never given an option or half a range."""
    refused = bench.refuse("link_commit", commit=commit)

    assert refused.error in {"git_failed", "input_refused"}
    assert refused.next_step


def test_a_repository_without_commits_is_refused_in_words(
    bench: Bench, repository: Repository
) -> None:
    """The very first minutes of a project."""
    repository.git("update-ref", "-d", "HEAD")

    refused = bench.refuse("link_commit")

    assert refused.error == "input_refused"
    assert refused.next_step.startswith("commit first")


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(limit=st.integers(1, 9))
def test_pages_cover_everything_once(bench: Bench, limit: int) -> None:
    """A law: whatever the page's size, nothing is missed and nothing comes twice."""
    if not bench.in_ledger("SELECT 1 FROM sqlite_master") or not bench.in_ledger(
        "SELECT 1 FROM decisions"
    ):
        _bind_many(bench)
    seen, cursor = [], None
    while True:
        page = bench.call("link_commit", limit=limit, **({"cursor": cursor} if cursor else {}))
        assert len(page["touched"]) <= limit
        assert page["verdicts_wanted"] == 7
        seen += [each["decision_id"] for each in page["touched"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


def _bind_many(bench: Bench) -> None:
    decisions = [bench.decide(f"Rule {number} of charges") for number in range(7)]
    entries = [{"decision_id": each.id, "selector": CHARGE} for each in decisions]
    bench.call("bind", bindings=entries)
    bench.repository.commit("drop the key", **{"src/payments.py": DROPPED + KEPT})


@pytest.mark.parametrize("cursor", ["x", "-1", "1e3", "\uff19", " 1", "9" * 64, ""])
def test_a_cursor_of_ones_own_making_is_refused(bench: Bench, cursor: str) -> None:
    """Silently starting anew would show the same page for ever."""
    refused = bench.refuse("link_commit", cursor=cursor)

    assert refused.error == "input_refused"
    assert "next_cursor" in refused.next_step


def test_moved_code_is_told_with_its_old_place_and_how_it_is_known(bench: Bench) -> None:
    """The verdict went along, and whoever reads the answer can see why."""
    bound = settled(bench, CHARGE)
    source = bench.repository.git("show", "HEAD:src/payments.py")
    (bench.repository.root / "src/payments.py").unlink()
    bench.repository.commit("move", **{"src/cards.py": source + "\n"})

    [touched] = bench.call("link_commit")["touched"]

    assert (touched["change"], touched["path"]) == ("moved", "src/cards.py")
    assert touched["region_id"] == bound["region_id"]
    assert (touched["moved_from"], touched["recognised_by"]) == (CHARGE, "digest")
    assert (touched["verdict"], touched["verdict_wanted"]) == ("compliant", False)
    [region] = bench.detail(bound["decision_id"])["regions"]
    assert (region["path"], region["status"]) == ("src/cards.py", "reflected")


def test_equal_candidates_are_listed_and_none_is_taken(bench: Bench) -> None:
    """A person can bind the right one; the server cannot know which it is."""
    settled(bench, CHARGE)
    source = bench.repository.git("show", "HEAD:src/payments.py")
    charge = source.split("\n\n\n")[0] + "\n"
    rest = {"src/payments.py": KEPT.lstrip(), "a.py": charge, "b.py": charge}
    bench.repository.commit("two copies", **rest)

    [touched] = bench.call("link_commit")["touched"]

    assert (touched["change"], touched["verdict_wanted"]) == ("removed", True)
    assert touched["places"] == ["a.py::charge_card", "b.py::charge_card"]
    assert "moved_from" not in touched


def test_a_preflight_finds_the_decision_where_the_code_is_now(bench: Bench) -> None:
    """And not where it was: that file has nothing to do with it any more."""
    bound = settled(bench, CHARGE)
    source = bench.repository.git("show", "HEAD:src/payments.py")
    moved = {"src/payments.py": "import os\n", "src/cards.py": source + "\n"}
    bench.repository.commit("move", **moved)

    fired = bench.call("preflight", topic="zebra", file_paths=["src/cards.py"], session_id="new")
    silent = bench.call("preflight", topic="quagga", file_paths=["src/payments.py"])

    assert [each["id"] for each in fired["decisions"]] == [bound["decision_id"]]
    assert not silent["fired"]
