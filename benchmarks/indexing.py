"""What the code index costs: a first run, one after a kill, with nothing new, with little.

A repository of several languages is made on the spot; parsing alone is one process that reads
and parses the same files with the same grammars, in the same run.
`python -m benchmarks.indexing [--files N] [--rounds N] [--package NAME] [--json]`
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bicameral.environment import Environment, read_environment
from bicameral.grounding.index.code_index import CodeIndex
from bicameral.grounding.repository import Repository

PARSING_BAR = 3.0
FUNCTIONS = 12
PARSE_ALONE = """
import sys, time
from pathlib import Path
from bicameral.grounding.sources import read_source
from bicameral.grounding.syntax import parse
paths = list(Path(sys.argv[1]).glob("area*/*"))
began = time.perf_counter()
for path in paths:
    parse(path.name, read_source(path.read_bytes()))
print(time.perf_counter() - began)
"""


def text_of(suffix: str, number: int, files: int) -> str:
    """Return a file of some forty lines that imports three others."""
    others = [(number * factor + 1) % files for factor in (3, 7, 11)]
    area = [f"area{each % 100}" for each in others]
    named = list(zip(area, others, strict=True))
    lines = {
        "py": [f"from {folder} import mod{each}" for folder, each in named],
        "ts": [f'import {{ f0 as g{o} }} from "../{a}/mod{o}";' for a, o in named],
        "go": ["package area", *(f'import _ "example.com/x/{folder}"' for folder in area)],
        "java": [
            f"package area{number % 100};",
            *(f"import {folder}.Mod{each};" for folder, each in named),
        ],
    }[suffix]
    body = {
        "py": "def f{0}(a, b):\n    # ADR-{0}\n    if a > b:\n        return [a, b, {0}]\n"
        "    return {{a: b}}\n",
        "ts": "export function f{0}(a: number, b: string[]): number {{\n  // step {0}\n"
        "  return b.length + a;\n}}\n",
        "go": "func F{1}x{0}(a int, b string) int {{\n\t// step {0}\n\treturn len(b) + a\n}}\n",
        "java": "class C{1}x{0} {{\n  int f(int a, String b) {{\n    return b.length() + a;\n"
        "  }}\n}}\n",
    }[suffix]
    return "\n".join([*lines, "", *(body.format(each, number) for each in range(FUNCTIONS))])


def make_repository(root: Path, files: int) -> None:
    """Write the files and commit them."""
    for number in range(files):
        suffix = ("py", "ts", "go", "java")[number % 4]
        folder = root / f"area{number % 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"mod{number}.{suffix}").write_text(text_of(suffix, number, files), "utf-8")
    (root / "go.mod").write_text("module example.com/x\n", "utf-8")
    author = ("-c", "gc.auto=0", "-c", "user.name=Bench", "-c", "user.email=bench@example.invalid")
    for words in (("init", "-q"), ("add", "--all"), (*author, "commit", "-qm", "start")):
        subprocess.run(["git", *words], cwd=root, check=True)
    time.sleep(2.1)  # a file of this very moment is read again, which is not measured here


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def parse_alone(root: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", PARSE_ALONE, str(root)], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def open_index(environment: Environment, root: Path) -> CodeIndex:
    return CodeIndex(environment, Repository.discover(root, environment.variables), "rep_bench")


def interrupted(environment: Environment, root: Path, seconds: float) -> int:
    """Kill a run after a while; return how many files it has kept."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom dataclasses import replace\n"
        "from bicameral.environment import read_environment\n"
        "from benchmarks.indexing import open_index\n"
        "env = replace(read_environment(), home=Path(sys.argv[1]))\n"
        "open_index(env, Path(sys.argv[2])).bring_up(lambda *_: None)\n"
    )
    words = [sys.executable, "-c", code, str(environment.home), str(root)]
    process = subprocess.Popen(words)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return open_index(environment, root).status().files


def rounds(root: Path, folder: Path, count: int) -> Iterator[dict[str, float]]:
    """Yield the seconds of each step, the peers taken in turn."""
    for number in range(count):
        environment = replace(read_environment(), home=folder / f"home{number}")
        found = {"parsing alone": parse_alone(root)}
        index = open_index(environment, root)
        found["first run"] = timed(lambda: index.bring_up(lambda *_: None))  # noqa: B023
        found["nothing new"] = timed(lambda: index.bring_up(lambda *_: None))  # noqa: B023
        changed = sorted(root.glob("area*/*"))[number::100]
        for path in changed:
            path.write_text(path.read_text("utf-8") + "\n\n", "utf-8")
        found["1 % changed"] = timed(lambda: index.bring_up(lambda *_: None))  # noqa: B023
        killed = replace(environment, home=folder / f"killed{number}")
        found["kept by a killed run"] = float(interrupted(killed, root, found["first run"] / 2))
        after = open_index(killed, root)
        found["run after it"] = timed(lambda: after.bring_up(lambda *_: None))  # noqa: B023
        found["bytes"] = float(index.status().size_bytes)
        yield found
        shutil.rmtree(environment.home)
        shutil.rmtree(killed.home)


def against_grimp(package: str, folder: Path) -> tuple[int, int, int]:
    """Compare the edges of an installed package with grimp's: both, only ours, only grimp's."""
    import importlib.util

    import grimp  # type: ignore[import-not-found, unused-ignore]

    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    root = folder / "package"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(found.origin).parent, root / package, ignore=ignored)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    environment = replace(read_environment(), home=folder / "package-home")
    index = open_index(environment, root)
    index.bring_up(lambda *_: None)
    paths = [each.relative_to(root).as_posix() for each in sorted(root.rglob("*.py"))]
    answer = index.ask(paths, budget_seconds=600)
    ours = {(module(path), module(to)) for path, tos in answer.imports.items() for to in tos}
    graph = grimp.build_graph(package, cache_dir=None)
    theirs = {
        (each, to) for each in graph.modules for to in graph.find_modules_directly_imported_by(each)
    }
    return len(ours & theirs), len(ours - theirs), len(theirs - ours)


def module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--package", help="compare the edges of this package with grimp's")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.package:
            both, ours, theirs = against_grimp(options.package, folder)
            print(f"{options.package}: {both} edges in both, {ours} only here, {theirs} only grimp")
            return
        root = folder / "repository"
        root.mkdir()
        make_repository(root, options.files)
        taken = list(rounds(root, folder, options.rounds))
    figures = {key: statistics.median(each[key] for each in taken) for key in taken[0]}
    figures["resident MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures["resident MB of a worker"] = (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    )
    ratio = figures["first run"] / figures["parsing alone"]
    if options.json:
        print(json.dumps({**figures, "ratio": ratio, "bar": PARSING_BAR}))
        return
    print(f"{options.files} files, {options.rounds} rounds, {os.cpu_count()} cores; medians")
    for key, value in figures.items():
        print(f"{key:<26}{value:>14,.2f}")
    verdict = "met" if ratio <= PARSING_BAR else "NOT MET"
    print(f"first run / parsing alone <= {PARSING_BAR:g}: {ratio:.2f} {verdict}")


if __name__ == "__main__":
    main()
