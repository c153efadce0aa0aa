"""Questions to real repositories: histories, odd names, worktrees, submodules, shallow clones."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.errors import GitFailed, InputRefused
from bicameral.grounding.changes import Change
from bicameral.grounding.objects import parse_batch
from bicameral.grounding.repository import Repository
from bicameral.grounding.revisions import CommitRange
from tests.conftest import GIT_VARIABLES
from tests.conftest import Repository as RealRepository

TEXT = "".join(f"line {number}\n" for number in range(30))
ODD_NAMES = [
    "a b.py",
    'q"uote.py',
    "t\tab.py",
    "new\nline.py",
    "-dash.py",
    "größe.py",
    ":(top)x",
    "*",
]


def discover(real: RealRepository) -> Repository:
    return Repository.discover(real.root, GIT_VARIABLES)


def test_the_repository_is_found_from_any_folder_or_file_in_it(repository: RealRepository) -> None:
    """A server starts wherever its client does."""
    file = repository.write("deep/er/a.py", "x")

    for start in (repository.root, file.parent, file):
        assert Repository.discover(start, GIT_VARIABLES).root == repository.root.resolve()


def test_a_root_with_a_line_break_is_refused_rather_than_misread(tmp_path: Path) -> None:
    """Git prints the places one a line."""
    odd = RealRepository(tmp_path / "a\nb")

    with pytest.raises(GitFailed, match="line break"):
        discover(odd)


def test_changes_name_every_kind_of_change(repository: RealRepository) -> None:
    """Additions, deletions, edits, renames and changes of type, each as what it is."""
    old = repository.commit(**{"edit.py": "1", "gone.py": "2", "from.py": TEXT, "type": "target"})
    for name in ("gone.py", "from.py", "type"):
        (repository.root / name).unlink()
    (repository.root / "type").symlink_to("edit.py")
    new = repository.commit(**{"edit.py": "3", "to.py": TEXT + "more\n", "added.py": "4"})

    assert sorted(discover(repository).changes(old, new), key=lambda each: each.path) == [
        Change("added", "added.py"),
        Change("modified", "edit.py"),
        Change("deleted", "gone.py"),
        Change("renamed", "to.py", "from.py"),
        Change("type_changed", "type"),
    ]


def test_the_empty_tree_is_the_base_of_everything(repository: RealRepository) -> None:
    """The first commit has no parent to compare with."""
    commit = repository.commit(**{"a.py": "1", "b/c.py": "2"})

    changes = discover(repository).changes(None, commit)

    assert changes == [Change("added", "a.py"), Change("added", "b/c.py")]


def test_a_merge_is_compared_as_trees(repository: RealRepository) -> None:
    """What a merge brought in is what differs from its first parent."""
    repository.commit(a="1")
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit(b="2")
    repository.git("switch", "--quiet", "main")
    before = repository.commit(c="3")
    repository.git("merge", "--quiet", "--no-edit", "side")
    found = discover(repository)

    merged = found.commit_range("HEAD")

    assert merged.base == before
    assert found.changes(merged.base, merged.tip) == [Change("added", "b")]


@pytest.mark.skipif(os.name != "posix", reason="these names need a POSIX file system")
def test_odd_names_come_through_whole(repository: RealRepository) -> None:
    """Blanks, quotes, tabs, line breaks and signs that mean something to git elsewhere."""
    commit = repository.commit(**dict.fromkeys(ODD_NAMES, "text\n"))
    found = discover(repository)

    assert set(found.tracked_paths()) == set(ODD_NAMES)
    assert {change.path for change in found.changes(None, commit)} == set(ODD_NAMES)
    assert found.read_files(commit, ODD_NAMES) == dict.fromkeys(ODD_NAMES, b"text\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the file system must take any bytes")
def test_names_that_are_not_utf8_survive_as_surrogates(repository: RealRepository) -> None:
    """An old Latin-1 name is still a file that a decision can bind."""
    raw = b"caf\xe9.py"
    (repository.root / os.fsdecode(raw)).write_bytes(b"x = 1\n")
    commit = repository.commit()
    found = discover(repository)

    (name,) = found.tracked_paths()

    assert os.fsencode(name) == raw
    assert found.changes(None, commit) == [Change("added", name)]
    assert found.read_files(commit, [name]) == {name: b"x = 1\n"}


def test_files_are_read_as_they_were_at_a_commit(repository: RealRepository) -> None:
    """Folders, missing files and submodules are no files; content is no header."""
    tricky = "0000 blob 5\nx missing\n"
    old = repository.commit(**{"a/b.py": tricky, "c.py": ""})
    repository.commit(**{"a/b.py": "new"})

    read = discover(repository).read_files(old, ["a/b.py", "a", "gone", "c.py", "a/b.py"])

    assert read == {"a/b.py": tricky.encode(), "a": None, "gone": None, "c.py": b""}
    assert discover(repository).read_files(old, []) == {}


def test_a_broken_answer_is_an_error_and_not_an_empty_file() -> None:
    """Half an answer must not look like deleted code."""
    with pytest.raises(GitFailed, match="broke off"):
        list(parse_batch(b"", [b"HEAD:a"]))


def test_refs_resolve_to_full_ids_or_are_refused(repository: RealRepository) -> None:
    """A typing error is the caller's, and is told so."""
    commit = repository.commit(a="1")
    repository.git("tag", "--annotate", "-m", "x", "v1")
    found = discover(repository)

    assert found.resolve("v1") == found.resolve("HEAD") == found.resolve(commit[:8]) == commit
    assert found.has_commit(commit)
    assert not found.has_commit("f" * 40)
    for wrong in ("nothing", "HEAD~9", "f" * 40, repository.git("rev-parse", "HEAD:a"), "main@{9}"):
        with pytest.raises(InputRefused, match="names no commit"):
            found.resolve(wrong)


def test_a_range_is_read_as_git_reads_it(repository: RealRepository) -> None:
    """One ref is the change it made; the first commit starts at the empty tree."""
    first, second, third = (repository.commit(a=str(number)) for number in range(3))
    found = discover(repository)

    assert found.commit_range(f"{first}..HEAD") == CommitRange(first, third)
    assert found.commit_range("HEAD~1") == CommitRange(first, second)
    assert found.commit_range(first) == CommitRange(None, first)


def test_ancestry_is_answered_by_yes_or_no(repository: RealRepository) -> None:
    """Whether a commit is merged decides whether its verdicts count."""
    first = repository.commit(a="1")
    second = repository.commit(a="2")
    found = discover(repository)

    assert found.is_ancestor(first, "HEAD")
    assert not found.is_ancestor(second, first)
    with pytest.raises(GitFailed):
        found.is_ancestor("f" * 40, first)


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        (["develop", "trunk"], "trunk"),
        (["x", "master", "develop"], "master"),
        (["stable"], "stable"),
        (["x", "y"], "chosen"),
    ],
)
def test_the_main_branch_is_found_by_its_usual_names(
    repository: RealRepository, branches: list[str], expected: str
) -> None:
    """Only where no name tells does the person's own default."""
    repository.commit(a="1")
    repository.git("config", "init.defaultBranch", "chosen")
    repository.git("branch", "--move", "main", branches[0])
    for name in branches[1:]:
        repository.git("branch", name)

    assert discover(repository).main_branch() == expected


def test_without_any_branch_the_main_branch_is_called_main(repository: RealRepository) -> None:
    """An empty repository must not fail a tool call."""
    assert discover(repository).main_branch() == "main"


def test_what_origin_calls_its_head_is_the_main_branch(
    repository: RealRepository, tmp_path: Path
) -> None:
    """The remote's word goes before any name that happens to exist here."""
    commit = repository.commit(a="1")
    repository.git("branch", "--move", "main", "release")
    repository.git("clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    clone = RealRepository(tmp_path / "clone")
    clone.git("switch", "--quiet", "--create", "main")
    ahead = clone.commit(b="2")
    clone.git("branch", "--delete", "--force", "release")
    found = discover(clone)

    assert found.main_branch() == "release"
    assert found.is_on_main(commit)
    assert not found.is_on_main(ahead)
    assert not found.is_on_main("f" * 40)
    assert found.main_tips() == {commit}
    clone.git("remote", "set-head", "origin", "--delete")
    assert found.main_branch() == "main"


def test_a_shallow_clone_answers_for_what_it_has(
    repository: RealRepository, tmp_path: Path
) -> None:
    """Its oldest commit has a parent that was cut off; that is no error."""
    repository.commit(a="1")
    tip = repository.commit(b="2")
    repository.git(
        "clone", "--quiet", "--depth=1", f"file://{repository.root}", str(tmp_path / "s")
    )
    shallow = Repository.discover(tmp_path / "s", GIT_VARIABLES)

    assert shallow.is_shallow
    assert not discover(repository).is_shallow
    assert shallow.commit_range("HEAD") == CommitRange(None, tip)
    assert {change.path for change in shallow.changes(None, tip)} == {"a", "b"}
    assert shallow.is_on_main(tip)


def test_a_submodule_is_a_repository_of_its_own(
    make_repository: Callable[[], RealRepository],
) -> None:
    """Asked from inside it, the inner repository answers; the outer one sees no file there."""
    outer, inner = make_repository(), make_repository()
    commit = inner.commit(a="1")
    add = ("-c", "protocol.file.allow=always", "submodule", "add", "--quiet")
    outer.git(*add, str(inner.root), "lib")
    tip = outer.commit()
    found = Repository.discover(outer.root / "lib", GIT_VARIABLES)

    assert found.root == (outer.root / "lib").resolve()
    assert found.head() == commit
    assert found.tracked_paths() == ("a",)
    whole = discover(outer)
    assert Change("added", "lib") in whole.changes(None, tip)
    assert whole.read_files(tip, ["lib", "lib/a"]) == {"lib": None, "lib/a": None}


def test_an_empty_repository_answers_every_question(repository: RealRepository) -> None:
    """The first call in a new project must not be an error."""
    found = discover(repository)

    assert found.head() is None
    assert found.tracked_paths() == ()
    assert found.main_tips() == frozenset()
    assert not found.is_on_main("f" * 40)
    with pytest.raises(InputRefused):
        found.commit_range("HEAD")


def test_a_sha256_repository_works_alike(tmp_path: Path) -> None:
    """Longer ids have an empty tree of their own."""
    root = tmp_path / "long"
    real = RealRepository(root)
    real.git("init", "--quiet", "--object-format=sha256", "inner")
    inner = RealRepository(root / "inner")
    commit = inner.commit(a="1")
    found = discover(inner)

    assert len(commit) == 64
    assert found.changes(None, commit) == [Change("added", "a")]
    assert found.read_files(commit, ["a"]) == {"a": b"1"}


def test_a_conflicted_file_is_listed_once(repository: RealRepository) -> None:
    """The index holds it three times while the merge waits."""
    repository.commit(a="1")
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit(a="2")
    repository.git("switch", "--quiet", "main")
    repository.commit(a="3")
    with pytest.raises(subprocess.CalledProcessError):
        repository.git("merge", "--quiet", "side")

    assert discover(repository).tracked_paths() == ("a",)
