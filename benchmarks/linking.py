"""What linking a commit that touches many bound files costs beyond git's own diff.

Every file has two bound functions and is changed in one of them; with `--lost` the other one
is gone from every file, and looked for in all of them. The milliseconds of processor are
those of the process itself, without git's.
`python -m benchmarks.linking [--files 200] [--rounds 7] [--lost] [--json]`
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import server
from benchmarks.preflight import interpreter_ms, make_environment
from bicameral.ledger.decisions import add_decision
from bicameral.ledger.domain import Actor, Content, Source

BAR_MS = 300.0
FUNCTIONS = 12
ACTOR = Actor(session_id="bench", tool="bench")


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians in milliseconds; `beyond_ms` is linking less git's own diff, round by round."""

    files: int
    rounds: int
    link_ms: float
    diff_ms: float
    beyond_ms: float
    cpu_ms: float


def source(file: int, version: int, *, has_lost: bool = False) -> str:
    """Return a file of about 100 lines whose first function tells the version."""
    functions = [
        f"def function{number}(first, second):\n"
        f'    """Say what number {number} of file {file} does."""\n'
        f"    total = first + second + {version if number == 0 else number}\n"
        "    for step in range(10):\n"
        "        if step % 2:\n"
        "            total += step\n"
        "    return total\n"
        for number in range(FUNCTIONS)
        if number != 1 or not has_lost
    ]
    return "\n\n".join(functions)


def git(root: Path, *words: str) -> None:
    author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.invalid")
    subprocess.run(["git", *author, *words], cwd=root, check=True, capture_output=True)


def commit(root: Path, files: int, version: int, *, has_lost: bool = False) -> None:
    for file in range(files):
        text = source(file, version, has_lost=has_lost)
        (root / f"module{file}.py").write_text(text, encoding="utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", f"version {version}")


def measure(files: int, rounds: int, folder: Path, *, is_lost: bool = False) -> Figures:
    environment = make_environment(folder)
    environment.cwd.mkdir(parents=True)
    git(environment.cwd, "init", "--quiet", "--initial-branch=main")
    commit(environment.cwd, files, 0)
    services = server.build(environment)
    repository_id = services.workspace.ensure_id(ACTOR)
    with services.ledger.writing(ACTOR) as transaction:
        decision = add_decision(
            transaction, repository_id, Content(title="Bound"), Source("direct", "bench")
        )
    for file in range(files):
        for number in (0, 1):
            selector = f"module{file}.py::function{number}"
            services.workspace.bind(ACTOR, decision.id, selector)
    links, diffs, worked = [], [], []
    for version in range(1, rounds + 1):
        if is_lost and version > 1:
            commit(environment.cwd, files, -version)
            services.workspace.link(ACTOR, "HEAD")  # all is back, to be lost once more
        commit(environment.cwd, files, version, has_lost=is_lost)
        began = time.perf_counter()
        services.workspace.repository.changes("HEAD~1", "HEAD")
        diffs.append((time.perf_counter() - began) * 1000)
        began, used = time.perf_counter(), time.process_time()
        linked = services.workspace.link(ACTOR, "HEAD")
        links.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - used) * 1000)
        assert linked.files_changed == files
    services.ledger.close()
    beyond = statistics.median(link - diff for link, diff in zip(links, diffs, strict=True))
    link, diff, cpu = (statistics.median(each) for each in (links, diffs, worked))
    return Figures(files, rounds, link, diff, beyond, cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--lost", action="store_true", help="the other function is gone")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options.files, options.rounds, Path(folder), is_lost=options.lost)
    if options.json:
        print(json.dumps(asdict(figures) | {"bar_ms": BAR_MS}))
        return
    verdict = "held" if figures.beyond_ms <= BAR_MS else "MISSED"
    print(f"{figures.files} changed files, {2 * figures.files} bound functions")
    print(f"link_commit {figures.link_ms:.0f} ms, git's own diff {figures.diff_ms:.0f} ms")
    print(f"processor: {figures.cpu_ms:.0f} ms; {interpreter_ms():.0f} ms for python -c pass now")
    print(f"beyond git's diff: {figures.beyond_ms:.0f} ms (bar {BAR_MS:g}) {verdict}")


if __name__ == "__main__":
    main()
