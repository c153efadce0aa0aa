"""A trace with all that the viewer has to cope with, always the same; and what it then shows.

`python -m tests.cli.golden.make` writes the shown pages anew.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bicameral.observe.span_row import SpanRow, encode_span
from bicameral.observe.values import Value

FOLDER = Path(__file__).parent
PREFLIGHT_ID = "0b5f3b1e-3c60-4f0e-8f2d-5f2f6d0f9b11"
DECISION_ID = "dec_01M8QBHRWR670XX05D9X9J8WP2"
# What is shown of it: the file of each page, and the words that ask for it.
PAGES = {
    "view.txt": ("view",),
    "view_last.txt": ("view", "--last", "1"),
    "view_layer.txt": ("view", "--layer", "ledger"),
    "view_status.txt": ("view", "--status", "error"),
    "view_since.txt": ("view", "--since", "2026-03-05T09:31:00Z"),
    "view_trace_id.txt": ("view", "--trace-id", "led_1772703000_0000000000000003"),
    "view_preflight_id.txt": ("view", "--preflight-id", PREFLIGHT_ID),
    "view.json": ("view", "--json"),
    "stats.txt": ("stats",),
    "stats_last.txt": ("stats", "--last", "3"),
    "stats.json": ("stats", "--json"),
}


def a_span(
    number: int,
    parent: str | None,
    name: tuple[str, str, str],
    *,
    minute: int = 30,
    ms: float = 0.0,
    sizes: tuple[str, str] = ("", ""),
    status: str = "success",
    **metadata: Value,
) -> SpanRow:
    layer, operation, component = name
    return SpanRow(
        f"{layer[:3]}_{1_772_701_200 + minute * 60}_{number:016x}",
        parent,
        f"2026-03-05T09:{minute}:00.{number:06d}Z",
        *(layer, operation, component, *sizes, ms, status),
        {name.replace("__", "."): value for name, value in metadata.items()},
    )


def older_rows() -> list[SpanRow]:
    """A preflight of one session."""
    root = a_span(
        1,
        None,
        ("tool", "tool.bicameral.preflight", "mcp"),
        ms=12.4,
        sizes=("topic:38 chars, file_paths:3", "fired:True, reason:fired, decisions:1"),
        session_id="first",
        preflight_id=PREFLIGHT_ID,
    )
    decide = a_span(
        2,
        root.trace_id,
        ("preflight", "decide", "gate"),
        ms=8.25,
        sizes=("topic:38 chars, paths:3", "reason:fired, shown:1"),
        dedup="new",
    )
    select = a_span(
        3, decide.trace_id, ("ledger", "select", "regions"), ms=0.31, sizes=("parameters:1", "")
    )
    candidate = a_span(
        4,
        decide.trace_id,
        ("preflight", "candidate", "binding"),
        decision_id=DECISION_ID,
        confidence=0.9,
        outcome="shown",
    )
    return [select, candidate, decide, root]


def newer_rows() -> list[SpanRow]:
    """A call of another session that names it, one that fails, and one whose root is lost."""
    named = a_span(
        5,
        None,
        ("tool", "tool.bicameral.bind", "mcp"),
        minute=31,
        ms=1_203.0,
        sizes=("bindings:1", "bindings:1"),
        session_id="second",
        preflight_id=PREFLIGHT_ID,
    )
    failed = a_span(
        7,
        None,
        ("tool", "tool.bicameral.ratify", "cli"),
        minute=32,
        ms=5_003.1,
        sizes=("decision_id:30 chars", ""),
        status="error",
        error__type="LedgerBusy",
        error_code="ledger_busy",
    )
    write = a_span(
        8,
        failed.trace_id,
        ("ledger", "write", "sqlite"),
        minute=32,
        ms=5_001.7,
        status="error",
        error__type="LedgerBusy",
        error_code="ledger_busy",
    )
    orphan = a_span(
        9,
        "too_1772703180_00000000000000ff",
        ("grounding", "git", "rev-parse"),
        minute=33,
        ms=3.9,
        sizes=("", "output:41 bytes"),
        status="cancelled",
    )
    steering = a_span(
        10,
        named.trace_id,
        ("grounding", "parse", "python"),
        minute=31,
        ms=0.04,
        sizes=("topic:\x1b[31mred\u202e", ""),
        status="blocked",
    )
    return [steering, named, write, failed, orphan]


def write_trace(home: Path) -> None:
    """Write it as a writer leaves it that was put aside once, and once was killed."""
    home.mkdir(mode=0o700, exist_ok=True)
    older = b"".join(encode_span(row) + b"\n" for row in older_rows())
    newer = b"".join(encode_span(row) + b"\n" for row in newer_rows())
    (home / "trace.jsonl.1").write_bytes(older)
    (home / "trace.jsonl").write_bytes(b'{"trace_id":"led_17727\n' + newer)


def main() -> None:
    """Show every page, and keep what is shown."""
    with tempfile.TemporaryDirectory() as name:
        variables = {**os.environ, "BICAMERAL_HOME": name, "COLUMNS": "80"}
        write_trace(Path(name))
        for page, words in PAGES.items():
            command = [sys.executable, "-P", "-m", "server", "trace", *words]
            done = subprocess.run(command, env=variables, capture_output=True, check=True)
            (FOLDER / page).write_bytes(done.stdout)


if __name__ == "__main__":
    main()
