"""Runs of the index: killed, stopped, two at once, over several work trees, over hostile files."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.grounding.index import indexing
from bicameral.grounding.index.background import Background
from bicameral.grounding.index.code_index import CodeIndex
from bicameral.grounding.index.facts import LARGEST_READ_BYTES
from bicameral.grounding.index.pool import Crew, WorkerPool
from tests.conftest import Clock
from tests.grounding.index.parts import REPOSITORY_ID, Indexed

MANY = indexing.FEW_FILES + 200
RUN = """
import sys
from dataclasses import replace
from pathlib import Path
from bicameral.environment import read_environment
from bicameral.grounding.index.code_index import CodeIndex
from bicameral.grounding.repository import Repository

environment = replace(read_environment(), home=Path(sys.argv[1]))
repository = Repository.discover(Path(sys.argv[2]), environment.variables)

def told(_step, done, total):
    print(done, total, flush=True)

CodeIndex(environment, repository, sys.argv[3]).bring_up(told)
"""


def many(count: int = MANY) -> dict[str, str]:
    """Files of which each imports the next one."""
    return {f"m{number}.py": f"import m{number + 1}\n" for number in range(count)}


def start(tree: Indexed) -> "subprocess.Popen[str]":
    """Start a run in a process of its own, which prints how far it is."""
    words = (str(tree.environment.home), str(tree.repository.root), REPOSITORY_ID)
    return subprocess.Popen(
        [sys.executable, "-c", RUN, *words], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def assert_whole(tree: Indexed, count: int = MANY) -> None:
    found = tree.index.ask([f"m{number}.py" for number in range(count)], budget_seconds=60)
    expected = {f"m{number}.py": (f"m{number + 1}.py",) for number in range(count - 1)}
    assert (dict(found.imports), found.fallback) == (expected, "")


@pytest.mark.parametrize("lines", [1, 2, 4])
@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_what_a_killed_run_has_read_is_not_read_again(tmp_path: Path, lines: int) -> None:
    """A power cut, a closed lid: the next run goes on from there, and nothing is torn."""
    tree = Indexed(tmp_path / "r", many())
    for name in many():
        os.utime(tree.repository.root / name, ns=(10**18, 10**18))
    process = start(tree)
    assert process.stdout is not None
    done = 0
    for _ in range(lines):
        done = int(process.stdout.readline().split()[0])
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert tree.index.status().completed_ns is None
    assert tree.bring_up().read <= MANY - done
    assert_whole(tree)


@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    """Ctrl-C reaches all of a terminal's processes; the readers end with the one that asked."""
    tree = Indexed(tmp_path / "r", many())
    process = start(tree)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    # The pipe is let go only when nobody has it any more.
    process.communicate(timeout=300)
    assert process.returncode != 0
    tree.bring_up()
    assert_whole(tree)


def test_two_runs_at_once_take_turns(tmp_path: Path) -> None:
    """Two servers and a person in one repository: the index is whole, and each has it."""
    tree = Indexed(tmp_path / "r", many())
    processes = [start(tree) for _ in range(2)]
    assert [process.wait(timeout=300) for process in processes] == [0, 0]
    for process in processes:
        process.communicate()
    assert tree.bring_up().files == MANY
    assert_whole(tree)


def test_work_trees_share_contents_and_nothing_else(tmp_path: Path) -> None:
    """What a content says is read once; which files there are is each work tree's own."""
    tree = Indexed(tmp_path / "r", {"a.py": "import b\n", "b.py": "", "c.py": "import a\n"})
    tree.repository.commit("first")
    tree.bring_up()
    tree.repository.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = Indexed(tmp_path / "side", home=tree.environment.home)
    (side.repository.root / "b.py").unlink()
    side.bring_up()

    assert side.index.status().contents == tree.index.status().contents
    assert tree.index.imports_of(["a.py", "c.py"]) == {"a.py": ("b.py",), "c.py": ("a.py",)}
    assert side.index.imports_of(["a.py", "c.py"]) == {"c.py": ("a.py",)}


def test_a_work_tree_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """Agents make work trees by the dozen and remove them again."""
    tree = Indexed(tmp_path / "r", {"a.py": "import b\n", "b.py": ""})
    tree.repository.commit("first")
    tree.repository.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    Indexed(tmp_path / "side", home=tree.environment.home).bring_up()
    tree.repository.git("worktree", "remove", "--force", str(tmp_path / "side"))
    tree.bring_up()
    assert tree.index.status().files == 2
    assert tree.index._store is not None
    roots = tree.index._store.roots().values()
    assert list(roots) == [os.fsencode(tree.repository.root)]


def test_a_server_builds_the_index_behind_its_first_question(tmp_path: Path) -> None:
    """Nobody has to know that there is an index."""
    tree = Indexed(tmp_path / "r", many())
    first = tree.index.ask(["m0.py"], budget_seconds=60)
    assert first.imports == {"m0.py": ("m1.py",)}  # from the disk, or from the index
    tree.index._background.wait(120)
    assert_whole(tree)


def test_closing_ends_a_run_behind(tmp_path: Path) -> None:
    """A server that is told to go does not wait for ten thousand files."""
    started, ended = threading.Event(), threading.Event()

    def run(is_stopped: object) -> None:
        started.set()
        while not is_stopped():  # type: ignore[operator]
            ended.wait(0.01)
        ended.set()

    background = Background(run, Clock())
    assert background.start()
    assert started.wait(120)
    assert not background.start()
    background.stop()
    assert ended.is_set()
    assert not background.start()


def test_a_run_behind_that_fails_is_not_tried_again_at_once(tmp_path: Path) -> None:
    """A full disk must not make every preflight wait."""
    clock = Clock()

    def run(_is_stopped: object) -> None:
        raise OSError(28, "No space left on device")

    background = Background(run, clock)
    assert background.start()
    background.wait(120)
    assert "No space left" in background.failure
    assert not background.start()
    clock.advance(seconds=60)
    assert background.start()
    background.wait(120)


@pytest.mark.parametrize(
    ("does", "crew"),
    [
        ("os.abort()", Crew(1)),
        # Patient with a file that is read, for a reader's first one takes its start besides.
        ("time.sleep(600)", Crew(1, batch_seconds=2.0, file_seconds=8.0)),
    ],
)
def test_a_file_that_ends_or_holds_its_reader_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, crew: Crew
) -> None:
    """A grammar that crashes or never ends on one file must not keep the others from being read."""
    tree = Indexed(tmp_path / "r", {"a.py": "import b\n", "b.py": "", "crash.py": ""})
    tree.bring_up()
    worker = (
        "import os, sys, time\nimport bicameral.grounding.index.worker as worker\n"
        "read = worker.read_file\n"
        "def crash(look, path, known):\n"
        f"    if path == 'crash.py': {does}\n"
        "    return read(look, path, known)\n"
        "worker.read_file = crash\nworker.main()\n"
    )
    script = tmp_path / "worker.py"
    script.write_text(worker, encoding="utf-8")
    real = subprocess.Popen

    def start_the_crashing_one(words: list[str], **options: object) -> object:
        return real([words[0], str(script), *words[4:]], **options)  # type: ignore[call-overload]

    monkeypatch.setattr("subprocess.Popen", start_the_crashing_one)
    root = str(tree.repository.root)
    variables = tree.environment.variables
    with WorkerPool(root, tree.index.path, crew, variables) as readers:
        [(batch, reads)] = readers.read(["a.py", "b.py", "crash.py"], lambda: False)
    assert list(batch) == ["a.py", "b.py", "crash.py"]
    assert {read.path: read.key is not None for read in reads} == {
        "a.py": True,
        "b.py": True,
        "crash.py": False,
    }


HOSTILE = {
    "deep.py": "x = " + "(" * 20_000 + ")" * 20_000 + "\n",
    "deep.rs": "use a::" + "{b::" * 3_000 + "c" + "}" * 3_000 + ";\n",
    "deep.cs": "".join(f"namespace N{n} {{ using A{n};\n" for n in range(2_000)) + "}" * 2_000,
    "deep.json": "[" * 50_000,
    "package.json": "{" * 50_000,
    "Cargo.toml": "a = " + "[" * 20_000,
    "long.py": "import " + "a" * 100_000 + "\nfrom " + "." * 5_000 + " import b\n",
    "huge.py": "import a\n" * (LARGEST_READ_BYTES // 9 + 10),
    "nul.py": "import \0\nimport a\n",
    "many.py": "".join(f"import a{n}\n" for n in range(20_000)),
    "cited.py": "# ADR-1 " * 50_000,
    "go.go": 'package p\nimport "../../../../etc/passwd"\nimport "/etc"\n',
    "up.ts": 'import "../../../../../etc/passwd"; import "/../../etc/passwd"; import "..";',
    "up.c": '#include "../../../../etc/passwd"\n#include </etc/passwd>\n#include "\n',
    "up.rb": "require_relative '../../../../etc/passwd'\nrequire '/etc/passwd'\n",
}


def test_hostile_files_are_read_and_lead_nowhere(tmp_path: Path) -> None:
    """Huge, deep, endless, or pointing out of the repository: the run ends, and so does asking."""
    tree = Indexed(tmp_path / "r", {**HOSTILE, "a.py": ""})
    run = tree.bring_up()
    assert run.is_whole
    seen = tree.index.ask(sorted(HOSTILE), budget_seconds=60)
    for found in seen.imports.values():
        assert all((tree.repository.root / path).is_file() for path in found)
        assert not any(path.startswith(("/", "..")) for path in found)
    closed = tree.open()
    closed.close()
    disk = closed.ask(sorted(HOSTILE), budget_seconds=60)
    assert all(not path.startswith(("/", "..")) for each in disk.imports.values() for path in each)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_text_is_left_out_and_counted(tmp_path: Path) -> None:
    """No decision can name it; the others are indexed all the same."""
    tree = Indexed(tmp_path / "r", {"a.py": "import b\n", "b.py": ""})
    Path(os.fsdecode(os.fsencode(tree.repository.root) + b"/\xff.py")).write_text("", "utf-8")
    assert tree.imports("a.py") == ["b.py"]
    assert tree.index.status().skipped == 1


def test_time_that_is_over_is_said(tmp_path: Path) -> None:
    """An answer is not held up, and does not pretend to be whole."""
    tree = Indexed(tmp_path / "r", {"a.py": "import b\n", "b.py": ""})
    tree.bring_up()
    moving = Clock()

    def tick() -> int:
        moving.advance(seconds=1)
        return moving()

    found = tree.index._repository
    hurried = CodeIndex(replace(tree.environment, monotonic_ns=tick), found, REPOSITORY_ID)
    seen = hurried.ask(["a.py"])
    assert (seen.fallback, dict(seen.imports)) == ("out_of_time", {})
    assert "no time" in seen.behind
