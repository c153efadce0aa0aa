"""Which program is started: one of the person's, and never one of the repository under work."""

import os
import sys
from pathlib import Path

import pytest

from bicameral.grounding.lsp.programs import Places, Program, program_for
from bicameral.grounding.lsp.servers import LANGUAGES, SERVERS
from bicameral.grounding.lsp.settings import Settings


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o700)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


def places(root: Path, *folders: Path | str) -> Places:
    return Places(root, root.parent / "own", os.pathsep.join(map(str, folders)))


def named(**commands: tuple[str, ...]) -> Settings:
    return Settings(commands)


def test_a_safe_server_is_found_on_the_path(root: Path, tmp_path: Path) -> None:
    """Installed is enough."""
    program = make_program(tmp_path / "bin" / "ty")

    found = program_for("python", Settings(), places(root, "/nowhere", tmp_path / "bin"))

    assert found == Program("ty", (str(program), "server"))


def test_one_beside_this_python_goes_first(root: Path, tmp_path: Path) -> None:
    """That is where the extra puts it."""
    make_program(tmp_path / "bin" / "ty")
    own = make_program(tmp_path / "own" / "ty")

    found = program_for("python", Settings(), places(root, tmp_path / "bin"))

    assert found == Program("ty", (str(own), "server"))
    assert Places.of(root, {}).own == Path(sys.executable).parent


@pytest.mark.parametrize("server", [each for each in SERVERS if not each.is_safe])
def test_a_server_that_may_run_what_a_repository_names_waits_to_be_named(
    root: Path, tmp_path: Path, server: object
) -> None:
    """A build script, a plugin or an interpreter of the repository is a program of its author."""
    row = next(each for each in SERVERS if each is server)
    program = make_program(tmp_path / "bin" / row.command[0])
    looked_for = places(root, tmp_path / "bin")
    language = row.languages[0]

    unasked = program_for(language, Settings(), looked_for)

    assert isinstance(unasked, str)
    assert "under [lsp] in config.toml" in unasked
    command = (str(program), *row.command[1:])
    assert program_for(language, named(**{language: row.command}), looked_for) == (
        Program(row.name, command)
    )
    assert program_for(language, Settings(any_found=True), looked_for) == (
        Program(row.name, command)
    )


def hostile_paths(root: Path, tmp_path: Path) -> list[Path | str]:
    """Return folders of a PATH that lead to programs of the repository."""
    make_program(root / "bin" / "ty")
    (tmp_path / "leads-in").symlink_to(root / "bin")
    (tmp_path / "holds-link").mkdir()
    (tmp_path / "holds-link" / "ty").symlink_to(root / "bin" / "ty")
    outside = make_program(tmp_path / "outside" / "ty")
    (root / "leads-out").mkdir()
    (root / "leads-out" / "ty").symlink_to(outside)
    return [
        root / "bin",
        tmp_path / "leads-in",
        tmp_path / "holds-link",
        root / "leads-out",
        f"{tmp_path}/outside/../repository/bin",
        "bin",
        ".",
        "",
    ]


def test_no_program_of_the_repository_is_ever_started(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the PATH, through links both ways, relative to where one stands, or by the settings."""
    folders = hostile_paths(root, tmp_path)
    monkeypatch.chdir(root)

    for folder in folders:
        found = program_for("python", Settings(), places(root, folder))
        assert found == "no language server for python is installed", folder
        asked = program_for("python", named(python=("ty", "server")), places(root, folder))
        assert isinstance(asked, str), folder
    for path in (root / "bin" / "ty", tmp_path / "leads-in" / "ty", "bin/ty", "./bin/ty"):
        asked = program_for("python", named(python=(str(path), "server")), places(root))
        assert isinstance(asked, str), path
        assert "cannot be started from there" in asked


def test_a_configured_program_is_found_by_name_or_place(root: Path, tmp_path: Path) -> None:
    """A name of ours, or any program of the person's own."""
    program = make_program(tmp_path / "bin" / "my-server")
    looked_for = places(root, tmp_path / "bin")

    for word in ("my-server", str(program)):
        found = program_for("kotlin", named(kotlin=(word, "--stdio")), looked_for)
        assert found == Program("my-server", (str(program), "--stdio"), is_known=False)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_language_that_is_switched_off_has_no_server(
    root: Path, tmp_path: Path, language: str
) -> None:
    """Also where one is installed, and any may start."""
    for server in SERVERS:
        make_program(tmp_path / "bin" / server.command[0])
    settings = Settings({language: ()}, any_found=True)

    found = program_for(language, settings, places(root, tmp_path / "bin"))

    assert found == f"language servers for {language} are switched off in config.toml"


def test_what_is_no_program_is_not_started(root: Path, tmp_path: Path) -> None:
    """A folder, a text, a name that is not there."""
    (tmp_path / "bin" / "ty").mkdir(parents=True)
    (tmp_path / "notes").write_text("ty", encoding="utf-8")

    for word in ("ty", str(tmp_path / "bin" / "ty"), str(tmp_path / "notes"), "none"):
        found = program_for("python", named(python=(word,)), places(root, tmp_path / "bin"))
        assert isinstance(found, str)
