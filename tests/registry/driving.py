"""Everything that writes, driven for real: what is in the home then is what gets written."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bicameral.cli.hook import run_hook
from bicameral.errors import InputRefused
from bicameral.govern.spool.enqueue import enqueue
from bicameral.govern.spool.folder import open_spool
from bicameral.metering import observe_ms
from bicameral.observe import emit_metric
from bicameral.preflight.topic import Gate
from bicameral.registry.whole import whole_registry
from bicameral.review.calibration.records import apply_gate
from bicameral.review.reconciliation.reconcile import reconcile
from bicameral.review.triage.labels import append_label
from tests.cli.parts import Person
from tests.handlers.bench import Bench
from tests.handlers.test_privacy import drive_everything
from tests.plugin.recorded import recorded
from tests.review.promotion.parts import SWEEP, a_draft, a_promotion, write

Line = tuple[str, dict[str, Any]]
NOT_LINES = ("ledger.sqlite3", "salt", "index/", ".lock")


def drive(bench: Bench) -> list[Line]:
    """Do all that leaves a line anywhere; return each with the name of its file."""
    drive_everything(bench)
    _ask_again(bench)
    _call_hooks(bench)
    _review(bench)
    _measure(bench)
    bench.services.telemetry.start_session("still open")
    printed = _refused_command(bench)
    promoted = _promote(bench)
    _queue(bench)
    return [*lines_in(bench.environment.home), ("stdout", printed), ("dataset", promoted)]


def lines_in(home: Path) -> Iterator[Line]:
    """Yield every line of every file of a home but the ledger's, the salt and the locks."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        is_torn = name.startswith("spool/dead/") and name.endswith(".json")
        is_other = name.startswith(NOT_LINES[:3]) or name.endswith(NOT_LINES[3])
        if path.is_file() and not is_other and not is_torn:
            for line in path.read_text(encoding="utf-8").splitlines():
                yield name, json.loads(line)


def _ask_again(bench: Bench) -> None:
    """Have a preflight answered anew because the ledger moved on; lose the import graph."""
    bench.call("preflight", topic="Refund stuck", file_paths=["src/payments.py"])
    bench.decide("Refunds are logged")
    asked = bench.call("preflight", topic="Refund stuck", file_paths=["src/payments.py"])
    bench.services.telemetry.write_graph_expansion_fallback(
        session_id="s",
        preflight_id=asked["preflight_id"],
        reason="index_cold",
        file_paths=["src/payments.py"],
    )


def _call_hooks(bench: Bench) -> None:
    root = bench.repository.root
    for name in ("before-edit", "after-edit"):
        sent = recorded(name, root, path="src/search.py", session_id="hooked")
        run_hook([name], bench.environment, io.BytesIO(sent))
    run_hook(["after-edit"], bench.environment, io.BytesIO(b"not JSON"))


def _measure(bench: Bench) -> None:
    """Emit a metric, and bring the sums up to date."""
    metrics = bench.services.metrics
    with metrics.call("bicameral.preflight", surface="cli") as call:
        emit_metric("driven", 2.5, kind="planted text", is_driven=True, of=None, share=0.5)
        observe_ms("part", 0.5)
        call.answered("{}")
        call.fail(InputRefused("no", next_step="try again"))
    metrics.close()


def _review(bench: Bench) -> None:
    environment = bench.environment
    bench.services.telemetry.end_sessions()
    reconcile(environment, bench.services.ledger)
    [review, *_] = bench.rows("failure_review.jsonl")
    append_label(environment, review["id"], "label", who="Ada", label="borderline", note="why")
    apply_gate(environment, Gate(most=2), evidence={"rows": ["row_1"], "cost_ratio": 2}, who="Ada")


def _queue(bench: Bench) -> None:
    """Queue what may be sent; one batch is taken, one is torn, and the others wait."""
    enqueue(bench.environment, whole_registry())
    with open_spool(bench.environment) as spool:
        first, second, *_ = spool.pending()
        second.write_bytes(second.read_bytes()[:-1])
        taken = spool.read(first)
        assert taken
        assert spool.read(second) is None
        spool.taken(taken, 200)


def _refused_command(bench: Bench) -> dict[str, Any]:
    person = Person(bench.repository, bench.environment.home, bench.environment)
    return person.run_here("history", "dec_unknown", "--json").answer()


def _promote(bench: Bench) -> dict[str, Any]:
    promotion = a_promotion(a_draft(), bench.repository.root)
    path = write(promotion, SWEEP, bench.environment).path
    return dict(json.loads(path.read_text(encoding="utf-8").splitlines()[-1]))
