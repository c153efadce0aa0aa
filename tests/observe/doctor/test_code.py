"""Git, the repository and parsers: what is missing is named, with its mend."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.grounding.language_table import LANGUAGES
from bicameral.grounding.languages.python import PYTHON
from bicameral.observe.doctor.code import SAMPLES, judge_parsers, unreadable
from bicameral.observe.doctor.path_guard import INSIDE, OUTSIDE, try_guard
from tests.cli.parts import Person
from tests.observe.doctor.parts import examine, is_named


def test_a_machine_without_git_is_named(person: Person, tmp_path: Path) -> None:
    """What needs a repository is skipped then, and says that it was not checked."""
    without = person.elsewhere(person.home, PATH=str(tmp_path))
    assert is_named(examine(without, "git"), "git does not answer", "install git")
    for check in ("work-tree", "telemetry-off", "tracing"):
        assert examine(without, check)["status"] == "SKIP", check


def test_a_folder_outside_of_any_repository_is_skipped(person: Person, tmp_path: Path) -> None:
    """The command may be run anywhere."""
    (tmp_path / "outside").mkdir()
    ended = person.run_here(
        "doctor", "--json", "--only", "repository", "--repo", str(tmp_path / "outside")
    )
    [result] = ended.answer()["results"]
    assert (ended.status, result["status"]) == (0, "SKIP")
    assert "--repo PATH" in result["mend"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_that_git_refuses_is_named(person: Person) -> None:
    """With the command that git itself advises."""
    for path in [person.repository.root, *person.repository.root.rglob("*")]:
        os.chown(path, 12_345, 12_345)
    result = examine(person, "repository")
    assert is_named(result, "another user owns it", "safe.directory")


def test_a_home_in_the_repository_is_named(person: Person) -> None:
    """It would be committed, with everything captured."""
    inside = person.elsewhere(person.repository.root / ".bicameral")
    assert is_named(examine(inside, "repository"), "lies in the repository under work")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.name)
def test_every_language_has_a_sample_that_is_read(language: object) -> None:
    """A grammar that is found and does not work is no parser."""
    assert any(language is each and unreadable(each) == "" for each in LANGUAGES)
    assert set(SAMPLES) == {each.name for each in LANGUAGES}


def test_a_parser_that_is_missing_is_named() -> None:
    """Asked of a language whose grammar cannot be imported, and of one that finds nothing."""
    absent = replace(PYTHON, module="no_such_grammar")
    blind = replace(PYTHON, symbols={"while_statement": "function"})
    for broken, words in ((absent, "no usable grammar"), (blind, "it finds []")):
        why = _unreadable_in_place(broken)
        assert is_named(judge_parsers([(broken, why)]), words, "uv tool install --force")


def _unreadable_in_place(language: object) -> str:
    """Ask for a row of the table with another one in its place."""
    from bicameral.grounding import language_table

    suffixes = language_table._BY_SUFFIX
    kept = dict(suffixes)
    suffixes.update(dict.fromkeys(PYTHON.suffixes, language))  # type: ignore[arg-type]
    try:
        return unreadable(language)  # type: ignore[arg-type]
    finally:
        suffixes.update(kept)


def test_a_language_of_an_extra_may_be_absent() -> None:
    """It is said, and no fault."""
    extra = replace(PYTHON, extra="languages")
    finding = judge_parsers([(PYTHON, ""), (extra, "install bicameral-preflight[languages]")])
    assert finding.status == "PASS"
    assert "install bicameral-preflight[languages]" in finding.evidence


def lax(path: str, root: Path, cwd: Path) -> str:
    """Do what a first attempt at a guard does."""
    return os.path.normpath(path.replace("\\", "/"))


def test_a_guard_that_lets_paths_out_is_named() -> None:
    """With every spelling that it passed."""
    assert is_named(try_guard(lax), *(f"passed: {each}" for each in OUTSIDE))


def test_a_guard_that_stops_what_is_inside_is_named() -> None:
    """Nobody could bind anything."""

    def strict(path: str, root: Path, cwd: Path) -> str:
        from bicameral.grounding.paths import normalise

        return normalise("../refused" if path in INSIDE else path, root, cwd)

    assert is_named(try_guard(strict), *(f"{each} became None" for each in INSIDE))


def test_a_language_server_that_is_not_where_it_is_named_is_named(person: Person) -> None:
    """A selector would fall back to the text, and say so only then."""
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text('[lsp]\ngo = ["/gone/gopls"]\n')
    result = examine(person, "language-servers")
    assert is_named(result, "a server for go that cannot be started", "[lsp] in config.toml")
    (person.home / "config.toml").write_text("[lsp]\ngo = 1\n")
    assert is_named(examine(person, "language-servers"), "is not a list of words")


def test_a_language_server_that_is_found_is_shown_and_not_started(
    person: Person, tmp_path: Path
) -> None:
    """Only a selector that needs it starts it."""
    program = tmp_path / "servers" / "gopls"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text(f'[lsp]\ngo = ["{program}"]\n')
    result = examine(person, "language-servers")
    assert result["status"] == "PASS"
    assert f"go: {program}" in result["evidence"]
    assert not (tmp_path / "started").exists()
