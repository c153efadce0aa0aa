"""The plugin's launcher finds the command wherever it is, and says so where it is not."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bicameral import __version__
from bicameral.capture.hook_failures import HOOK_FAILURES_FILE, read_hook_failures
from bicameral.environment import data_home
from tests.conftest import Repository
from tests.plugin.recorded import recorded

ROOT = Path(__file__).parent.parent.parent
COMMAND = Path(sys.executable).with_name("bicameral-mcp")
BOUND_SECONDS = 300
SHELLS = [each for each in ("dash", "bash", "busybox") if shutil.which(each)]
SAYS = '#!/bin/sh\necho "{who}:$#:$*"\n'

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the launcher is a POSIX script")


@dataclass(frozen=True, slots=True)
class Ended:
    """How the launcher ended."""

    status: int
    out: str
    err: str


class Plugin:
    """An installed plugin in a folder with blanks in its name, run by a given shell."""

    def __init__(self, folder: Path, shell: str) -> None:
        self.root = folder / "the plugin's folder"
        self.home = folder / "data home"
        self.shell = [str(shutil.which(shell)), *(["sh"] if shell == "busybox" else [])]
        shutil.copytree(ROOT / "bin", self.root / "bin")

    @property
    def launcher(self) -> Path:
        return self.root / "bin" / "bicameral-mcp"

    def run(
        self,
        *words: str,
        path: str = "",
        sent: bytes = b"",
        variables: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        """Run the launcher with nothing set but what is given."""
        given = {"PATH": path, "BICAMERAL_HOME": str(self.home), **(variables or {})}
        done = subprocess.run(
            [*self.shell, str(self.launcher), *words],
            cwd=cwd or self.root,
            env=given,
            input=sent,
            capture_output=True,
            timeout=BOUND_SECONDS,
            check=False,
            umask=0,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def reasons(self) -> list[tuple[str, str]]:
        return [(each.hook, each.reason) for each in read_hook_failures(self.home)]


@pytest.fixture(params=SHELLS)
def plugin(request: pytest.FixtureRequest, tmp_path: Path) -> Plugin:
    return Plugin(tmp_path, request.param)


def install(folder: Path, text: str, *, name: str = "bicameral-mcp") -> str:
    """Put a command into a folder; return the folder as an entry of the PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)
    return str(folder)


def test_there_is_a_shell_to_test_with() -> None:
    """On a machine without any, all of this would be passed over in silence."""
    assert SHELLS


def test_the_installed_command_is_found_and_given_all(plugin: Plugin, tmp_path: Path) -> None:
    """Also where folders have blanks in their names."""
    entry = tmp_path / "some programs"
    entry.mkdir()
    (entry / "bicameral-mcp").symlink_to(COMMAND)
    ended = plugin.run("--version", path=f"/nowhere:{entry}")
    assert ended == Ended(0, f"bicameral-mcp {__version__}\n", "")


def test_words_arrive_as_they_were_given(plugin: Plugin, tmp_path: Path) -> None:
    """Blanks, stars and empty words are the command's, not the launcher's."""
    entry = install(tmp_path / "bin", '#!/bin/sh\nfor each in "$@"; do echo "<$each>"; done\n')
    ended = plugin.run("triage", "label", "a b", "*", "", "--note=$HOME", path=entry)
    assert ended.out.splitlines() == ["<triage>", "<label>", "<a b>", "<*>", "<>", "<--note=$HOME>"]


def test_a_hook_runs_through_it(plugin: Plugin, repository: Repository) -> None:
    """As the client runs it, with what the client sends; the row says that it arrived."""
    path = f"{COMMAND.parent}:{os.environ['PATH']}"
    sent = recorded("after-edit", repository.root)
    variables = {"BICAMERAL_TELEMETRY": "preflight"}
    ended = plugin.run("hook", "after-edit", path=path, sent=sent, variables=variables)
    assert ended == Ended(0, "", "")
    [row] = (plugin.home / "preflight_events.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["event_type"] == "edit_observed"


def test_no_launcher_finds_itself_or_another(plugin: Plugin, tmp_path: Path) -> None:
    """Clients put a plugin's bin folder on the PATH; two copies would call each other for ever."""
    copy = tmp_path / "another copy"
    shutil.copytree(ROOT / "bin", copy)
    link = tmp_path / "links"
    link.mkdir()
    (link / "bicameral-mcp").symlink_to(plugin.launcher)
    others = f"{plugin.root / 'bin'}:{copy}:{link}"
    real = install(tmp_path / "real", SAYS.format(who="real"))
    assert plugin.run("serve", path=f"{others}:{real}").out == "real:1:serve\n"
    assert plugin.run("serve", path=others).status == 127


def test_the_environment_beside_it_is_next(plugin: Plugin, tmp_path: Path) -> None:
    """A plugin installed from a clone has its .venv there; what is installed goes first."""
    install(plugin.root / ".venv" / "bin", SAYS.format(who="beside"))
    assert plugin.run("serve", path="/nowhere").out == "beside:1:serve\n"
    real = install(tmp_path / "real", SAYS.format(who="real"))
    assert plugin.run("serve", path=real).out == "real:1:serve\n"


def test_an_installation_whose_interpreter_is_gone_is_passed_over(
    plugin: Plugin, tmp_path: Path
) -> None:
    """An upgrade of Python leaves such scripts behind; each hook would fail on them."""
    gone = install(tmp_path / "gone", "#!/nowhere/bin/python\nimport server\n")
    not_ours = tmp_path / "plain"
    not_ours.mkdir()
    (not_ours / "bicameral-mcp").write_text(SAYS.format(who="plain"), encoding="utf-8")
    (tmp_path / "folder" / "bicameral-mcp").mkdir(parents=True)
    real = install(tmp_path / "real", SAYS.format(who="real").replace("#!", "#! "))
    path = f"{gone}:{not_ours}:{tmp_path / 'folder'}:{real}"
    assert plugin.run("serve", path=path) == Ended(0, "real:1:serve\n", "")


@pytest.mark.parametrize("entry", ["", ".", "programs", ":"])
def test_no_command_is_taken_from_the_folder_at_work(
    plugin: Plugin, tmp_path: Path, entry: str
) -> None:
    """A repository could bring a command of that name along."""
    install(tmp_path / "project", SAYS.format(who="hostile"))
    install(tmp_path / "project" / "programs", SAYS.format(who="hostile"))
    ended = plugin.run("serve", path=entry, cwd=tmp_path / "project")
    assert (ended.status, ended.out) == (127, "")


def test_uvx_is_the_last_resort(plugin: Plugin, tmp_path: Path) -> None:
    """It starts slower, so anything that is installed goes first."""
    uvx = install(tmp_path / "uv", SAYS.format(who="uvx"), name="uvx")
    said = "uvx:4:--from bicameral-preflight bicameral-mcp serve\n"
    assert plugin.run("serve", path=uvx) == Ended(0, said, "")
    hook = plugin.run("hook", "after-edit", path=uvx)
    assert hook == Ended(0, said.replace("4:", "5:").replace("serve", "hook after-edit"), "")
    real = install(tmp_path / "real", SAYS.format(who="real"))
    assert plugin.run("serve", path=f"{uvx}:{real}").out == "real:1:serve\n"
    assert not plugin.home.exists()


def test_a_hook_that_uvx_cannot_run_is_no_failure_of_the_edit(
    plugin: Plugin, tmp_path: Path
) -> None:
    """Without a network it ends with 2, which would forbid the edit."""
    uvx = install(tmp_path / "uv", "#!/bin/sh\necho offline >&2\nexit 2\n", name="uvx")
    ended = plugin.run("hook", "before-edit", path=uvx)
    assert (ended.status, ended.out) == (0, "")
    assert "offline" in ended.err
    assert plugin.reasons() == [
        ("before-edit", "uvx could not run it: uv tool install bicameral-preflight")
    ]
    assert plugin.run("serve", path=uvx).status == 2


@pytest.mark.parametrize("words", [(), ("serve",), ("triage", "list")])
def test_without_a_command_a_person_is_told_how_to_install(
    plugin: Plugin, words: tuple[str, ...]
) -> None:
    """The client shows this line when the server does not start."""
    ended = plugin.run(*words)
    assert (ended.status, ended.out) == (127, "")
    [line] = ended.err.splitlines()
    assert "uv tool install bicameral-preflight" in line
    assert not plugin.home.exists()


def test_without_a_command_a_hook_is_noted_and_nothing_is_held_up(plugin: Plugin) -> None:
    """One line on stderr, one row that `triage` shows, for its owner alone under any umask."""
    for name in ("before-edit", "session-end"):
        ended = plugin.run("hook", name, sent=b"{}")
        assert (ended.status, ended.out) == (0, "")
        [line] = ended.err.splitlines()
        assert line.startswith(f"bicameral: hook {name}: no command bicameral-mcp was found")
    assert [name for name, _ in plugin.reasons()] == ["before-edit", "session-end"]
    file = plugin.home / HOOK_FAILURES_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(plugin.home.stat().st_mode) == 0o700
    row = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    assert set(row) == {"ts", "hook", "reason", "schema"}
    assert len(row["ts"]) == len("2026-01-31T12:00:00.000000Z")


def test_what_is_found_too_wide_is_tightened(plugin: Plugin) -> None:
    """A home from elsewhere may be readable by all."""
    plugin.home.mkdir(mode=0o755)
    (plugin.home / HOOK_FAILURES_FILE).touch(mode=0o644)
    plugin.run("hook", "after-edit")
    assert stat.S_IMODE((plugin.home / HOOK_FAILURES_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(plugin.home.stat().st_mode) == 0o700
    assert len(plugin.reasons()) == 1


@pytest.mark.parametrize("name", ['x"y', "a\nb", "$(id)", "ü", ""])
def test_a_name_that_is_none_stays_out_of_the_row(plugin: Plugin, name: str) -> None:
    """The row is put together as text."""
    assert plugin.run("hook", name).status == 0
    assert [each for each, _ in plugin.reasons()] == ["unknown"]


def test_a_home_that_takes_nothing_is_forgiven(plugin: Plugin, tmp_path: Path) -> None:
    """A file in its place, a link in the log's place, a pipe that nobody reads."""
    plugin.home.write_text("", encoding="utf-8")
    assert plugin.run("hook", "after-edit").status == 0
    plugin.home.unlink()
    plugin.home.mkdir()
    target = tmp_path / "target"
    target.write_text("mine", encoding="utf-8")
    file = plugin.home / HOOK_FAILURES_FILE
    file.symlink_to(target)
    assert plugin.run("hook", "after-edit").status == 0
    assert target.read_text(encoding="utf-8") == "mine"
    file.unlink()
    os.mkfifo(file)
    assert plugin.run("hook", "after-edit").status == 0


def test_the_record_does_not_grow_without_end(plugin: Plugin) -> None:
    """It may be missing for months; the newest rows stay."""
    plugin.run("hook", "after-edit")
    file = plugin.home / HOOK_FAILURES_FILE
    line = file.read_bytes()
    file.write_bytes(line * (250_000 // len(line) + 1))
    plugin.run("hook", "session-end")
    assert len(file.read_bytes().splitlines()) == 1
    assert plugin.reasons()[-1][0] == "session-end"


@pytest.mark.parametrize("chosen", ["{}/h", " {}/h\t", "~/h", "~", "", " \t", "relative/h"])
def test_the_home_is_the_one_that_the_command_would_use(
    plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    """A row in another place would be seen by nobody."""
    person = tmp_path / "person"
    person.mkdir()
    monkeypatch.setenv("HOME", str(person))
    monkeypatch.chdir(person)
    variables = {"BICAMERAL_HOME": chosen.format(tmp_path), "HOME": str(person)}
    plugin.run("hook", "after-edit", variables=variables, cwd=person)
    assert len(read_hook_failures(data_home(variables))) == 1
