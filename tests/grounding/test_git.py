"""Running git: what it may not do, what it is not told, and what its refusals become."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.errors import GitFailed, NotARepository
from bicameral.grounding.git import Git, safe_variables
from bicameral.grounding.repository import Repository
from tests.conftest import GIT_VARIABLES
from tests.conftest import Repository as RealRepository


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_programs_that_a_hostile_repository_names_are_never_run(
    repository: RealRepository, tmp_path: Path
) -> None:
    """Asking about a cloned repository must not run what its configuration says."""
    marker = tmp_path / "ran"
    program = str(script(tmp_path / "program", f"touch {marker}; cat"))
    old = repository.commit(**{".gitattributes": "*.txt diff=evil filter=evil\n", "a.txt": "1\n"})
    new = repository.commit(**{"a.txt": "2\n"})
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.editor", "core.askPass"):
        repository.git("config", key, program)
    repository.git("config", "diff.evil.textconv", program)
    repository.git("config", "diff.evil.command", program)
    repository.git("config", "filter.evil.clean", program)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        script(hooks / name, f"touch {marker}")
    repository.git("config", "core.hooksPath", str(hooks))
    marker.unlink(missing_ok=True)

    found = Repository.discover(repository.root, GIT_VARIABLES)
    found.changes(old, new)
    found.read_files(new, ["a.txt"])
    found.tracked_paths()
    found.identity_keys()
    found.is_on_main(new)

    assert not marker.exists()


def test_variables_that_point_git_elsewhere_are_not_passed_on(
    make_repository: Callable[[], RealRepository],
) -> None:
    """Run from a git hook, the hook's repository is not the one that is asked about."""
    here, elsewhere = make_repository(), make_repository()
    wanted = here.commit(a="1")
    elsewhere.commit(b="2")
    variables = GIT_VARIABLES | {
        "GIT_DIR": str(elsewhere.root / ".git"),
        "GIT_WORK_TREE": str(elsewhere.root),
        "GIT_INDEX_FILE": str(elsewhere.root / ".git/index"),
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
    }

    found = Repository.discover(here.root, variables)

    assert found.head() == wanted
    assert found.tracked_paths() == ("a",)


def test_only_harmless_git_variables_are_kept() -> None:
    """What is unknown today may point git elsewhere tomorrow, so the list is of the kept."""
    kept = safe_variables({"PATH": "/bin", "GIT_TRACE": "1", "GIT_CEILING_DIRECTORIES": "/x"})

    assert kept["PATH"] == "/bin"
    assert kept["GIT_CEILING_DIRECTORIES"] == "/x"
    assert "GIT_TRACE" not in kept
    assert kept["GIT_OPTIONAL_LOCKS"] == "0"
    assert kept["GIT_TERMINAL_PROMPT"] == "0"
    assert kept["LC_ALL"] == "C"


def test_outside_of_a_repository_the_error_says_what_to_do(tmp_path: Path) -> None:
    """The commonest mistake needs the plainest words."""
    variables = GIT_VARIABLES | {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}

    with pytest.raises(NotARepository, match="not inside a git repository") as caught:
        Repository.discover(tmp_path, variables)

    assert "git init" in caught.value.next_step


@pytest.mark.parametrize("inside", ["", "refs"])
def test_a_bare_repository_is_refused_in_clear_words(tmp_path: Path, inside: str) -> None:
    """It has history but no files to ground a decision in."""
    Git(tmp_path, GIT_VARIABLES).ask("init", "--quiet", "--bare", "bare.git")

    with pytest.raises(NotARepository, match="bare repository or git's own folder"):
        Repository.discover(tmp_path / "bare.git" / inside, GIT_VARIABLES)


def test_a_folder_that_does_not_exist_is_not_a_repository(tmp_path: Path) -> None:
    """A missing folder must not read as a missing git."""
    with pytest.raises(NotARepository, match="not a folder"):
        Repository.discover(tmp_path / "gone" / "file.py", GIT_VARIABLES)


def test_git_that_is_not_installed_is_named_as_such(repository: RealRepository) -> None:
    """The person can only mend what the message names."""
    with pytest.raises(GitFailed, match="could not be started") as caught:
        Repository.discover(repository.root, {"PATH": "/nowhere"})

    assert "install git" in caught.value.next_step


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """A tool call may fail, but it may not hang."""
    fake = tmp_path / "bin"
    fake.mkdir()
    # `exec` leaves no child behind that would keep the pipe open.
    script(fake / "git", "exec sleep 60")
    slow = Git(tmp_path, {"PATH": f"{fake}:{os.environ['PATH']}"}, timeout_seconds=0.2)

    with pytest.raises(GitFailed, match=r"took longer than 0\.2 s"):
        slow.ask("status")


def test_an_unexpected_status_is_an_error_with_gits_own_words(repository: RealRepository) -> None:
    """What git said is the best clue there is."""
    with pytest.raises(GitFailed, match=r"`git cat-file` failed with status 128: fatal: .*nothing"):
        Git(repository.root, GIT_VARIABLES).ask("cat-file", "-p", "nothing")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_refused_with_gits_own_advice(
    repository: RealRepository,
) -> None:
    """Git's guard is kept, and its cure passed on word for word."""
    os.chown(repository.root, 12345, 12345)
    os.chown(repository.root / ".git", 12345, 12345)

    with pytest.raises(GitFailed, match="another user owns it") as caught:
        Repository.discover(repository.root, GIT_VARIABLES)

    assert f"git config --global --add safe.directory {repository.root}" in caught.value.next_step


def test_a_partial_clone_fetches_nothing_behind_ones_back(
    repository: RealRepository, tmp_path: Path
) -> None:
    """Reading the past must not open a connection: what is missing is an error."""
    first = repository.commit(a="1")
    repository.commit(a="2")
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("clone", "--quiet", "--filter=blob:none", f"file://{repository.root}", "../part")
    partial = Repository.discover(tmp_path / "part", GIT_VARIABLES)

    with pytest.raises(GitFailed):
        partial.read_files(first, ["a"])


def test_every_question_is_one_process(repository: RealRepository, tmp_path: Path) -> None:
    """A process per file is what made answers slow."""
    paths = [f"file{number}.py" for number in range(60)]
    first = repository.commit(**dict.fromkeys(paths, "x = 1\n"))
    second = repository.commit(**dict.fromkeys(paths, "x = 2\n"))
    log, bin_folder = tmp_path / "log", tmp_path / "bin"
    bin_folder.mkdir()
    script(bin_folder / "git", f'echo x >> {log}\nexec {shutil.which("git")} "$@"')
    variables = GIT_VARIABLES | {"PATH": f"{bin_folder}:{GIT_VARIABLES['PATH']}"}
    found = Repository.discover(repository.root, variables)
    counts = []
    for ask in (
        lambda: found.read_files(second, paths),
        lambda: found.changes(first, second),
        found.tracked_paths,
    ):
        log.unlink()
        ask()
        counts.append(log.read_text(encoding="utf-8").count("x"))
        log.touch()

    assert counts == [1, 1, 1]
