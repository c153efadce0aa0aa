"""What the benchmark of the reconciliation runs in processes of their own, and times there.

`python -m benchmarks.reconciliation_workers NAME HOME`. Nothing is imported beforehand that
a worker would have to load itself, but for what reads the logs.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bicameral.capture.events import EVENT_KINDS, Engagement
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, open_files
from bicameral.environment import Environment, read_environment
from bicameral.review.reconciliation.reconcile import reconcile

if TYPE_CHECKING:
    from bicameral.ledger.database import Ledger

DUCKDB_JOIN = """
with events as (
  select * from read_json({events}, format='newline_delimited', columns={{
    ts: 'VARCHAR', session_id: 'VARCHAR', event_type: 'VARCHAR', preflight_id: 'VARCHAR',
    path_hashes: 'VARCHAR[]', path_hash: 'VARCHAR', fired: 'BOOLEAN',
    surfaced_ids: 'VARCHAR[]'}})),
engagements as (
  select * from read_json({engagements}, format='newline_delimited', columns={{
    ts: 'VARCHAR', session_id: 'VARCHAR', preflight_id: 'VARCHAR', decision_id: 'VARCHAR'}})),
preflights as (select * from events where event_type = 'preflight'),
named as (select preflight_id, count(*) as n from engagements group by preflight_id),
edited as (
  select p.preflight_id, count(*) as n
  from (select preflight_id, session_id, ts, unnest(path_hashes) as path_hash from preflights) p
  join events e on e.event_type = 'edit_observed' and e.session_id = p.session_id
    and e.path_hash = p.path_hash and e.ts > p.ts
  group by p.preflight_id)
select count(*), sum(named.n), sum(edited.n) from preflights
left join named using (preflight_id) left join edited using (preflight_id)
"""


def environment_of(home: Path) -> Environment:
    return replace(read_environment(), home=home)


def decode_alone(home: Path) -> None:
    """Read every line and turn it into the full struct of its kind."""
    decoders = {kind: msgspec.json.Decoder(row) for kind, row in EVENT_KINDS.items()}
    engagement = msgspec.json.Decoder(Engagement)
    marker = b'"event_type":"'
    with ExitStack() as stack:
        for file in open_files(home / EVENTS_FILE, stack):
            for line in file:
                # Where the kind stands is looked up by bytes, which costs least.
                start = line.rindex(marker) + len(marker)
                decoders[line[start : line.index(b'"', start)].decode()].decode(line)
        for file in open_files(home / ENGAGEMENTS_FILE, stack):
            for line in file:
                engagement.decode(line)


def run_ours(home: Path) -> None:
    environment = environment_of(home)

    def open_it() -> "Ledger":
        from bicameral.ledger.database import open_ledger

        return open_ledger(environment)

    reconcile(environment, open_it)


def run_duckdb(home: Path) -> None:
    import duckdb

    names = [json.dumps(str(path)).replace('"', "'") for path in files_of(home, EVENTS_FILE)]
    engaged = [json.dumps(str(p)).replace('"', "'") for p in files_of(home, ENGAGEMENTS_FILE)]
    query = DUCKDB_JOIN.format(events=f"[{','.join(names)}]", engagements=f"[{','.join(engaged)}]")
    print(duckdb.connect().execute(query).fetchall(), file=sys.stderr)


def run_polars(home: Path) -> None:
    import polars as pl

    schema: dict[str, Any] = {
        "ts": pl.String,
        "session_id": pl.String,
        "event_type": pl.String,
        "preflight_id": pl.String,
        "path_hashes": pl.List(pl.String),
        "path_hash": pl.String,
        "fired": pl.Boolean,
        "surfaced_ids": pl.List(pl.String),
    }
    events = pl.scan_ndjson(files_of(home, EVENTS_FILE), schema=schema)
    engaged = dict.fromkeys(("ts", "session_id", "preflight_id", "decision_id"), pl.String)
    engagements = pl.scan_ndjson(files_of(home, ENGAGEMENTS_FILE), schema=engaged)
    preflights = events.filter(pl.col("event_type") == "preflight")
    edits = events.filter(pl.col("event_type") == "edit_observed")
    named = engagements.group_by("preflight_id").agg(pl.len().alias("named"))
    edited = (
        preflights.select("preflight_id", "session_id", "ts", path_hash="path_hashes")
        .explode("path_hash")
        .join(edits.select("session_id", "path_hash", at="ts"), on=["session_id", "path_hash"])
        .filter(pl.col("at") > pl.col("ts"))
        .group_by("preflight_id")
        .agg(pl.len().alias("edited"))
    )
    joined = preflights.join(named, on="preflight_id", how="left").join(
        edited, on="preflight_id", how="left"
    )
    found = joined.select(pl.len(), pl.col("named").sum(), pl.col("edited").sum())
    print(found.collect(engine="streaming").rows(), file=sys.stderr)


WORKERS: dict[str, Callable[[Path], None]] = {
    "decoding": decode_alone,
    "ours": run_ours,
    "duckdb": run_duckdb,
    "polars": run_polars,
}


def files_of(home: Path, name: str) -> list[Path]:
    return sorted(path for path in home.glob(f"{name}*") if not path.name.endswith(".lock"))


def work(worker: str, home: Path) -> None:
    began = time.perf_counter()
    WORKERS[worker](home)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "resident_mb": most_resident_mb()}))


def most_resident_mb() -> float:
    """Return the most memory held; the usage that the system reports counts the parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1e3
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return resident / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
