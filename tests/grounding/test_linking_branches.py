"""Branches: what is found or judged on one counts there, and on main once main has that code."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import read_environment
from bicameral.ledger.domain import MAIN, Decision
from tests.conftest import Clock, MakeEnvironment, Repository
from tests.grounding.checkout import (
    ACTOR,
    CHARGE,
    CHARGE_CHANGED,
    CHARGE_REFORMATTED,
    Checkout,
    Template,
    at,
    changes,
)

THIRD = "def charge(amount):\n    return amount + 3\n"
REFUND = "def refund(amount):\n    return amount - 1\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A repository with `charge` in pay.py on main, and another file."""
    return Template.make(
        tmp_path_factory.mktemp("template"), {"pay.py": CHARGE, "other.py": "x = 1\n"}
    )


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


@pytest.fixture(scope="module")
def later(
    template: Template, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Template, Decision]:
    """Judged on main; changed on `feature`, and linked there."""
    folder = tmp_path_factory.mktemp("later")
    environment = replace(read_environment(), home=folder / "home", time_ns=Clock())
    checkout = template.copy(folder / "shop", environment)
    decision = checkout.judged()
    switch(checkout, "feature", create=True)
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    return Template.of(checkout), decision


@pytest.fixture
def on_feature(
    later: tuple[Template, Decision], tmp_path: Path, make_environment: MakeEnvironment
) -> tuple[Checkout, Decision]:
    template, decision = later
    return template.copy(tmp_path / "shop", make_environment()), decision


def switch(checkout: Checkout, branch: str, *, create: bool = False) -> None:
    checkout.repository.git("switch", "--quiet", *(["--create"] if create else []), branch)


def test_a_commit_on_a_branch_counts_on_that_branch_only(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """What is tried out on a branch says nothing about what the team runs."""
    checkout, decision = on_feature

    assert checkout.status(decision) == "pending"
    assert checkout.status(decision, branch=MAIN) == "reflected"
    switch(checkout, "main")
    assert checkout.status(decision) == "reflected"


def test_a_verdict_on_a_branch_is_ephemeral(on_feature: tuple[Checkout, Decision]) -> None:
    """An abandoned branch must leave no trace in what counts for the team."""
    checkout, decision = on_feature

    checkout.judge(decision, "drifted")

    assert checkout.status(decision) == "drifted"
    switch(checkout, "main")
    checkout.repository.git("branch", "--quiet", "-D", "feature")
    checkout.repository.commit("other", **{"other.py": "x = 2\n"})
    checkout.link()
    assert checkout.status(decision) == "reflected"


def fast_forward(repository: Repository) -> None:
    repository.git("merge", "--quiet", "--ff-only", "feature")


def merge_commit(repository: Repository) -> None:
    repository.commit("meanwhile", **{"other.py": "x = 2\n"})
    repository.git("merge", "--quiet", "--no-edit", "feature")


def squash(repository: Repository) -> None:
    repository.git("merge", "--quiet", "--squash", "feature")
    repository.commit("squashed")


def cherry_pick(repository: Repository) -> None:
    repository.commit("meanwhile", **{"other.py": "x = 2\n"})
    repository.git("cherry-pick", "feature")


@pytest.mark.parametrize("merge", [fast_forward, merge_commit, squash, cherry_pick])
def test_a_verdict_on_a_branch_counts_on_main_once_merged(
    on_feature: tuple[Checkout, Decision], merge: Callable[[Repository], None]
) -> None:
    """However the code came to main: it is the code that was judged."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    switch(checkout, "main")
    merge(checkout.repository)

    linked = checkout.link("main")

    assert linked.branch == MAIN
    assert checkout.wanted(linked) == []
    assert checkout.status(decision, branch=MAIN) == "partial"


def test_linking_a_branch_that_main_has_caught_up_with_links_main_too(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Merged from elsewhere while the branch stays checked out."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    checkout.repository.git("branch", "--force", "main", "feature")

    checkout.link("main")

    assert checkout.status(decision, branch=MAIN) == "partial"


def test_what_was_merged_counts_though_main_is_never_checked_out(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Many only ever fetch, and start their next branch from there."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    repository = checkout.repository
    repository.git("remote", "add", "origin", "https://git.example.invalid/team/shop.git")
    merged = repository.git("commit-tree", "-p", "main", "-m", "squashed", "feature^{tree}")
    repository.git("update-ref", "refs/remotes/origin/main", merged)
    repository.git("switch", "--quiet", "--create", "next", "origin/main")
    repository.git("branch", "--quiet", "-D", "feature")

    assert checkout.workspace.catch_up(ACTOR).behind == ""

    assert checkout.status(decision, branch=MAIN) == "partial"
    assert checkout.status(decision) == "partial"


def test_main_that_has_parted_from_origin_waits_until_it_is_checked_out(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Nobody can tell from here which of the two will stand."""
    checkout, decision = on_feature
    repository = checkout.repository
    repository.git("remote", "add", "origin", "https://git.example.invalid/team/shop.git")
    theirs = repository.git("commit-tree", "-p", "main", "-m", "theirs", "feature^{tree}")
    repository.git("update-ref", "refs/remotes/origin/main", theirs)
    ours = repository.git("commit-tree", "-p", "main", "-m", "ours", "main^{tree}")
    repository.git("update-ref", "refs/heads/main", ours)
    repository.commit("next", **{"other.py": "x = 3\n"})

    checkout.link()

    assert checkout.status(decision, branch=MAIN) == "reflected"
    assert checkout.status(decision) == "pending"


def test_a_verdict_after_a_rebase_still_counts_on_the_branch(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Rewriting commits does not rewrite the code."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    switch(checkout, "main")
    checkout.repository.commit("meanwhile", **{"other.py": "x = 2\n"})
    checkout.link()
    switch(checkout, "feature")
    checkout.repository.git("rebase", "--quiet", "main")

    linked = checkout.link()

    assert (linked.was_linked, checkout.wanted(linked)) == (False, [])
    assert checkout.status(decision) == "partial"


def test_a_branch_that_is_reset_shows_mains_code_again(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Given up by `reset`, or by a force-push that somebody fetched."""
    checkout, decision = on_feature
    checkout.repository.git("reset", "--quiet", "--hard", "main")

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_branch_that_is_amended_shows_its_new_code(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """The commit it was linked at is no part of it any more."""
    checkout, decision = on_feature
    checkout.repository.write("pay.py", CHARGE_REFORMATTED)
    checkout.repository.git("commit", "--quiet", "--all", "--amend", "--no-edit")

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_branch_whose_last_commit_is_lost_is_read_anew(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Rewritten and cleaned up since, perhaps by somebody else."""
    checkout, decision = on_feature
    git = checkout.repository.git
    git("reset", "--quiet", "--hard", "main")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_uncommitted_code_judged_on_a_branch_is_forgotten_when_thrown_away(
    checkout: Checkout,
) -> None:
    """With the branch's next commit at the latest."""
    decision = checkout.judged()
    switch(checkout, "feature", create=True)
    checkout.repository.write("pay.py", THIRD)
    bound = checkout.bind(decision)
    checkout.judge(decision, "partial", digest=bound.state.digest)
    assert checkout.status(decision) == "partial"
    checkout.repository.git("checkout", "--quiet", "--", "pay.py")
    checkout.repository.commit("elsewhere", **{"other.py": "x = 2\n"})

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_code_that_only_a_branch_had_is_gone_when_the_branch_is_reset(
    checkout: Checkout,
) -> None:
    """Main never showed it, so nothing there can say how it stands."""
    checkout.judged()
    switch(checkout, "feature", create=True)
    checkout.repository.commit("new", **{"new.py": REFUND})
    decision = checkout.judged("new.py::refund", "Refunds take one")
    checkout.repository.git("reset", "--quiet", "--hard", "main")

    linked = checkout.link()

    [grounding] = checkout.groundings(decision)
    assert grounding.state.presence == "removed"
    assert checkout.wanted(linked) == [] or linked.branch == "feature"


def test_code_that_only_a_branch_has_is_bound_there_alone_until_it_is_merged(
    checkout: Checkout,
) -> None:
    """On main there is nothing yet that could be judged."""
    checkout.judged()
    switch(checkout, "feature", create=True)
    checkout.repository.commit("new", **{"new.py": REFUND})
    decision = checkout.judged("new.py::refund", "Refunds take one")

    assert checkout.status(decision) == "reflected"
    assert checkout.status(decision, branch=MAIN) == "ungrounded"
    switch(checkout, "main")
    checkout.repository.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    checkout.link()
    assert checkout.status(decision) == "reflected"


def test_a_file_of_that_name_without_that_code_is_not_bound_on_main(checkout: Checkout) -> None:
    """Main has other code there; nobody said anything about that."""
    checkout.judged()
    switch(checkout, "feature", create=True)
    checkout.repository.commit("new", **{"new.py": REFUND})
    decision = checkout.judged("new.py::refund", "Refunds take one")
    switch(checkout, "main")
    checkout.repository.commit("another", **{"new.py": "def other():\n    return 1\n"})

    checkout.link()

    assert checkout.status(decision) == "ungrounded"
    assert checkout.status(decision, branch="feature") == "reflected"


@pytest.mark.parametrize("selector", ["more.py::refund", "more.py:1-2", "more.py"])
def test_code_bound_on_a_branch_that_main_has_too_is_bound_on_main(
    checkout: Checkout, selector: str
) -> None:
    """The branch did not touch it, so no merge will ever bring it."""
    checkout.judged()
    checkout.repository.commit("more", **{"more.py": REFUND})
    checkout.link()
    switch(checkout, "feature", create=True)
    checkout.repository.commit("elsewhere", **{"other.py": "x = 2\n"})
    decision = checkout.decide("Refunds take one")
    checkout.bind(decision, selector)

    assert checkout.status(decision) == "pending"
    assert checkout.status(decision, branch=MAIN) == "pending"


def test_a_verdict_on_code_that_main_has_too_counts_at_once(checkout: Checkout) -> None:
    """Where one happens to stand when reading it makes no difference."""
    decision = checkout.decide()
    checkout.bind(decision)
    switch(checkout, "feature", create=True)
    checkout.repository.commit("elsewhere", **{"other.py": "x = 2\n"})
    checkout.link()

    checkout.judge(decision)

    assert checkout.status(decision) == "reflected"
    assert checkout.status(decision, branch=MAIN) == "reflected"


def test_a_verdict_on_merged_code_counts_though_the_branch_is_still_checked_out(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Judging is often the last thing done on a branch."""
    checkout, decision = on_feature
    switch(checkout, "main")
    fast_forward(checkout.repository)
    checkout.link()
    switch(checkout, "feature")

    checkout.judge(decision, "partial")

    assert checkout.status(decision, branch=MAIN) == "partial"


def test_not_relevant_on_a_branch_unbinds_there_until_merged(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Unbinding is a verdict like any other."""
    checkout, decision = on_feature
    checkout.judge(decision, "not_relevant")

    assert checkout.status(decision) == "ungrounded"
    assert checkout.status(decision, branch=MAIN) == "reflected"
    switch(checkout, "main")
    fast_forward(checkout.repository)
    checkout.link()
    assert checkout.status(decision) == "ungrounded"


def test_main_may_move_on_while_a_branch_is_checked_out(
    on_feature: tuple[Checkout, Decision], make_repository: Callable[[], Repository]
) -> None:
    """A branch is what it changes against the main branch as the ledger knows it."""
    checkout, decision = on_feature
    elsewhere = worktree(checkout, "main")
    elsewhere.repository.commit("main moves", **{"other.py": "x = 2\n"})
    elsewhere.link()

    checkout.link()

    assert checkout.status(decision) == "pending"
    assert elsewhere.status(decision) == "reflected"


def test_switching_back_and_forth_settles_at_once(on_feature: tuple[Checkout, Decision]) -> None:
    """The same two states, seen in turn, are no news."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    before = checkout.written()

    for branch, status in (("main", "reflected"), ("feature", "partial")) * 2:
        switch(checkout, branch)
        assert checkout.workspace.catch_up(ACTOR).behind == ""
        assert checkout.status(decision) == status

    assert checkout.written() == before


def test_two_branches_do_not_see_each_other(on_feature: tuple[Checkout, Decision]) -> None:
    """Each is compared with main alone."""
    checkout, decision = on_feature
    checkout.judge(decision, "partial")
    switch(checkout, "main")
    switch(checkout, "second", create=True)
    checkout.repository.commit("third", **{"pay.py": THIRD})
    checkout.link()

    assert checkout.status(decision, branch="second") == "pending"
    assert checkout.status(decision, branch="feature") == "partial"
    assert checkout.status(decision, branch=MAIN) == "reflected"


def test_a_branch_name_that_is_used_again_starts_afresh(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """`fix` and `wip` are made and deleted all the time."""
    checkout, decision = on_feature
    switch(checkout, "main")
    checkout.repository.git("branch", "--quiet", "-D", "feature")
    switch(checkout, "feature", create=True)
    checkout.repository.commit("elsewhere", **{"other.py": "x = 2\n"})

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_detached_head_on_mains_tip_is_main(checkout: Checkout) -> None:
    """Builds check out commits, not branches."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.repository.git("switch", "--quiet", "--detach", "main")

    assert checkout.link().branch == MAIN

    assert checkout.status(decision, branch=MAIN) == "pending"


def test_a_detached_head_on_an_older_commit_does_not_move_main_back(checkout: Checkout) -> None:
    """Looking at history, as in a bisection, is not going back to it."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    checkout.repository.git("switch", "--quiet", "--detach", "HEAD~1")

    linked = checkout.link()

    assert linked.branch.startswith("@")
    assert checkout.status(decision) == "reflected", "the old code is the one that was judged"
    assert checkout.status(decision, branch=MAIN) == "pending"


def test_an_older_commit_of_main_does_not_move_main_back(checkout: Checkout) -> None:
    """Asking about last week's commit changes nothing."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    before = checkout.written()

    assert checkout.link("HEAD~1").was_linked

    assert checkout.written() == before
    assert checkout.status(decision) == "pending"


def test_a_main_branch_that_is_reset_shows_its_code_again(checkout: Checkout) -> None:
    """A commit taken back was never there for anybody."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    checkout.repository.git("reset", "--quiet", "--hard", "HEAD~1")

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_rewritten_main_branch_is_read_anew(checkout: Checkout) -> None:
    """The commit the ledger knows is gone for good: there is nothing to compare with."""
    decision = checkout.judged()
    repository = checkout.repository
    repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    repository.commit("other", **{"other.py": "x = 2\n"})
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")

    checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_linked_commit_of_another_branch_leaves_this_one_alone(
    on_feature: tuple[Checkout, Decision],
) -> None:
    """Looking at somebody's branch from main does not put it on main."""
    checkout, decision = on_feature
    switch(checkout, "main")

    linked = checkout.link("feature")

    assert linked.branch.startswith("@")
    assert (changes(linked), checkout.wanted(linked)) == (["changed"], [decision.id])
    assert checkout.status(decision) == "reflected"


def worktree(checkout: Checkout, branch: str) -> Checkout:
    """Check a branch out beside, in a worktree of its own."""
    root = checkout.repository.root.with_name(f"worktree-{branch}")
    checkout.repository.git("worktree", "add", "--quiet", str(root), branch)
    return checkout.beside(at(root))
