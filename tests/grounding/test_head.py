"""HEAD without a process: answered from memory while nothing moved, asked again when it did."""

from pathlib import Path

import pytest

from bicameral.errors import GitFailed
from bicameral.grounding.repository import Repository
from tests.conftest import GIT_VARIABLES
from tests.conftest import Repository as RealRepository


@pytest.fixture
def variables() -> dict[str, str]:
    return dict(GIT_VARIABLES)


def without_git(variables: dict[str, str]) -> None:
    """From here on, starting git fails."""
    variables["PATH"] = "/nowhere"


def test_an_unmoved_head_is_answered_without_git(
    repository: RealRepository, variables: dict[str, str]
) -> None:
    """A preflight has no time for a process that would say the same again."""
    commit = repository.commit(a="1")
    found = Repository.discover(repository.root, variables)
    assert found.head() == commit
    without_git(variables)

    assert found.head() == commit
    assert found.branch() == "main"
    assert found.head_state().commit == commit


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_new_commit_is_seen(
    repository: RealRepository, variables: dict[str, str], is_packed: bool
) -> None:
    """Wherever the ref is kept, an answer from memory must not outlive it."""
    first = repository.commit(a="1")
    if is_packed:
        repository.git("pack-refs", "--all")
    found = Repository.discover(repository.root, variables)
    assert found.head() == first

    second = repository.commit(a="2")
    assert found.head() == second
    if is_packed:
        repository.git("pack-refs", "--all")
        assert found.head() == second
        repository.git("update-ref", "refs/heads/main", first)
        repository.git("pack-refs", "--all")
        assert found.head() == first


def test_a_packed_ref_is_watched_too(repository: RealRepository, variables: dict[str, str]) -> None:
    """After `git gc` a branch has no file of its own."""
    commit = repository.commit(a="1")
    repository.git("pack-refs", "--all")
    found = Repository.discover(repository.root, variables)
    assert found.head() == commit
    without_git(variables)

    assert found.head() == commit


def test_a_switch_of_branches_is_seen(
    repository: RealRepository, variables: dict[str, str]
) -> None:
    """The commit may be the same; the branch decides whose verdicts count."""
    commit = repository.commit(a="1")
    found = Repository.discover(repository.root, variables)
    assert found.branch() == "main"

    repository.git("switch", "--quiet", "--create", "feature/x")
    assert (found.branch(), found.head()) == ("feature/x", commit)
    repository.git("switch", "--quiet", "--detach")
    assert (found.branch(), found.head()) == (None, commit)


def test_before_the_first_commit_there_is_a_branch_and_no_commit(
    repository: RealRepository, variables: dict[str, str]
) -> None:
    """An empty repository is where a new team starts."""
    found = Repository.discover(repository.root, variables)
    assert (found.head(), found.branch()) == (None, "main")

    commit = repository.commit(a="1")
    assert found.head() == commit


def test_a_worktree_has_its_own_head(
    repository: RealRepository, variables: dict[str, str], tmp_path: Path
) -> None:
    """Two agents in two worktrees of one repository stand on two commits."""
    first = repository.commit(a="1")
    repository.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    second = repository.commit(a="2")
    side = Repository.discover(tmp_path / "side", variables)
    main = Repository.discover(repository.root, variables)

    assert (side.head(), side.branch()) == (first, "side")
    assert (main.head(), main.branch()) == (second, "main")
    assert side.common_dir == main.common_dir
    assert side.git_dir != main.git_dir
    repository.git("update-ref", "refs/heads/side", second)
    assert side.head() == second


def test_a_branch_that_is_a_name_for_another_is_asked_for_every_time(
    repository: RealRepository, variables: dict[str, str]
) -> None:
    """Its own file never changes when the other branch moves."""
    first = repository.commit(a="1")
    repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    repository.git("symbolic-ref", "HEAD", "refs/heads/alias")
    found = Repository.discover(repository.root, variables)
    assert found.head() == first

    second = repository.commit(a="2")
    assert found.head() == second
    without_git(variables)
    with pytest.raises(GitFailed):
        found.head()


def test_a_head_that_leads_out_of_the_repository_is_not_followed(
    repository: RealRepository, variables: dict[str, str]
) -> None:
    """The file comes with a clone, and its words must not open other files."""
    repository.commit(a="1")
    found = Repository.discover(repository.root, variables)
    (repository.root / ".git/HEAD").write_text("ref: refs/../../../secret\n", encoding="utf-8")

    with pytest.raises(GitFailed):
        found.head()
