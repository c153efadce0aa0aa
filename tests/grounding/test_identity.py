"""Repository identity: the same for every copy of one repository, and for no other."""

from pathlib import Path

import pytest

from bicameral.grounding.identity import chosen_remote, keys_from, normalised_remote
from bicameral.grounding.repository import Repository
from tests.conftest import GIT_VARIABLES
from tests.conftest import Repository as RealRepository


def keys(root: Path) -> tuple[str, ...]:
    return Repository.discover(root, GIT_VARIABLES).identity_keys()


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team/app.git",
        "https://git.example.com/team/app/",
        "https://user:p@ss@git.example.com/team/app.git",
        "http://GIT.example.com:80/team/app",
        "https://git.example.com:443/team/app.git",
        "ssh://git@git.example.com/team/app.git",
        "ssh://git@git.example.com:22/team/app",
        "git+ssh://git@git.example.com/team/app",
        "git://git.example.com:9418/team/app.git",
        "git@git.example.com:team/app.git",
        "Git.Example.com:team/app",
        "git@git.example.com:/team/app.git",
    ],
)
def test_one_remote_has_one_spelling(url: str) -> None:
    """One of the team clones over ssh, another over https with a token in the address."""
    assert normalised_remote(url) == "git.example.com/team/app"


@pytest.mark.parametrize(
    "url", ["/srv/git/app.git", "../app", "file:///srv/app.git", "C:\\git\\app", "./a:b", "", "x"]
)
def test_a_path_is_no_identity(url: str) -> None:
    """Another machine has another repository at the same path."""
    assert normalised_remote(url) is None


def test_another_port_is_another_server() -> None:
    """Two servers on one host may hold different repositories of one name."""
    assert normalised_remote("ssh://git@h.example:7999/a/b.git") == "h.example:7999/a/b"


def test_origin_is_chosen_and_else_the_first_by_name() -> None:
    """A fork's second remote must not decide."""
    listing = "fork\tgit@h:me/a.git (fetch)\nfork\tgit@h:me/a.git (push)\n"
    assert chosen_remote(listing) == "git@h:me/a.git"
    assert chosen_remote(listing + "origin\th:t/a (fetch) [blob:none]\n") == "h:t/a"
    assert chosen_remote("") is None


def test_keys_survive_a_clone_a_worktree_and_a_move(
    repository: RealRepository, tmp_path: Path
) -> None:
    """A decision bound in one copy holds in every other."""
    root = repository.commit(a="1")
    repository.commit(a="2")
    original = keys(repository.root)
    repository.git("clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    repository.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))

    assert original == (f"root:{root}",)
    assert keys(tmp_path / "clone") == original
    assert keys(tmp_path / "side") == original
    (tmp_path / "clone").rename(tmp_path / "moved")
    assert keys(tmp_path / "moved") == original


def test_an_unrelated_history_that_was_merged_in_does_not_add_a_root(
    repository: RealRepository,
) -> None:
    """Two repositories that took in the same library are not one."""
    root = repository.commit(a="1")
    repository.git("switch", "--quiet", "--orphan", "library")
    repository.commit(b="2")
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--allow-unrelated-histories", "--no-edit", "library")

    assert keys(repository.root) == (f"root:{root}",)


def test_a_shallow_clone_is_known_by_its_remote(repository: RealRepository, tmp_path: Path) -> None:
    """Its oldest commit is not the first one; the remote is all that it shares."""
    root = repository.commit(a="1")
    repository.commit(a="2")
    url = "https://someone:secret@git.example.com/team/app.git"
    repository.git(
        "clone", "--quiet", "--depth=1", f"file://{repository.root}", str(tmp_path / "s")
    )
    shallow = RealRepository(tmp_path / "s")
    shallow.git("remote", "set-url", "origin", url)
    repository.git("remote", "add", "origin", "git@git.example.com:team/app.git")

    full = keys(repository.root)

    assert full[0] == f"root:{root}"
    assert keys(shallow.root) == full[1:]
    assert "secret" not in repr(full)
    assert "example" not in repr(full)


def test_the_place_counts_only_where_nothing_else_is_known(
    repository: RealRepository, tmp_path: Path
) -> None:
    """In a build every repository stands in the same folder."""
    (only,) = keys(repository.root)
    assert only.startswith("path:")

    repository.commit(a="1")
    assert not any(key.startswith("path:") for key in keys(repository.root))


def test_links_to_one_place_are_one_place(tmp_path: Path) -> None:
    """The same folder under two names is not two repositories."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    direct = keys_from(roots=[], remote=None, common_dir=tmp_path / "real")
    assert keys_from(roots=[], remote="../x", common_dir=tmp_path / "link") == direct
