"""What became of the rows of the last run: how many were written and dropped, in each lane."""

from pathlib import Path

import msgspec

from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.writable import blocks_capture
from bicameral.observe.metrics.last_run import LAST_RUN_FILE, Drops, LastRun

_last_run = msgspec.json.Decoder(LastRun)


def check_drops(around: Surroundings) -> Finding:
    """Read what the last run says of its rows; raises `OSError`."""
    home = around.environment.home
    blocked = blocks_capture(home)
    if blocked:
        return failed(
            f"rows cannot be written as the files stand; {LAST_RUN_FILE} may be of a run before",
            *blocked,
            mend="bicameral-mcp doctor --only home",
        )
    try:
        content = (home / LAST_RUN_FILE).read_bytes()
    except FileNotFoundError:
        return skipped("nothing was captured here yet, so nothing was dropped")
    try:
        found = _last_run.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return failed(
            f"{LAST_RUN_FILE} cannot be read",
            mend=f"rm {home / LAST_RUN_FILE}; the next call writes it anew",
        )
    return judge_drops(found.telemetry_drops.lanes, home)


def judge_drops(lanes: dict[str, Drops], home: Path) -> Finding:
    """Say whether every row of every lane was written, and whether the counts add up."""
    counted = [
        f"{name}: {each.attempted} attempted, {each.written} written, {each.dropped} dropped"
        for name, each in sorted(lanes.items())
    ]
    odd = [name for name, each in lanes.items() if each.attempted != each.written + each.dropped]
    if odd:
        return failed(
            "the rows written and dropped do not add up to those attempted",
            *counted,
            mend=f"rm {home / LAST_RUN_FILE}; the next call writes it anew",
        )
    dropped = sum(each.dropped for each in lanes.values())
    if dropped:
        return failed(
            f"{dropped} rows were dropped in the last run",
            *counted,
            mend="see why: bicameral-mcp telemetry status; "
            f"most often the disk has no room or the home cannot be written: df {home}",
            dropped=dropped,
        )
    return passed("every row of the last run was written", *counted)
