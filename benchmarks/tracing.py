"""What a span costs: off, into the ring, into the file, beside its peers; and a preflight's share.

The preflight is asked by two processes in turn: one runs the code as it is with tracing off,
the other the same code compiled without any span in it (`benchmarks/stripped.py`).
`python -m benchmarks.tracing [--rounds N] [--calls N] [--json] [--strict]`
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

OFF_BAR_US = 0.5
RING_BAR_US = 10.0
FILE_BAR_US = 50.0
SHARE_BAR = 1.02
# Short, or on a loaded machine a round holds the turns that other processes take.
SPANS_A_ROUND = 20
DECISIONS = 1_000
CALLS_A_ROUND = 10
INPUT = {"topic": "retry failed charges", "file_paths": ["src/pay.py", "src/api.py"]}
WORK = "--work"


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that was promised, what was measured, and whether it is kept."""

    what: str
    promised: str
    measured: str
    is_met: bool


def round_us(work: Callable[[], object]) -> float:
    """Return the microseconds of one call, over a round of them."""
    began = time.perf_counter_ns()
    for _ in range(SPANS_A_ROUND):
        work()
    return (time.perf_counter_ns() - began) / SPANS_A_ROUND / 1_000


def bare() -> None:
    return


def our_spans() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return a span of ours: bare, and with what went in, what came out, and a fact."""
    # Here, for a process that strips our modules must do so before the first is imported.
    from bicameral.tracing import span

    def plain() -> None:
        with span("ledger", "read", "sqlite"):
            pass

    def full() -> None:
        with span("ledger", "read", "sqlite", INPUT) as reading:
            reading.set_output({"decisions": 3}, revision=7)

    return plain, full


def opentelemetry_spans() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return a span of OpenTelemetry's SDK, kept in memory: bare, and with three attributes."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("benchmark")

    def plain() -> None:
        with tracer.start_as_current_span("ledger.read sqlite"):
            pass

    def full() -> None:
        with tracer.start_as_current_span("ledger.read sqlite") as reading:
            reading.set_attribute("input", "topic:20 chars, file_paths:2")
            reading.set_attribute("output", "decisions:3")
            reading.set_attribute("revision", 7)

    def emptied(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            work()
            exporter.clear()

        return run

    return emptied(plain), emptied(full)


def logfire_span() -> Callable[[], object] | None:
    """Return a span of logfire's API without its SDK, which does nothing; None if not there."""
    try:
        import logfire_api
    except ImportError:
        return None

    def nothing() -> None:
        with logfire_api.span("ledger.read sqlite"):
            pass

    return nothing


def measure_spans(rounds: int, folder: Path) -> dict[str, float]:
    """Return the median microseconds of each, in interleaved rounds; the bare call is taken off."""
    from bicameral.capture.log import RotatedLog
    from bicameral.environment import read_environment
    from bicameral.observe.recorder import Recorder
    from bicameral.observe.ring import Ring

    environment = replace(read_environment(), home=folder)
    ring = Recorder(environment, ring=Ring(), log=None)
    file = Recorder(environment, ring=Ring(), log=RotatedLog(folder / "trace.jsonl"))
    one_span, one_full_span = our_spans()
    sdk, sdk_full = opentelemetry_spans()
    plain: dict[str, Callable[[], object]] = {"bare call": bare, "off": one_span}
    if (logfire := logfire_span()) is not None:
        plain["logfire without its SDK"] = logfire
    plain |= {"OpenTelemetry SDK, in memory": sdk, "the same, three attributes": sdk_full}
    traced = {
        "ring": (ring, one_span),
        "ring, in and out": (ring, one_full_span),
        "file": (file, one_span),
        "file, in and out": (file, one_full_span),
    }
    taken: dict[str, list[float]] = {name: [] for name in (*plain, *traced)}
    for _ in range(rounds):
        for name, work in plain.items():
            taken[name].append(round_us(work))
        for name, (recorder, work) in traced.items():
            with recorder.begin("tool", "tool.benchmark", "cli", None):
                taken[name].append(round_us(work))
    return {name: statistics.median(each) for name, each in taken.items()}


# A preflight, as it is and without any span.


def answer_rounds(folder: Path, seeds: str) -> None:
    """Ask questions for each line on stdin; answer with the nanoseconds of processor each."""
    import server
    from benchmarks.ledger_seed import seed
    from benchmarks.preflight import make_environment, make_repository, questions

    environment = make_environment(folder)
    make_repository(environment.cwd)
    desk = server.Desk(environment, session_id="bench")
    services = desk.services
    paths = seed(
        services.ledger,
        decisions=DECISIONS,
        bindings_per_decision=3,
        repository_keys=services.workspace.keys(),
        commit=services.workspace.repository.head() or "",
        seed=1,
    )
    asked = questions(paths, int(seeds))
    print(json.dumps(_taken_out()), flush=True)
    for _ in sys.stdin:
        taken = []
        for arguments in islice(asked, CALLS_A_ROUND):
            began = time.thread_time_ns()
            desk.call("bicameral.preflight", arguments)
            taken.append(time.thread_time_ns() - began)
        print(json.dumps(taken), flush=True)


def _taken_out() -> int:
    from benchmarks.stripped import StrippingLoader

    return StrippingLoader.taken


class Asker:
    """A process that asks, one round at a time."""

    def __init__(self, kind: str, folder: Path, calls: int) -> None:
        variables = {k: v for k, v in os.environ.items() if not k.startswith("BICAMERAL_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.tracing", WORK, kind, str(folder), str(calls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=variables,
        )
        self.taken_out: int = self._read()

    def ask(self) -> list[int]:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found = self._read()
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _read(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


def measure_preflight(calls: int, folder: Path) -> dict[str, float]:
    """Return the median milliseconds of both, and the median ratio; the first round warms up."""
    rounds = calls // CALLS_A_ROUND
    with ExitStack() as stack:
        askers = {}
        for kind in ("as it is, off", "without spans"):
            askers[kind] = Asker(kind, folder / kind, (rounds + 1) * CALLS_A_ROUND)
            stack.callback(askers[kind].close)
        assert askers["as it is, off"].taken_out == 0
        assert askers["without spans"].taken_out > 20, "nothing was stripped"
        taken: dict[str, list[int]] = {kind: [] for kind in askers}
        for number in range(rounds):
            order = list(askers) if number % 2 else list(reversed(askers))
            for kind in order:
                found = askers[kind].ask()
                taken[kind] += found if number else []
    medians = {kind: statistics.median(each) / 1e6 for kind, each in taken.items()}
    # Question by question: what one of them costs differs more than what is looked for.
    pairs = zip(taken["as it is, off"], taken["without spans"], strict=True)
    return {**medians, "ratio": statistics.median(off / without for off, without in pairs)}


def judge(spans: dict[str, float], preflight: dict[str, float]) -> list[Bar]:
    off = spans["off"] - spans["bare call"]
    return [
        Bar("off, beyond a bare call", f"<= {OFF_BAR_US} us", f"{off:.2f} us", off <= OFF_BAR_US),
        *(
            Bar(name, f"<= {bar:g} us", f"{spans[name]:.1f} us", spans[name] <= bar)
            for name, bar in (("ring", RING_BAR_US), ("file", FILE_BAR_US))
        ),
        Bar(
            "preflight, off / without spans",
            f"<= {SHARE_BAR}",
            f"{preflight['ratio']:.3f}",
            preflight["ratio"] <= SHARE_BAR,
        ),
    ]


def show(spans: dict[str, float], preflight: dict[str, float], bars: list[Bar]) -> None:
    peer = spans["OpenTelemetry SDK, in memory"]
    print(f"{'one span':<32}{'median us':>10}{'x OpenTelemetry SDK':>21}")
    for name, median in spans.items():
        print(f"{name:<32}{median:>10.2f}{median / peer:>21.3f}")
    print(f"\na preflight, {DECISIONS:,} decisions: median ms of processor")
    for name, median in preflight.items():
        print(f"{name:<32}{median:>10.3f}")
    print()
    for bar in bars:
        verdict = "met" if bar.is_met else "NOT MET"
        print(f"{bar.what:<38}{bar.promised:>10}{bar.measured:>12}  {verdict}")


def main() -> int:
    """Measure and show; with `--strict`, return 1 if a bar is not met."""
    if sys.argv[1:2] == [WORK]:
        kind, folder_name, calls = sys.argv[2:]
        if kind == "without spans":
            from benchmarks.stripped import install

            install()
        answer_rounds(Path(folder_name), calls)
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, help="rounds of 20 spans a kind")
    parser.add_argument("--calls", type=int, default=2_000, help="preflights for each of the two")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a bar is not met")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        spans = measure_spans(arguments.rounds, Path(name) / "spans")
        preflight = measure_preflight(arguments.calls, Path(name) / "preflight")
    bars = judge(spans, preflight)
    if arguments.json:
        report = {"spans_us": spans, "preflight_ms": preflight, "bars": bars}
        print(json.dumps(report, default=asdict, indent=2))
    else:
        show(spans, preflight, bars)
    return int(arguments.strict and not all(bar.is_met for bar in bars))


if __name__ == "__main__":
    sys.exit(main())
