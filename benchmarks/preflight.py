"""What a preflight costs as the ledger grows: in the handler, and over a real pipe.

A ledger of each size is filled, then the same kind of question is asked again and again:
eight words of the ledger's own talk, one bound file, one that is not, and one that is there
and imports two bound files, with the code index built; the repository has past commits in
the ledger's words, some of which cite a record.
`python -m benchmarks.preflight [--sizes 100 10000 100000] [--calls N] [--json]`
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import server
from benchmarks.ledger_seed import DECISIONS_PER_FOLDER, seed, words
from benchmarks.start import HELLO, Peer, resident
from bicameral.environment import Environment

HANDLER_BAR_MS = 5.0
STDIO_BAR_MS = 10.0
RESIDENT_BAR_MB = 110.0
FLAT_BAR = 2.0
BINDINGS_PER_DECISION = 3
IMPORTERS = 300
COMMITS = 300
CITES_ONE_IN = 5
MOST_CITED = 10_000  # a number of more digits is not taken for a record's


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds by nearest rank, how many fired, and memory, for one size of ledger."""

    decisions: int
    calls: int
    fired: int
    handler_p50_ms: float
    handler_p95_ms: float
    handler_cpu_ms: float
    stdio_p50_ms: float
    stdio_p95_ms: float
    resident_mb: float | None


def make_environment(folder: Path) -> Environment:
    return Environment(
        home=folder / "home",
        cwd=folder / "repository",
        variables={"PATH": os.environ["PATH"], "BICAMERAL_TELEMETRY": "preflight"},
        process_id=os.getpid(),
        time_ns=time.time_ns,
        monotonic_ns=time.perf_counter_ns,
        random_bytes=os.urandom,
        warn=print,
    )


def make_repository(root: Path) -> None:
    root.mkdir(parents=True)
    (root / "main.py").write_text("print()\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    commit_all(root)


def commit_all(root: Path) -> None:
    author = ("-c", "user.name=Bench", "-c", "user.email=bench@example.invalid")
    for words_ in (("add", "--all"), (*author, "commit", "-qm", "change")):
        subprocess.run(["git", *words_], cwd=root, check=True)


def add_importers(root: Path, bound: list[str]) -> None:
    """Add files that import bound ones, which are then there too."""
    chance = random.Random(3)
    for number in range(IMPORTERS):
        imported = [chance.choice(bound) for _ in range(2)]
        lines = [f"import {path.removesuffix('.py').replace('/', '.')}\n" for path in imported]
        for path, text in [(importer(number), "".join(lines)), *((each, "") for each in imported)]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
    commit_all(root)


def add_history(root: Path, decisions: int) -> None:
    """Add past commits in the ledger's words, beside bound files; every fifth cites a record."""
    chance = random.Random(5)
    stream = [b"feature done\n"]
    for number in range(COMMITS):
        record = chance.randrange(min(decisions, MOST_CITED))
        cited = f" (ADR-{record})" * (number % CITES_ONE_IN == 0)
        subject = f"{words(chance, 7)}{cited}".encode()
        stream.append(b"commit HEAD\ncommitter Bench <bench@example.invalid> ")
        stream.append(b"%d +0000\ndata %d\n%b\n" % (1_600_000_000 + number, len(subject), subject))
        stream += [b"from HEAD^0\n"] * (number == 0)
        for _ in range(chance.randint(1, 9)):
            folder = chance.randrange(max(1, decisions // DECISIONS_PER_FOLDER))
            path = f"src/module{folder}/beside{chance.randrange(9)}.py"
            text = f"change_{number} = {number}\n".encode()
            stream.append(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(text), text))
    stream.append(b"done\n")
    options = ("fast-import", "--quiet", "--force")
    subprocess.run(["git", *options], cwd=root, input=b"".join(stream), check=True)
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=root, check=True)


def importer(number: int) -> str:
    return f"app/importer{number % IMPORTERS}.py"


def questions(paths: list[str], calls: int) -> Iterator[dict[str, Any]]:
    """Yield questions that are all different, from fifty sessions in turn."""
    chance = random.Random(7)
    for number in range(calls):
        yield {
            "topic": f"{words(chance, 8)} {number}",
            "file_paths": [chance.choice(paths), f"src/other{number}.py", importer(number)],
            "session_id": f"session-{number % 50}",
        }


def timed(
    ask: Callable[[dict[str, Any]], bool], asked: list[dict[str, Any]]
) -> tuple[list[float], int]:
    """Ask each; return the milliseconds of each and how many fired. The first tenth warms up."""
    taken, fired = [], 0
    for arguments in asked:
        began = time.perf_counter()
        fired += ask(arguments)
        taken.append((time.perf_counter() - began) * 1000)
    return taken[len(taken) // 10 :], fired


def measure(size: int, calls: int, folder: Path) -> Figures:
    environment = make_environment(folder)
    make_repository(environment.cwd)
    add_history(environment.cwd, size)
    desk = server.Desk(environment, session_id="bench")
    services = desk.services
    paths = seed(
        services.ledger,
        decisions=size,
        bindings_per_decision=BINDINGS_PER_DECISION,
        repository_keys=services.workspace.keys(),
        commit=services.workspace.repository.head() or "",
        seed=1,
    )
    add_importers(environment.cwd, paths)
    desk.call("bicameral.link_commit", {})  # a preflight has not the time for all of it
    desk.call("bicameral.preflight", {"topic": "learn what is usual"})
    desk.call("bicameral.preflight", {"topic": "and with files", "file_paths": ["main.py"]})
    services.workspace.code_index(services.workspace.known_id or "").bring_up(lambda *_: None)

    def by_handler(arguments: dict[str, Any]) -> bool:
        return bool(desk.call("bicameral.preflight", arguments)["fired"])

    worked = time.thread_time()
    handler, fired = timed(by_handler, list(questions(paths, calls)))
    worked = time.thread_time() - worked
    desk.close()
    stdio, resident_mb = over_stdio(environment, list(questions(paths, calls)))
    return Figures(
        decisions=size,
        calls=len(handler),
        fired=fired,
        handler_p50_ms=statistics.median(handler),
        handler_p95_ms=nearest_rank(handler, 0.95),
        handler_cpu_ms=worked * 1000 / calls,
        stdio_p50_ms=statistics.median(stdio),
        stdio_p95_ms=nearest_rank(stdio, 0.95),
        resident_mb=resident_mb,
    )


def over_stdio(
    environment: Environment, asked: list[dict[str, Any]]
) -> tuple[list[float], float | None]:
    os.environ.update(
        BICAMERAL_HOME=str(environment.home),
        BICAMERAL_TELEMETRY="preflight",
        CLAUDE_PROJECT_DIR=str(environment.cwd),
    )
    peer = Peer([sys.executable, "-m", "server", "serve"])
    peer.ask(0, "initialize", HELLO)
    peer.send(method="notifications/initialized")
    peer.ask(1, "tools/call", {"name": "bicameral.preflight", "arguments": {"topic": "warm up"}})
    numbers = iter(range(2, len(asked) + 2))

    def by_pipe(arguments: dict[str, Any]) -> bool:
        call = {"name": "bicameral.preflight", "arguments": arguments}
        peer.ask(next(numbers), "tools/call", call)
        return True

    taken, _ = timed(by_pipe, asked)
    resident_mb = resident(peer.process.pid)
    peer.close()
    return taken, resident_mb


def interpreter_ms() -> float:
    """Return what the interpreter's start costs here now: a yardstick for a machine's load."""
    taken = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(taken) * 1000


def nearest_rank(values: list[float], share: float) -> float:
    """Return the percentile by nearest rank: the smallest value with that share at or below."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


def bars(figures: list[Figures]) -> list[tuple[str, float | None, float]]:
    """Return what was promised: a name, the figure, and the bar that it must not pass."""
    last = figures[-1]
    growth = last.handler_p50_ms / figures[0].handler_p50_ms
    sizes = f"{figures[0].decisions} to {last.decisions}"
    return [
        (f"handler p95 at {last.decisions}, ms", last.handler_p95_ms, HANDLER_BAR_MS),
        (f"over stdio p95 at {last.decisions}, ms", last.stdio_p95_ms, STDIO_BAR_MS),
        (f"handler p50 growth, {sizes}", growth, FLAT_BAR),
        (f"resident at {last.decisions}, MB", last.resident_mb, RESIDENT_BAR_MB),
    ]


def show(figures: list[Figures]) -> None:
    heads = ("handler p50", "p95", "mean cpu", "stdio p50", "p95 ms", "MB", "fired")
    print(f"{'decisions':>10}" + "".join(f"{head:>13}" for head in heads))
    for each in figures:
        memory = "-" if each.resident_mb is None else f"{each.resident_mb:.0f}"
        times = (
            each.handler_p50_ms,
            each.handler_p95_ms,
            each.handler_cpu_ms,
            each.stdio_p50_ms,
            each.stdio_p95_ms,
        )
        cells = [*(f"{value:.2f}" for value in times), memory, str(each.fired)]
        print(f"{each.decisions:>10}" + "".join(f"{cell:>13}" for cell in cells))
    print(f"python -c pass takes {interpreter_ms():.0f} ms of processor on this machine now")
    for text, figure, bar in bars(figures):
        verdict = "not measured here" if figure is None else "held" if figure <= bar else "MISSED"
        print(f"{text}: {'-' if figure is None else f'{figure:.2f}'} (bar {bar:g}) {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures.append(measure(size, options.calls, Path(folder)))
    if options.json:
        rows = [{"name": text, "figure": found, "bar": bar} for text, found, bar in bars(figures)]
        print(json.dumps({"sizes": [asdict(each) for each in figures], "bars": rows}))
    else:
        show(figures)


if __name__ == "__main__":
    main()
