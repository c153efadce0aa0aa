"""The table of spans against the code: what is opened stands in it, and what stands is opened."""

import ast
from collections.abc import Iterator
from pathlib import Path

from bicameral.grounding.signals import SIGNALS
from bicameral.ledger.statements import VERBS
from bicameral.observe.ring import clear_spans, get_recent_spans
from bicameral.observe.span_table import ERROR_FACTS, SPAN_KINDS, TOOL_PREFIX
from handlers.table import TOOLS
from tests.docs.pages import package_files
from tests.handlers.conftest import MakeBench
from tests.handlers.test_privacy import drive_everything

TABLE = {(kind.layer, kind.operation) for kind in SPAN_KINDS}
OPENERS = {"span", "event", "begin", "open_read"}
SIGNALLED = {("grounding", name) for name in SIGNALS}
BY_SERVERS = {(layer, name) for layer, name in SIGNALLED if name.startswith("lsp.")}
# Where the operation is not written out: the module, and what it may be there.
COMPUTED = {
    "bicameral/grounding/signals.py": SIGNALLED - BY_SERVERS,
    "grounding/lsp/conversations.py": {
        ("grounding", f"lsp.{name}") for name in ("initialize", "ready", "diagnostics")
    },
    "bicameral/ledger/statements.py": {("ledger", each) for each in (*VERBS, "other")},
    "bicameral/serving/traced.py": {
        ("tool", "tool.<name>"),
        ("serving", "resource.read"),
        ("serving", "prompt.get"),
    },
}


def opened_in(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Yield layer and operation of each span or event; None for one that is computed."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        layer, operation = (*node.args, *[None] * 2)[:2]
        if name in OPENERS and isinstance(layer, ast.Constant) and operation is not None:
            is_written = isinstance(operation, ast.Constant)
            yield str(layer.value), str(operation.value) if is_written else None  # type: ignore[attr-defined]


def opened() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for path in package_files():
        if "observe" in path.parts or path.name == "tracing.py":
            continue
        name = "/".join(path.parts[-3:])
        for layer, operation in opened_in(ast.parse(path.read_text(encoding="utf-8"))):
            if operation is None:
                found |= COMPUTED[name]
            else:
                found.add((layer, operation))
    return found


def test_every_span_in_the_code_stands_in_the_table_and_the_reverse() -> None:
    """A name that nobody can look up, and a row that nothing gives, both mislead."""
    assert opened() == TABLE
    assert len(TABLE) == len(SPAN_KINDS)


def test_a_span_that_is_missing_in_the_table_is_found() -> None:
    """The check itself must be able to fail."""
    tree = ast.parse('with span("ledger", "guess", "x"):\n    event("intake", "read", "y", a=1)\n')
    assert set(opened_in(tree)) == {("ledger", "guess"), ("intake", "read")}
    assert set(opened_in(ast.parse('span("ledger", verb, "x")'))) == {("ledger", None)}


def test_what_is_recorded_while_every_tool_is_driven_stands_in_the_table(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    """Operations and facts, as they really come."""
    bench = make_bench(BICAMERAL_TRACE="1")
    clear_spans()
    drive_everything(bench)
    facts = {(k.layer, k.operation): {*k.facts, *ERROR_FACTS} for k in SPAN_KINDS}
    seen = set()
    rows = bench.rows("trace.jsonl")
    assert len(get_recent_spans()) == 256
    for row in rows:
        name = "tool.<name>" if row["operation"].startswith(TOOL_PREFIX) else row["operation"]
        assert row["metadata"].keys() <= facts[row["layer"], name], row
        seen.add((row["layer"], name))
    # What the driving does not come to: a client that can ask its person, odd statements, and
    # selectors that need a language server.
    assert TABLE - seen <= {("serving", "ask"), ("ledger", "other"), *BY_SERVERS}
    names = {row["operation"] for row in rows if row["layer"] == "tool"}
    assert names == {f"tool.{tool.name}" for tool in TOOLS}
