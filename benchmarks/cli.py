"""What the command costs over the interpreter's own start: `--version`, `--help`, hooks, a read.

Every round runs each command once, so that all see the same machine; medians and minima
of wall and processor time. Bars are held against the minima, which a busy machine disturbs
least. The hook that starts a reconciliation is measured apart, each time to its end.
`python -m benchmarks.cli [--rounds N] [--json]`
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

from bicameral.capture.hashes import Hashes
from bicameral.capture.rows import encode_row
from bicameral.capture.salt import read_salt
from bicameral.review.reconciliation.summary import SUMMARY_FILE, Summary, encode_summary

ROOT = Path(__file__).parent.parent
BARE = "python -c pass"
OFF = "after-edit, capture off"
START, BEFORE, AFTER = "session-start", "before-edit, 1 MB back", "after-edit"
LAUNCHED = "after-edit, by launcher"
END = "session-end"
READ = "history"
# Milliseconds over the interpreter's own start that are promised.
BARS = {
    "--version": 30.0,
    "--help": 30.0,
    **dict.fromkeys((OFF, START, BEFORE, AFTER, LAUNCHED), 40.0),
}
# Milliseconds in all: a client kills this hook after about 1,500.
WALL_BARS = {END: 200.0}
SESSION = "benchmark"
MOST_WAITS = 1_000


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
    wall_bar: float | None


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
    kept["PATH"] = os.pathsep.join([str(Path(command).parent), kept["PATH"]])
    quiet = {**kept, "BICAMERAL_HOME": str(folder / "home")}
    capturing = {**quiet, "BICAMERAL_TELEMETRY": "preflight"}
    edit = sent(folder)
    hook = [command, "hook"]
    launcher = str(ROOT / "bin" / "bicameral-mcp")
    return {
        BARE: Job([sys.executable, "-c", "pass"], kept),
        "--version": Job([command, "--version"], quiet),
        "--help": Job([command, "--help"], quiet),
        OFF: Job([*hook, "after-edit"], quiet, edit),
        START: Job([*hook, "session-start"], capturing, edit),
        BEFORE: Job([*hook, "before-edit"], capturing, edit),
        AFTER: Job([*hook, "after-edit"], capturing, edit),
        LAUNCHED: Job([launcher, "hook", "after-edit"], capturing, edit),
        READ: Job([command, "history", "--json"], quiet),
        END: Job([*hook, "session-end"], capturing, edit),
    }


def sent(folder: Path) -> bytes:
    """Return what a client sends, with a new text of 4,000 characters."""
    event = {
        "session_id": SESSION,
        "cwd": str(folder),
        "tool_name": "Edit",
        "tool_input": {"file_path": str(folder / "a.py"), "new_string": "x" * 4_000},
    }
    return json.dumps(event).encode()


def fill_home(home: Path) -> None:
    """Leave what hooks read: 2,000 labels, and a preflight a megabyte before the log's end."""
    hashes = Hashes(read_salt(home, os.urandom))
    (home / "ledger.sqlite3").touch()
    row: dict[str, object] = {"ts": "2026-01-01T00:00:00.000000Z", "session_id": SESSION}
    asked = {**row, "event_type": "preflight", "path_hashes": [hashes.hash_path("a.py")]}
    edited = {**row, "event_type": "edit_observed", "path_hash": hashes.hash_path("b.py")}
    edits = encode_row(edited) + b"\n"
    events = encode_row(asked) + b"\n" + edits * (900_000 // len(edits))
    (home / "preflight_events.jsonl").write_bytes(events)
    labels = [{"review_id": f"rev_{each:016x}", "action": "label"} for each in range(2_000)]
    (home / "failure_labels.jsonl").write_bytes(b"\n".join(map(encode_row, labels)) + b"\n")
    totals = {"suspected_miss": 2_000, "suspected_false_fire": 1_000}
    summary = Summary("2026-01-01T00:00:00.000000Z", totals=totals)
    (home / SUMMARY_FILE).write_bytes(encode_summary(summary))


def run(rounds: int) -> list[Figures]:
    """Measure every command once in each round, after one round that warms the disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        jobs = make_jobs(folder)
        ends = jobs.pop(END)
        fill_home(folder / "home")
        for job in jobs.values():
            measure(job, folder)
        times: dict[str, list[tuple[float, float]]] = {each: [] for each in jobs}
        for _ in range(rounds):
            for each, job in jobs.items():
                times[each].append(measure(job, folder))
        times[END] = [measure_end(ends, folder) for _ in range(rounds)]
    bare = [wall for wall, _ in times[BARE]]
    return [summarise(each, found, bare) for each, found in times.items()]


def measure_end(job: Job, folder: Path) -> tuple[float, float]:
    """Measure the hook alone, then wait for the reconciliation that it started."""
    summary = folder / "home" / SUMMARY_FILE
    summary.unlink(missing_ok=True)
    found = measure(job, folder)
    for _ in range(MOST_WAITS):
        if summary.exists():
            return found
        time.sleep(0.01)
    raise SystemExit("the reconciliation left no summary")


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
        wall_bar=WALL_BARS.get(name),
    )


def show(figures: list[Figures]) -> None:
    print(f"{'':24} {'wall ms (min)':>15} {'cpu ms (min)':>15} {'over bare (min)':>16} ratio")
    for each in figures:
        wall = f"{each.wall_median:.1f} ({each.wall_min:.1f})"
        cpu = f"{each.cpu_median:.1f} ({each.cpu_min:.1f})"
        over = f"{each.over_bare:.1f} ({each.over_bare_min:.1f})"
        print(f"{each.name:24} {wall:>15} {cpu:>15} {over:>16} {each.ratio:5.2f}{verdict(each)}")


def verdict(each: Figures) -> str:
    """Return how the figure stands to its bar, if it has one."""
    if each.wall_bar is not None:
        held = "held" if each.wall_min <= each.wall_bar else "MISSED"
        return f"  bar {each.wall_bar:g} ms in all: {held}"
    if each.bar is not None:
        held = "held" if each.over_bare_min <= each.bar else "MISSED"
        return f"  bar {each.bar:g} ms: {held}"
    return ""


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
