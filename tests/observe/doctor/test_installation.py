"""Python, command, clients and plugin: what is wrong with them is named, with its mend."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import server
from bicameral.cli.doctor_around import read_clients
from bicameral.cli.execution import Work
from bicameral.cli.hook import HOOKS
from bicameral.cli.setup.handshake import try_command
from bicameral.environment import Environment
from bicameral.errors import SettingsRefused
from bicameral.observe.doctor.installation import judge_command, judge_python
from bicameral.observe.doctor.plugin import troubles_of
from bicameral.observe.doctor.surroundings import Start
from tests.cli.parts import Person
from tests.conftest import Repository
from tests.observe.doctor.parts import SCRIPTS, around, examine, find, is_named

ROOT = Path(__file__).parent.parent.parent.parent
PLUGIN_PARTS = (".claude-plugin", ".mcp.json", "bin", "hooks", "skills")


def test_an_old_python_is_named() -> None:
    """It cannot be the one that runs the tests."""
    finding = judge_python((3, 10, 4), "/usr/bin/python3", ["mcp"], [])
    assert is_named(finding, "older than 3.11", "Python 3.10.4 at /usr/bin/python3", "uv tool")


def test_a_python_that_lacks_a_package_is_named(person: Person, tmp_path: Path) -> None:
    """Asked of a real process whose installation wants a package that is nowhere."""
    metadata = tmp_path / "site" / "bicameral_preflight-99.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    wanted = 'Requires-Dist: no-such-package>=1\nRequires-Dist: absent; extra == "dev"\n'
    metadata.write_text(f"Metadata-Version: 2.4\nName: bicameral-preflight\nVersion: 99\n{wanted}")
    ended = person.run(
        "doctor", "--json", "--only", "python", variables={"PYTHONPATH": str(tmp_path / "site")}
    )
    assert ended.status == 1
    assert is_named(ended.answer()["results"][0], "not installed there: no-such-package")
    assert "absent" not in ended.out


def test_a_python_that_this_is_not_installed_in_is_named() -> None:
    """It runs from a folder by accident, and clients will not find it."""
    assert is_named(judge_python((3, 12, 1), "/p", [], []), "is not installed in the Python")


def test_a_command_that_does_not_start_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Asked of a real process that ends at once, as after an upgrade of Python."""

    def start() -> Start:
        words = ["sh", "-c", "echo no module named server >&2; exit 3"]
        tried = try_command(environment, words, {}, cwd=repository.root)
        return Start("bicameral-mcp", tried.tools, tried.milliseconds, tried.problem)

    result = find(around(environment, repository.root, start_server=start), "command")
    assert is_named(result, "does not start", "no module named server", "uv tool install --force")


def test_a_command_that_is_not_there_is_named(
    environment: Environment, repository: Repository
) -> None:
    """A clone that is run without being installed has none."""

    def refuse() -> Start:
        raise SettingsRefused("it is not installed", next_step="install it")

    assert is_named(
        find(around(environment, repository.root, start_server=refuse), "command"), "not installed"
    )


def test_the_command_is_started_apart_from_what_the_person_has(person: Person) -> None:
    """Neither their home nor their ledger is for a server that only has to show that it starts."""
    own = person.elsewhere(
        person.home, BICAMERAL_TELEMETRY="raw", BICAMERAL_LEDGER_URL="sqlite:////nowhere/x"
    )
    result = examine(own, "command")
    assert result["status"] == "PASS"
    assert result["details"]["tools"] == 10
    assert not person.home.exists()


def test_the_path_is_evidence_of_the_command() -> None:
    """A person who types the name may get another one."""
    start = Start("/a/bicameral-mcp", 10, 5)
    assert "the PATH finds no bicameral-mcp" in judge_command(start, None).evidence
    assert "the PATH finds /b/bicameral-mcp" in judge_command(start, "/b/bicameral-mcp").evidence


def write_entry(person: Person, command: str, **variables: str) -> Path:
    entry = {"type": "stdio", "command": command, "args": [], "env": variables}
    text = json.dumps({"mcpServers": {"bicameral": entry}})
    return person.repository.write(".mcp.json", text)


def script(path: Path, first_line: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first_line}\nexit 0\n")
    path.chmod(0o755)
    return path


def test_the_file_of_a_plugin_is_no_set_up_of_this_machine(person: Person) -> None:
    """As in a clone of this project: the mend would write over what the plugin ships."""
    shutil.copy(ROOT / ".mcp.json", person.repository.root / ".mcp.json")
    result = examine(person, "clients")
    assert result["status"] == "SKIP"
    assert "a plugin's own are not looked at" in result["reason"]
    for check in ("homes", "capture"):
        assert ".mcp.json" not in str(examine(person, check))


def test_a_client_that_can_start_it_passes(person: Person) -> None:
    """By its name on the PATH, and by its full path."""
    for command in ("bicameral-mcp", str(SCRIPTS / "bicameral-mcp")):
        file = write_entry(person, command)
        result = examine(person, "clients")
        assert result["status"] == "PASS", result
        assert f"({file})" in result["evidence"][0]


def test_a_name_in_a_desktop_clients_settings_is_seen(person: Person) -> None:
    """It is found from here; whether it is from there, nobody can tell from here."""
    text = json.dumps({"mcpServers": {"bicameral": {"command": "bicameral-mcp"}}})
    person.repository.write(".cursor/mcp.json", text)
    result = examine(person, "clients")
    assert result["status"] == "PASS"
    assert "started from the desktop, it may not find a name" in result["evidence"][0]


def test_a_command_that_is_not_on_the_clients_path_is_named(person: Person) -> None:
    """With the client, the file and the command that mends it."""
    file = write_entry(person, "/gone/bicameral-mcp")
    result = examine(person, "clients")
    assert is_named(
        result, f"Claude Code is to start /gone/bicameral-mcp, which is not there ({file})"
    )
    assert result["mend"] == "bicameral-mcp setup claude-code --replace --write"


def test_a_name_that_the_path_does_not_find_is_named(person: Person) -> None:
    """Found only in a shell whose environment is activated."""
    write_entry(person, "bicameral-mcp", PATH="/usr/bin:/bin")
    assert is_named(examine(person, "clients"), "is to start bicameral-mcp, which is not there")


@pytest.mark.parametrize(
    "first_line",
    ["#!/gone/venv/bin/python3", "#!/bin/sh\n'''exec' /gone/venv/bin/python3 \"$0\" \"$@\""],
)
def test_a_script_whose_python_is_gone_is_named(
    person: Person, tmp_path: Path, first_line: str
) -> None:
    """After an upgrade of Python the script is there and cannot be started."""
    write_entry(person, str(script(tmp_path / "old" / "bicameral-mcp", first_line)))
    assert is_named(examine(person, "clients"), "whose Python /gone/venv/bin/python3 is gone")


def test_a_name_that_leads_to_another_installation_is_named(person: Person, tmp_path: Path) -> None:
    """Else one installation is mended and another one is used."""
    other = script(tmp_path / "other" / "bicameral-mcp", "#!/bin/sh")
    write_entry(person, "bicameral-mcp", PATH=f"{other.parent}:{SCRIPTS}")
    assert is_named(examine(person, "clients"), f"Claude Code starts {other} by its name")


def test_settings_that_cannot_be_read_are_named(person: Person) -> None:
    """The client cannot read them either."""
    person.repository.write(".mcp.json", '{"mcpServers": ')
    result = examine(person, "clients")
    assert is_named(result, "cannot be read: Claude Code")


def test_what_a_repository_names_is_never_run(person: Person, tmp_path: Path) -> None:
    """Settings come with a clone, and may name anything."""
    trap = tmp_path / "trap" / "bicameral-mcp"
    script(trap, f"#!/bin/sh\ntouch {tmp_path}/sprung")
    write_entry(person, str(trap))
    person.run_here("doctor")
    assert not (tmp_path / "sprung").exists()


def test_clients_are_read_from_all_their_places(person: Person, you: Path) -> None:
    """Those of the repository and those of the person, each with its variables."""
    write_entry(person, "bicameral-mcp", BICAMERAL_TELEMETRY="raw")
    (you / ".codex").mkdir()
    (you / ".codex" / "config.toml").write_text(
        '[mcp_servers.bicameral]\ncommand = "bicameral-mcp"\n'
    )
    start = person.repository.root
    work = Work(person.environment, server.Desk, start=start, as_json=True)
    clients = read_clients(work)
    assert clients.found[-1] == "Codex"
    assert [(each.client, dict(each.variables), each.passes_shell) for each in clients.entries] == [
        ("Claude Code", {"BICAMERAL_TELEMETRY": "raw"}, True),
        ("Codex", {}, False),
    ]


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A copy of the plugin as it is installed."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    for part in PLUGIN_PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    return folder


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def without(name: str) -> Callable[[Path], None]:
    def remove(folder: Path) -> None:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return remove


FAULTS = {
    "no manifest": (without(".claude-plugin/plugin.json"), "plugin.json: it is not there"),
    "torn": (edit(".claude-plugin/plugin.json", "}", ""), "plugin.json: it is no JSON"),
    "a list": (edit(".mcp.json", "{", "[1] //"), ".mcp.json: it is no JSON"),
    "version": (
        edit(".claude-plugin/marketplace.json", '"version": "', '"version": "9'),
        "version 9",
    ),
    "no skills": (without("skills"), "skills: none is there"),
    "no launcher": (without("bin/bicameral-mcp"), "bin/bicameral-mcp is not there"),
    "may not run": (lambda folder: (folder / "bin/bicameral-mcp").chmod(0o644), "may not be run"),
    "unknown hook": (edit("hooks/hooks.json", "before-edit", "befor-edit"), "no hook is called"),
    "hook not called": (
        edit("hooks/hooks.json", "after-edit", "before-edit"),
        "nothing calls after",
    ),
    "starts nothing": (edit(".mcp.json", "${CLAUDE_PLUGIN_ROOT}", "."), "starts nothing of this"),
    "skill's name": (
        edit("skills/bicameral-triage/SKILL.md", "name: bicameral", "name: x"),
        "its head does not name it",
    ),
    "no description": (
        edit("skills/bicameral-triage/SKILL.md", "description: ", "describes: "),
        "its head has no description",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_plugins_files_is_named(
    environment: Environment, repository: Repository, plugin: Path, fault: str
) -> None:
    """A client says nothing of a hook that it cannot find."""
    change, words = FAULTS[fault]
    assert list(troubles_of(plugin, tuple(HOOKS))) == []
    change(plugin)
    result = find(around(environment, repository.root, plugin_folder=lambda: plugin), "plugin")
    assert is_named(result, words)


def test_an_installation_without_its_plugin_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Setup would name a folder that is not there."""
    result = find(around(environment, repository.root, plugin_folder=lambda: None), "plugin")
    assert is_named(result, "came without its plugin")


def test_this_python_is_the_one_that_is_looked_at(person: Person) -> None:
    """The evidence names it."""
    assert sys.executable in examine(person, "python")["evidence"][0]
