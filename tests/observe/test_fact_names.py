"""Facts: a name that is not in the table of spans is left out and counted, never raised."""

import ast
from collections.abc import Iterator

from bicameral.environment import Environment
from bicameral.observe.opening import open_recorder
from bicameral.observe.ring import get_recent_spans
from bicameral.observe.span_table import FACT_NAMES
from bicameral.tracing import event, span
from tests.docs.pages import package_files


def test_a_fact_that_is_not_registered_is_left_out_and_counted(environment: Environment) -> None:
    """Somebody adds a fact in a hurry; the call goes on, and nothing of it stands anywhere."""
    recorder = open_recorder(environment, is_raw=True, is_live=False)
    with recorder.begin("tool", "tool.test", "cli", None) as root:
        root.add_metadata(customer="Acme", client="codex")
        with span("ledger", "read", "sqlite") as reading:
            reading.set_output({"rows": 1}, prompt="refunds", revision=7)
        event("preflight", "gate", "topic", None, words="refunds", matched=1)
    recorder.close()

    kept = [row.metadata for row in get_recent_spans()[-3:]]
    assert kept == [{"revision": 7}, {"matched": 1}, {"client": "codex"}]
    assert recorder.refused == 3
    assert b"Acme" not in (environment.home / "trace.jsonl").read_bytes()


def names_in_code() -> Iterator[str]:
    """Yield every name that the package gives to a fact."""
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in {"add_metadata", "set_output"}:
                    yield from (each.arg for each in node.keywords if each.arg)


def test_every_fact_that_the_code_names_is_registered() -> None:
    """Else it would be lost wherever somebody traces."""
    names = set(names_in_code())
    assert len(names) >= 10
    assert names <= FACT_NAMES
