"""What the command costs over the interpreter's own start: `--version`, `--help`, hooks, a read.

Every round runs each command once, so that all see the same machine; medians and minima
of wall and processor time. Bars are held against the minima, which a busy machine disturbs
least. `python -m benchmarks.cli [--rounds N] [--json]`
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

BARE = "python -c pass"
HOOK_OFF, HOOK_ON = "hook, capture off", "hook, capture on"
READ = "history"
# Milliseconds over the interpreter's own start that are promised.
BARS = {"--version": 30.0, "--help": 30.0, HOOK_OFF: 40.0, HOOK_ON: 40.0}


@dataclass(frozen=True, slots=True)
class Job:
    """A command line with what it is given."""

    words: list[str]
    variables: Mapping[str, str]
    standard_input: bytes = b""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds of one command; `over_bare` and `ratio` compare medians of wall time."""

    name: str
    wall_median: float
    wall_min: float
    cpu_median: float
    cpu_min: float
    over_bare: float
    over_bare_min: float
    ratio: float
    bar: float | None


def measure(job: Job, folder: Path) -> tuple[float, float]:
    """Run a command once; return wall and processor milliseconds."""
    sent = folder / "sent"
    sent.write_bytes(job.standard_input)
    began = time.perf_counter()
    with sent.open("rb") as standard_input:
        process = subprocess.Popen(
            job.words,
            cwd=folder,
            env=dict(job.variables),
            stdin=standard_input,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
    wall_ms = (time.perf_counter() - began) * 1000
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{job.words} ended with status {process.returncode}")
    return wall_ms, (used.ru_utime + used.ru_stime) * 1000


def make_jobs(folder: Path) -> dict[str, Job]:
    """Return the commands in a small repository with a data home of its own."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    command = str(Path(sys.executable).with_name("bicameral-mcp"))
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    quiet = {**kept, "BICAMERAL_HOME": str(folder / "home")}
    capturing = {**quiet, "BICAMERAL_TELEMETRY": "preflight"}
    edit = json.dumps(
        {
            "session_id": "benchmark",
            "cwd": str(folder),
            "hook_event_name": "PostToolUse",
            "tool_name": "Edit",
            "tool_input": {"file_path": str(folder / "a.py"), "new_string": "x" * 4_000},
        }
    ).encode()
    hook = [command, "hook", "after-edit"]
    return {
        BARE: Job([sys.executable, "-c", "pass"], kept),
        "--version": Job([command, "--version"], quiet),
        "--help": Job([command, "--help"], quiet),
        HOOK_OFF: Job(hook, quiet, edit),
        HOOK_ON: Job(hook, capturing, edit),
        READ: Job([command, "history", "--json"], quiet),
    }


def run(rounds: int) -> list[Figures]:
    """Measure every command once in each round, after one round that warms the disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jobs = make_jobs(folder)
        for job in jobs.values():
            measure(job, folder)
        times: dict[str, list[tuple[float, float]]] = {each: [] for each in jobs}
        for _ in range(rounds):
            for each, job in jobs.items():
                times[each].append(measure(job, folder))
    bare = [wall for wall, _ in times[BARE]]
    return [summarise(each, found, bare) for each, found in times.items()]


def summarise(name: str, found: list[tuple[float, float]], bare: list[float]) -> Figures:
    wall, cpu = [each[0] for each in found], [each[1] for each in found]
    return Figures(
        name=name,
        wall_median=statistics.median(wall),
        wall_min=min(wall),
        cpu_median=statistics.median(cpu),
        cpu_min=min(cpu),
        over_bare=statistics.median(wall) - statistics.median(bare),
        over_bare_min=min(wall) - min(bare),
        ratio=statistics.median(wall) / statistics.median(bare),
        bar=BARS.get(name),
    )


def show(figures: list[Figures]) -> None:
    print(f"{'':20} {'wall ms (min)':>15} {'cpu ms (min)':>15} {'over bare (min)':>16} ratio")
    for each in figures:
        wall = f"{each.wall_median:.1f} ({each.wall_min:.1f})"
        cpu = f"{each.cpu_median:.1f} ({each.cpu_min:.1f})"
        over = f"{each.over_bare:.1f} ({each.over_bare_min:.1f})"
        held = "held" if each.bar is None or each.over_bare_min <= each.bar else "MISSED"
        bar = "" if each.bar is None else f"  bar {each.bar:g} ms: {held}"
        print(f"{each.name:20} {wall:>15} {cpu:>15} {over:>16} {each.ratio:5.2f}{bar}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = run(options.rounds)
    if options.json:
        print(json.dumps([asdict(each) for each in figures]))
    else:
        show(figures)


if __name__ == "__main__":
    main()
