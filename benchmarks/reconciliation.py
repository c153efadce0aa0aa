"""What a reconciliation costs beside decoding alone, DuckDB and Polars, in one run.

`python -m benchmarks.reconciliation [--events N] [--rounds N] [--quick] [--json]`
There are half as many engagements as events. Each figure is a process of its own and the
median of its rounds. Decoding alone reads the same lines and turns each into the full struct
of its kind; DuckDB and Polars do the join of preflights with engagements and edits, without
a ledger and without writing a row.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import ledger_seed
from benchmarks.reconciliation_seed import Story, append, write
from benchmarks.reconciliation_workers import WORKERS, environment_of, files_of
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, open_files
from bicameral.capture.salt import read_salt
from bicameral.ledger.database import Ledger
from bicameral.ledger.past import ever_bound, only_repository

DECISIONS = 2_000
BINDINGS_PER_DECISION = 3
RATIO_BAR = 1.5
RESIDENT_BAR_MB = 150
NOTHING_NEW_BAR_MS = 100
OURS = ("reconciliation.json", "failure_review.jsonl", "last_reconciliation.json")
PEERS = ("duckdb", "polars")


@dataclass(frozen=True, slots=True)
class Cost:
    """The median of some rounds: seconds of the work itself, and megabytes resident at most."""

    seconds: float
    resident_mb: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run of the benchmark measured."""

    events: int
    engagements: int
    megabytes: float
    decoding: Cost
    ours: Cost
    peers: dict[str, Cost | str]
    incremental: Cost
    new_share: float
    nothing_new_ms: float
    bare_ms: float
    rows: int

    @property
    def ratio(self) -> float:
        """How many times decoding alone the whole run costs."""
        return self.ours.seconds / self.decoding.seconds


def measure(worker: str, home: Path) -> Cost:
    """Run one worker in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.reconciliation_workers", worker, str(home)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return Cost(**json.loads(done.stdout))


def median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(each.seconds for each in costs), max(each.resident_mb for each in costs)
    )


@contextlib.contextmanager
def seeded_home(count: int) -> Iterator[tuple[Path, Callable[[int], Story]]]:
    """Make a home with a ledger and the logs of `count` events; yields what tells more."""
    folder = Path(tempfile.mkdtemp(prefix="bicameral-reconciliation-"))
    try:
        home = folder / "home"
        environment = environment_of(home)
        ledger = Ledger(environment)
        bound = seed_ledger(ledger)
        salt = read_salt(home, environment.random_bytes)
        with ledger.reading() as connection:
            repository_id = only_repository(connection) or ""

        def story(seed: int) -> Story:
            return Story(bound=bound, repository_id=repository_id, salt=salt, seed=seed)

        write(home, story(0), count=count)
        ledger.close()
        yield home, story
    finally:
        shutil.rmtree(folder)


def seed_ledger(ledger: Ledger) -> list[tuple[str, tuple[str, ...]]]:
    """Fill a ledger; return its bound paths, each with its decisions."""
    paths = ledger_seed.seed(
        ledger,
        decisions=DECISIONS,
        bindings_per_decision=BINDINGS_PER_DECISION,
        repository_keys=["root:benchmark"],
        commit="seed",
        seed=1,
    )
    with ledger.reading() as connection:
        found = ever_bound(connection, only_repository(connection) or "", paths)
    return list(found.items())


def start_anew(home: Path) -> None:
    for name in OURS:
        (home / name).unlink(missing_ok=True)


def run(*, count: int, rounds: int) -> Figures:
    with seeded_home(count) as (home, story):
        lines = {name: count_lines(home, name) for name in (EVENTS_FILE, ENGAGEMENTS_FILE)}
        size = sum(path.stat().st_size for name in lines for path in files_of(home, name))
        costs: dict[str, list[Cost]] = {name: [] for name in WORKERS}
        peers = [name for name in PEERS if importlib.util.find_spec(name)]
        for _ in range(rounds):
            # In turns, so that whatever else the machine does meets all of them.
            for name in ("decoding", "ours", *peers):
                if name == "ours":
                    start_anew(home)
                costs[name].append(measure(name, home))
        rows = sum(1 for _ in (home / "failure_review.jsonl").open("rb"))
        incremental = []
        for number in range(rounds):
            append(home, story(100_000_000 + number * 1_000_000), count=max(count // 100, 50))
            incremental.append(measure("ours", home))
        bare, nothing = compare_with_bare(home, rounds=max(rounds, 5))
        return Figures(
            events=lines[EVENTS_FILE],
            engagements=lines[ENGAGEMENTS_FILE],
            megabytes=size / 1e6,
            decoding=median(costs["decoding"]),
            ours=median(costs["ours"]),
            peers={n: median(costs[n]) if costs[n] else "not installed" for n in PEERS},
            incremental=median(incremental),
            new_share=0.01,
            nothing_new_ms=nothing,
            bare_ms=bare,
            rows=rows,
        )


def compare_with_bare(home: Path, *, rounds: int) -> tuple[float, float]:
    """Return the milliseconds of an interpreter that does nothing, and of a run with nothing."""
    variables = {**os.environ, "BICAMERAL_HOME": str(home)}
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "ours": [sys.executable, "-P", "-m", "server", "reconcile"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, words in commands.items():
            began = time.perf_counter()
            subprocess.run(words, check=True, env=variables, cwd=home, stdout=subprocess.DEVNULL)
            times[name].append((time.perf_counter() - began) * 1e3)
    return statistics.median(times["bare"]), statistics.median(times["ours"])


def count_lines(home: Path, name: str) -> int:
    with ExitStack() as stack:
        return sum(1 for file in open_files(home / name, stack) for _ in file)


def show(found: Figures) -> None:
    print(
        f"{found.events:,} events and {found.engagements:,} engagements, "
        f"{found.megabytes:.0f} MB; {found.rows:,} review rows"
    )
    _line("decoding alone", found.decoding, found)
    _line("reconciliation", found.ours, found)
    for name, cost in found.peers.items():
        if isinstance(cost, Cost):
            _line(f"{name}, join only", cost, found)
        else:
            print(f"{name:24} {cost}")
    _line("1 % more", found.incremental, found)
    over = found.nothing_new_ms - found.bare_ms
    print(f"{'nothing new':24} {found.nothing_new_ms:8.1f} ms, {over:.1f} over bare")
    kept = {
        f"ratio <= {RATIO_BAR}": found.ratio <= RATIO_BAR,
        f"resident <= {RESIDENT_BAR_MB} MB": found.ours.resident_mb <= RESIDENT_BAR_MB,
        f"nothing new <= {NOTHING_NEW_BAR_MS} ms over bare": over <= NOTHING_NEW_BAR_MS,
    }
    for what, is_kept in kept.items():
        print(f"{what}: {'kept' if is_kept else 'MISSED'}")


def _line(name: str, cost: Cost, found: Figures) -> None:
    ratio = cost.seconds / found.decoding.seconds
    print(f"{name:24} {cost.seconds:8.3f} s   {ratio:5.2f} x   {cost.resident_mb:6.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="20,000 events, one round")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    count, rounds = (20_000, 1) if options.quick else (options.events, options.rounds)
    found = run(count=count, rounds=rounds)
    print(json.dumps(asdict(found))) if options.json else show(found)


if __name__ == "__main__":
    main()
