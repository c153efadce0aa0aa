"""One repository in several places: worktrees, clones and submodules, and what they share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.errors import GitFailed, InputRefused
from bicameral.ledger.domain import MAIN
from tests.conftest import MakeEnvironment, Repository
from tests.grounding.checkout import ACTOR, CHARGE, CHARGE_CHANGED, Checkout, Template

REMOTE = "https://git.example.invalid/team/shop.git"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"pay.py": CHARGE})


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


def cloned(source: Repository, *options: str) -> Repository:
    """Clone a repository beside it; its remote is then said to be elsewhere."""
    root = source.root.with_name(f"{source.root.name}-clone{len(options)}")
    source.git("clone", "--quiet", *options, source.root.as_uri(), str(root))
    clone = Repository(root)
    clone.git("remote", "set-url", "origin", REMOTE)
    return clone


def known_as(checkout: Checkout) -> str | None:
    with checkout.ledger.reading() as connection:
        view = checkout.workspace.view(connection)
    return view.repository_id if view else None


def test_a_worktree_shares_the_ledger_and_keeps_its_own_branch(checkout: Checkout) -> None:
    """Agents work side by side in worktrees of one repository."""
    decision = checkout.judged()
    root = checkout.repository.root.with_name("beside")
    checkout.repository.git("worktree", "add", "--quiet", "-b", "feature", str(root))
    there = checkout.beside(Repository(root))
    there.repository.commit("change", **{"pay.py": CHARGE_CHANGED})

    linked = there.link()

    assert known_as(there) == known_as(checkout)
    assert linked.branch == "feature"
    assert (there.status(decision), checkout.status(decision)) == ("pending", "reflected")


def test_a_shallow_clone_and_a_full_one_are_one_repository(checkout: Checkout) -> None:
    """Builds clone shallowly: they cannot know the first commit."""
    checkout.repository.commit("second", **{"other.py": "x = 1\n"})
    full = checkout.beside(cloned(checkout.repository))
    decision = full.judged()

    shallow = checkout.beside(cloned(checkout.repository, "--depth=1"))

    assert shallow.repository.git("rev-list", "--count", "HEAD") == "1"
    assert known_as(shallow) == known_as(full)
    assert shallow.status(decision) == "reflected"
    assert shallow.link().branch == MAIN


def partly_cloned(checkout: Checkout) -> Checkout:
    """Return a clone that has the files of the commits that are checked out, and no others."""
    source = checkout.repository
    source.git("config", "uploadpack.allowFilter", "true")
    clone = cloned(source, "--filter=blob:none")
    clone.git("remote", "set-url", "origin", source.root.as_uri())
    return checkout.beside(clone)


def test_a_partial_clone_links_what_it_has(checkout: Checkout) -> None:
    """To know a renamed file that was edited, git would have to read what was never fetched."""
    partial = partly_cloned(checkout)
    decision = partial.judged()
    checkout.repository.commit("add", **{"old.py": "x = 1\n"})
    checkout.repository.git("rm", "--quiet", "old.py")
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED, "new.py": "x = 1\ny = 2\n"})
    partial.repository.git("pull", "--quiet")

    linked = partial.link()

    assert [each.change for each in linked.touched] == ["changed"]
    assert partial.status(decision) == "pending"


def test_a_partial_clone_knows_code_that_moved_by_its_digest(checkout: Checkout) -> None:
    """How the code was is not known there: its digest is."""
    decision = checkout.judged()
    moved = {"pay.py": "x = 1\n", "till.py": f"import os\n\n\n{CHARGE}"}
    checkout.repository.commit("move", **moved)
    partial = partly_cloned(checkout)

    linked = partial.link()

    assert [each.change for each in linked.touched] == ["moved"]
    assert partial.status(decision) == "reflected"


def test_a_partial_clone_says_what_it_lacks(checkout: Checkout) -> None:
    """A commit whose files were never fetched is not taken for one without them."""
    partial = partly_cloned(checkout)
    partial.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    partial.repository.git("fetch", "--quiet")
    partial.repository.git("reset", "--quiet", "--soft", "origin/main")

    with pytest.raises(GitFailed, match="partial") as failed:
        partial.link()

    assert "check the commit out" in failed.value.next_step


def test_what_a_shallow_clone_began_a_full_one_without_remote_carries_on(
    checkout: Checkout,
) -> None:
    """Keys that are seen together are remembered together, whichever came first."""
    checkout.repository.commit("second", **{"other.py": "x = 1\n"})
    shallow = checkout.beside(cloned(checkout.repository, "--depth=1"))
    decision = shallow.judged()

    full = checkout.beside(cloned(checkout.repository))
    assert full.workspace.catch_up(ACTOR).behind == ""

    assert known_as(full) == decision.repository_id
    assert known_as(checkout) == decision.repository_id


def test_a_clone_with_other_commits_on_main_reads_what_it_has(checkout: Checkout) -> None:
    """The ledger's commit may not have been fetched yet."""
    decision = checkout.judged()
    clone = checkout.beside(cloned(checkout.repository))
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    assert checkout.status(decision) == "pending"

    clone.link()

    assert clone.status(decision) == "reflected"
    assert checkout.workspace.catch_up(ACTOR).behind == ""
    assert checkout.status(decision) == "pending"


def test_two_repositories_are_kept_apart(
    checkout: Checkout, make_repository: Callable[[], Repository]
) -> None:
    """One ledger in the home serves every project of a person."""
    checkout.judged()
    other = make_repository()
    other.commit("unrelated", **{"pay.py": CHARGE_CHANGED})
    there = checkout.beside(other)

    linked = there.link()

    assert linked.touched == []
    assert known_as(there) != known_as(checkout)


def test_a_submodule_is_a_repository_of_its_own(
    checkout: Checkout, make_repository: Callable[[], Repository]
) -> None:
    """Its commits are not the superproject's, so neither are its bindings."""
    folder = with_submodule(checkout, make_repository())
    inside = checkout.beside(checkout.repository, start=folder)
    decision = inside.judged("lib.py::charge")

    assert inside.workspace.repository.root == folder
    assert known_as(inside) == decision.repository_id
    assert known_as(inside) != checkout.decide().repository_id


def test_code_in_a_submodule_cannot_be_bound_from_outside(
    checkout: Checkout, make_repository: Callable[[], Repository]
) -> None:
    """Its changes would never be seen: the superproject's commits hold none of its files."""
    with_submodule(checkout, make_repository())
    decision = checkout.decide()

    with pytest.raises(InputRefused, match="another repository") as refused:
        checkout.bind(decision, "lib/lib.py::charge")

    assert "lib" in refused.value.next_step


def with_submodule(checkout: Checkout, inner: Repository) -> Path:
    inner.commit("inner", **{"lib.py": CHARGE})
    outer = checkout.repository
    outer.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add"),
        *(str(inner.root), "lib"),
    )
    outer.commit("submodule")
    return outer.root.resolve() / "lib"
