"""Where names occur: whole words in tracked files, whatever anybody has configured."""

from pathlib import Path

import pytest

from bicameral.grounding import occurrences as module
from bicameral.grounding.git import Git
from bicameral.grounding.occurrences import MOST_FILES_PER_NAME, occurrences
from tests.conftest import GIT_VARIABLES, Repository


def git_of(repository: Repository) -> Git:
    return Git(repository.root, GIT_VARIABLES)


def test_a_name_is_found_in_every_tracked_file_that_holds_it_as_a_word(
    repository: Repository,
) -> None:
    """Part of another word is another word."""
    repository.commit(
        **{
            "a.py": "def charge(): ...\n",
            "src/b.py": "x = charge() + charge()\n",
            "c.py": "recharge = charges = 1\n",
        }
    )
    repository.write("untracked.py", "charge\n")

    assert occurrences(git_of(repository), ["charge", "refund"]) == {"charge": ("a.py", "src/b.py")}


def test_what_is_in_the_work_tree_counts(repository: Repository) -> None:
    """Binding is to the code as it stands, committed or not."""
    repository.commit(**{"a.py": "x = 1\n"})
    repository.write("a.py", "def charge(): ...\n")

    assert occurrences(git_of(repository), ["charge"]) == {"charge": ("a.py",)}


@pytest.mark.parametrize(
    "setting", ["grep.lineNumber", "grep.column", "grep.fullName", "grep.fallbackToNoIndex"]
)
def test_a_persons_settings_change_nothing(repository: Repository, setting: str) -> None:
    """Numbers and colours in the answer would be taken for the name."""
    repository.commit(**{"a.py": "def charge(): ...\n"})
    for name, value in ((setting, "true"), ("color.grep", "always"), ("color.ui", "always")):
        repository.git("config", name, value)

    assert occurrences(git_of(repository), ["charge"]) == {"charge": ("a.py",)}


def test_a_name_in_too_many_files_names_nothing(repository: Repository) -> None:
    """`get` is everywhere; the limit is the caller's to move."""
    for number in range(MOST_FILES_PER_NAME + 1):
        repository.write(f"{number}.py", "get\n" + ("put\n" if number else ""))
    repository.commit()
    git = git_of(repository)

    assert set(occurrences(git, ["get", "put"])) == {"put"}
    assert set(occurrences(git, ["get"], most_files=MOST_FILES_PER_NAME + 1)) == {"get"}


def test_names_that_are_no_words_of_code_are_not_asked_for(repository: Repository) -> None:
    """An empty one would match every line, and a broken one would be two."""
    repository.commit(**{"a.py": "x = 1\n\n"})

    for names in ([""], [" "], ["a\nb", "größe"], []):
        assert occurrences(git_of(repository), names) == {}


def test_names_that_look_like_options_or_patterns_are_only_names(repository: Repository) -> None:
    """They come from documents that anybody may have written."""
    repository.commit(**{"a.py": "x = '--open-files-in-pager=sh' # a.c abc $(id)\n"})
    names = ["--open-files-in-pager=sh", "-e", "a.c", ".*", "$(id)"]

    found = occurrences(git_of(repository), names)

    assert set(found) <= {"--open-files-in-pager=sh", "a.c", "$(id)"}
    assert found["a.c"] == ("a.py",)


def test_more_names_than_fit_one_question_are_all_found(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large folder of records names thousands; none is dropped in silence."""
    names = [f"name_{number}" for number in range(25)]
    repository.commit(**{"a.py": "\n".join(names)})
    monkeypatch.setattr(module, "MOST_NAMES_AT_ONCE", 10)

    assert set(occurrences(git_of(repository), names)) == set(names)


def test_binary_files_and_odd_names_hinder_nothing(repository: Repository) -> None:
    """A file's name need be neither UTF-8 nor one line."""
    odd = repository.root / b"gr\xf6\xdfe.py".decode("utf-8", "surrogateescape")
    odd.write_text("charge\n", encoding="utf-8")
    repository.write("two\nlines.py", "charge\n")
    Path(repository.root / "binary.dat").write_bytes(b"\0charge\n")
    repository.commit(**{"a.py": "charge\n"})

    found = occurrences(git_of(repository), ["charge"])["charge"]

    assert {"a.py", odd.name} <= set(found)
    assert "binary.dat" not in found
