"""Where names occur: whole words, one in the work tree or thousands in a commit."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bicameral.grounding import occurrences as module
from bicameral.grounding.git import Git
from bicameral.grounding.occurrences import MOST_FILES_PER_NAME, files_with, occurrences
from bicameral.grounding.repository import Repository as Found
from tests.conftest import GIT_VARIABLES, Repository


def holding(repository: Repository, name: str, *, most_files: int = 20) -> tuple[str, ...]:
    return files_with(Git(repository.root, GIT_VARIABLES), name, most_files=most_files)


def found_in(repository: Repository, *names: str) -> Mapping[str, tuple[str, ...]]:
    return occurrences(Found.discover(repository.root, GIT_VARIABLES), "HEAD", names)


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

    assert holding(repository, "charge") == ("a.py", "src/b.py")
    assert found_in(repository, "charge", "refund") == {"charge": ("a.py", "src/b.py")}


def test_one_name_is_looked_for_in_the_work_tree_and_many_in_the_commit(
    repository: Repository,
) -> None:
    """A person binds to code as it stands; what is inferred is bound as it is committed."""
    repository.commit(**{"a.py": "def refund(): ...\n"})
    repository.write("a.py", "def charge(): ...\n")

    assert holding(repository, "charge") == ("a.py",)
    assert found_in(repository, "charge", "refund") == {"refund": ("a.py",)}


@pytest.mark.parametrize(
    "setting", ["grep.lineNumber", "grep.column", "grep.fullName", "grep.fallbackToNoIndex"]
)
def test_a_persons_settings_change_nothing(repository: Repository, setting: str) -> None:
    """Numbers and colours in the answer would be taken for the path."""
    repository.commit(**{"a.py": "def charge(): ...\n"})
    for name, value in ((setting, "true"), ("color.grep", "always"), ("color.ui", "always")):
        repository.git("config", name, value)

    assert holding(repository, "charge") == ("a.py",)


def test_a_name_in_too_many_files_names_nothing(repository: Repository) -> None:
    """`get` is everywhere."""
    for number in range(MOST_FILES_PER_NAME + 1):
        repository.write(f"{number}.py", "get\n" + ("put\n" if number else ""))
    repository.commit()

    assert set(found_in(repository, "get", "put")) == {"put"}
    assert holding(repository, "get", most_files=MOST_FILES_PER_NAME) == ()
    assert len(holding(repository, "get", most_files=MOST_FILES_PER_NAME + 1)) == 21


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\udc80"])
def test_names_that_are_no_words_of_code_are_in_no_file(repository: Repository, name: str) -> None:
    """An empty one would match every line, and a broken one would be two."""
    repository.commit(**{"a.py": "x = 1\n\n"})

    assert holding(repository, name) == ()
    assert found_in(repository, name) == {}
    assert found_in(repository) == {}


def test_a_name_with_letters_of_any_language_is_found_in_a_commit(repository: Repository) -> None:
    """Not every language keeps to ASCII."""
    repository.commit(**{"a.py": "größe = 1\n", "b.py": "gr = 1\n"})

    assert found_in(repository, "größe") == {"größe": ("a.py",)}


def test_names_that_look_like_options_or_patterns_are_only_names(repository: Repository) -> None:
    """They come from documents that anybody may have written."""
    repository.commit(**{"a.py": "x = '--open-files-in-pager=sh' # a.c abc $(id)\n"})
    names = ["--open-files-in-pager=sh", "-e", "a.c", ".*", "$(id)"]

    assert holding(repository, "a.c") == ("a.py",)
    assert {name for name in names if holding(repository, name)} <= {names[0], "a.c", "$(id)"}
    assert ".*" not in found_in(repository, *names)


def test_a_name_that_is_no_word_is_looked_for_by_its_longest_one(repository: Repository) -> None:
    """`save!` and `operator==` are names too; whoever asked looks closer."""
    repository.commit(**{"a.rb": "def save!\nend\n", "b.cpp": "bool operator==(A a);\n"})

    assert found_in(repository, "save!", "operator==") == {
        "save!": ("a.rb",),
        "operator==": ("b.cpp",),
    }


def test_however_many_names_and_files_there_are_all_are_found(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large folder of records names thousands, and code is read a part at a time."""
    monkeypatch.setattr(module, "MOST_FILES_AT_ONCE", 10)
    names = [f"name_{number}" for number in range(3_000)]
    repository.commit(
        **{f"{number}.py": "\n".join(names[number::25]) + "\n" for number in range(25)}
    )

    assert set(found_in(repository, *names)) == set(names)


def test_documents_binary_files_and_odd_names_hinder_nothing(repository: Repository) -> None:
    """A file's name need be neither UTF-8 nor one line."""
    odd = repository.root / b"gr\xf6\xdfe.py".decode("utf-8", "surrogateescape")
    odd.write_text("charge\n", encoding="utf-8")
    repository.write("two\nlines.py", "charge\n")
    Path(repository.root / "binary.dat").write_bytes(b"\0charge\n")
    repository.commit(**{"a.py": "charge\n", "a.md": "charge\n"})

    assert {"a.py", "a.md", odd.name} <= set(holding(repository, "charge"))
    assert "binary.dat" not in holding(repository, "charge")
    assert {"a.py", odd.name} <= set(found_in(repository, "charge")["charge"])
    assert "a.md" not in found_in(repository, "charge")["charge"]
