"""What a language server costs: its start, an answer, its memory, and finding code through it.

`ty` is asked about a copy of this package. `python -m benchmarks.language_server [--rounds 5]`
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.preflight import make_environment
from bicameral.environment import Environment
from bicameral.errors import SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.lsp.asking import Document, LanguageServers
from bicameral.grounding.repository import Repository
from bicameral.grounding.resolving import Finder, Located
from bicameral.grounding.sources import read_source
from bicameral.grounding.uses import uses_of

PACKAGE = Path(__file__).parent.parent / "bicameral"
USER = "bicameral/grounding/workspace.py"
# The first is defined where it is looked for, the second is only imported there.
DEFINED, IMPORTED = f"{USER}::Workspace.bind", f"{USER}::get_decision"
WARM_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians in milliseconds; the child's resident memory in MiB."""

    files: int
    first_answer_ms: float
    definition_ms: float
    child_mib: float
    found_by_syntax_ms: float
    found_by_server_ms: float
    refused_without_ms: float


def make_repository(root: Path) -> None:
    shutil.copytree(PACKAGE, root / "bicameral", ignore=shutil.ignore_patterns("__pycache__"))
    author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.invalid")
    for words in (("init", "--quiet"), ("add", "--all"), (*author, "commit", "-qm", "start")):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def median_ms(work: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def resident_mib_of_children(program: str) -> float:
    """Return the resident memory of the processes of a name, the largest of them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            facts = dict(
                line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines()
            )
        except OSError:
            continue
        if facts["Name"].strip() == program and "VmRSS" in facts:
            found.append(int(facts["VmRSS"].split()[0]) / 1024)
    return max(found)


def find(repository: Repository, servers: LanguageServers, selector: str) -> Located:
    """Find code with nothing parsed before."""
    finder = Finder(repository, repository.root, ParseCache(), servers, servers.budget())
    return finder.find(selector)


def measure(rounds: int, folder: Path) -> Figures:
    environment = make_environment(folder)
    make_repository(environment.cwd)
    repository = Repository.discover(environment.cwd, environment.variables)
    root = repository.root
    document = Document(USER, read_source((root / USER).read_bytes()))
    offset = uses_of("get_decision", document.source.text)[0].offset

    def define(servers: LanguageServers) -> None:
        defined = servers.definitions(root, document, [offset], servers.budget())
        assert defined.targets[0]

    starts = []
    for _ in range(rounds):
        servers = LanguageServers(environment)
        starts.append(median_ms(lambda asked=servers: define(asked), 1))  # type: ignore[misc]
        servers.close()
    servers = LanguageServers(environment)
    define(servers)
    definition_ms = median_ms(lambda: define(servers), WARM_ROUNDS)
    child_mib = resident_mib_of_children("ty")
    found = find(repository, servers, IMPORTED)
    assert found.resolution is not None
    by_server = median_ms(lambda: find(repository, servers, IMPORTED), WARM_ROUNDS)
    by_syntax = median_ms(lambda: find(repository, servers, DEFINED), WARM_ROUNDS)
    servers.close()
    return Figures(
        sum(1 for _ in root.rglob("*.py")),
        statistics.median(starts),
        definition_ms,
        child_mib,
        by_syntax,
        by_server,
        refused_ms(environment, repository),
    )


def refused_ms(environment: Environment, repository: Repository) -> float:
    """Return what the same selector takes to be refused where no server may be asked."""
    environment.home.mkdir(parents=True, exist_ok=True)
    (environment.home / "config.toml").write_text("[lsp]\npython = []\n", encoding="utf-8")
    servers = LanguageServers(environment)

    def refuse() -> None:
        try:
            find(repository, servers, IMPORTED)
        except SelectorUnknown:
            return
        raise AssertionError

    return median_ms(refuse, WARM_ROUNDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(options.rounds, Path(folder))
    if options.json:
        print(json.dumps(asdict(figures)))
        return
    print(f"ty on {figures.files} files")
    print(f"start to first answer, ms: {figures.first_answer_ms:.0f}")
    print(f"a later definition, ms: {figures.definition_ms:.1f}")
    print(f"resident memory of the server, MiB: {figures.child_mib:.0f}")
    print(f"a selector found by the syntax alone, ms: {figures.found_by_syntax_ms:.1f}")
    print(f"one found by the server that runs, ms: {figures.found_by_server_ms:.1f}")
    print(f"the same refused without a server, ms: {figures.refused_without_ms:.1f}")


if __name__ == "__main__":
    main()
