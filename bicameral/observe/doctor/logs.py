"""What was captured: whole lines, hooks that could run, reconciliations that ended well."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bicameral.capture.hook_failures import HookFailure, read_hook_failures
from bicameral.capture.rows import EVENTS_FILE, read_lines_backwards
from bicameral.capture.stamps import read_stamp_ns
from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Reconciled, Surroundings

# The newest part of each log; what is older was read by reconciliation, which counts too.
MOST_BYTES = 16_000_000
DAY_NS = 86_400 * 1_000_000_000
RECENT_DAYS = 7
MOST_LISTED = 3
_row = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class LogFacts:
    """A log: how many of its lines were read, and how many of those are no rows."""

    name: str
    lines: int
    torn: int


def check_logs(around: Surroundings) -> Finding:
    """Read the newest part of every log in the home."""
    home = around.environment.home
    return judge_logs([read_log(path) for path in sorted(home.glob("*.jsonl"))], home)


def read_log(path: Path) -> LogFacts:
    """Count the lines of a log with its rotated files; raises `OSError`."""
    lines = torn = 0
    for line in read_lines_backwards(path, most_bytes=MOST_BYTES):
        if line:
            lines += 1
            torn += not _is_row(line)
    return LogFacts(path.name, lines, torn)


def judge_logs(logs: list[LogFacts], home: Path) -> Finding:
    """Say whether every line is a row."""
    counted = [f"{each.name}: {each.lines} lines, {each.torn} of them torn" for each in logs]
    torn = [each.name for each in logs if each.torn]
    if torn:
        return failed(
            "lines of a log are torn: a full disk or a crash cut them off; readers skip them",
            *counted,
            mend=f"see that the disk has room: df {home}; the whole rows stay usable, and the "
            f"torn ones go with: rm {home / torn[0]}*",
        )
    if not any(each.lines for each in logs):
        return skipped("nothing was captured here yet")
    return passed("every line is a row", *counted)


def check_hook_failures(around: Surroundings) -> Finding:
    """Look for hooks that could not run in the last days."""
    environment = around.environment
    return judge_hooks(
        read_hook_failures(environment.home), environment.time_ns(), environment.home
    )


def judge_hooks(failures: list[HookFailure], now_ns: int, home: Path) -> Finding:
    """Say which hooks failed lately; `failures` come oldest first."""
    recent = [each for each in failures if now_ns - _ns(each.ts) < RECENT_DAYS * DAY_NS]
    if recent:
        return failed(
            f"a hook could not do its work {len(recent)} times in {RECENT_DAYS} days",
            *(f"{each.ts} {each.hook}: {each.reason}" for each in recent[-MOST_LISTED:]),
            mend="mend what the reasons name, as `bicameral-mcp doctor` says, then: "
            f"rm {home / 'hook_failures.jsonl'}",
            failures=len(recent),
        )
    old = f"{len(failures)} older ones are on record" if failures else "none is on record"
    return passed(f"no hook failed in the last {RECENT_DAYS} days", old)


def check_reconciliation(around: Surroundings) -> Finding:
    """Look at how the last reconciliation ended, and whether one is due."""
    home = around.environment.home
    newest_ns = _newest_row_ns(home)
    return judge_reconciliation(
        around.last_reconciliation(),
        is_there=(home / "last_reconciliation.json").exists(),
        newest_ns=newest_ns,
        now_ns=around.environment.time_ns(),
    )


def judge_reconciliation(
    last: Reconciled | None, *, is_there: bool, newest_ns: int, now_ns: int
) -> Finding:
    """Say how it ended. `is_there`: a summary is on disk; `newest_ns` is the stamp of the
    newest captured row, 0 if there is none.
    """
    mend = "bicameral-mcp reconcile"
    if last is None and is_there:
        return failed("the summary of the last reconciliation cannot be read", mend=mend)
    if last is not None and last.error:
        return failed("the last reconciliation failed", last.finished_at, last.error, mend=mend)
    if not newest_ns:
        return skipped("nothing was captured, so there is nothing to reconcile")
    done_ns = _ns(last.finished_at) if last else 0
    waits_since_ns = max(newest_ns, done_ns)
    if newest_ns > done_ns and now_ns - waits_since_ns > RECENT_DAYS * DAY_NS:
        return failed(
            f"captured rows wait for a reconciliation for more than {RECENT_DAYS} days",
            f"the last one ended {last.finished_at}" if last else "there was none yet",
            mend=mend,
        )
    if last is None:
        return skipped(
            "there was no reconciliation yet; the plugin's hook starts one when a session ends, "
            "and a server does with its first call",
            mend=mend,
        )
    return passed(
        "the last reconciliation ended well",
        f"ended {last.finished_at}; {last.suspects} suspects, {last.skipped_lines} lines skipped",
        suspects=last.suspects,
    )


def _newest_row_ns(home: Path) -> int:
    for line in read_lines_backwards(home / EVENTS_FILE, most_bytes=1_000_000):
        row = _parsed(line)
        stamp = row.get("ts") if row else None
        if isinstance(stamp, str):
            return _ns(stamp)
    return 0


def _is_row(line: bytes) -> bool:
    return _parsed(line) is not None


def _parsed(line: bytes) -> Mapping[str, object] | None:
    try:
        return _row.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _ns(stamp: str) -> int:
    try:
        return read_stamp_ns(stamp)
    except ValueError:
        return 0
