"""The public face: module functions over this process's default (PT-07)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import preflight_telemetry
from bicameral.capture.rows import read_rows

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "use-telemetry-in-another-server.md"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A process of its own, as far as the default can tell, with capture on."""
    monkeypatch.setenv("BICAMERAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BICAMERAL_TELEMETRY", "preflight")
    preflight_telemetry.process_telemetry.cache_clear()
    preflight_telemetry.process_metrics.cache_clear()
    yield tmp_path / "home"
    preflight_telemetry.process_metrics().close()
    preflight_telemetry.process_telemetry().close()
    preflight_telemetry.process_telemetry.cache_clear()


def test_importing_looks_at_nothing_outside(tmp_path: Path) -> None:
    """A server may import the module before it has set its own environment."""
    assert preflight_telemetry.process_telemetry.cache_info().currsize == 0


def test_the_functions_write_through_one_telemetry_of_this_process(home: Path) -> None:
    """Both faces are one: what the functions write, the object counts."""
    preflight_id = preflight_telemetry.new_preflight_id()
    preflight_telemetry.write_preflight_event(
        session_id="s1",
        preflight_id=preflight_id,
        topic="retry failed payments",
        file_paths=["src/pay.py", "src/api.py"],
        fired=True,
        surfaced_ids=["dec_1"],
        reason="fired",
        ledger_revision="3",
        latency_ms=1.5,
        repository_id="r1",
    )
    preflight_telemetry.write_engagement(
        session_id="s1",
        tool="bind",
        decision_id="dec_1",
        preflight_id=None,
        file_paths=["src/pay.py"],
        repository_id="r1",
    )

    (event,) = read_rows(home / "preflight_events.jsonl")
    (engagement,) = read_rows(home / "engagements.jsonl")
    assert (event["preflight_id"], event["repository_id"]) == (preflight_id, "r1")
    assert (event["ledger_revision"], event["latency_ms"]) == ("3", 1.5)
    assert (engagement["preflight_id"], engagement["attribution"]) == (preflight_id, "fallback")
    counted = preflight_telemetry.process_telemetry().status().files
    assert [file.written for file in counted] == [1, 1]


def test_each_emitted_metric_is_one_line(home: Path) -> None:
    """Another server counts what it likes beside its rows."""
    for number in range(3):
        preflight_telemetry.emit_metric("cache.size", number, is_warm=True)

    rows = list(read_rows(home / "metrics.jsonl"))
    assert [(row["name"], row["value"]) for row in rows] == [("cache.size", n) for n in range(3)]
    preflight_telemetry.process_metrics().close()
    assert '"cache.size":{"emitted":3,"sum":3.0}' in (home / "metrics.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "enabled", "raw"),
    [("0", False, False), ("1", False, False), ("preflight", True, False), ("raw", True, True)],
)
def test_the_switches_are_read_from_the_process_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str, enabled: bool, raw: bool
) -> None:
    """Once, at the first call."""
    monkeypatch.setenv("BICAMERAL_TELEMETRY", value)

    assert preflight_telemetry.telemetry_enabled() is enabled
    assert preflight_telemetry.raw_capture_enabled() is raw
    assert (preflight_telemetry.new_preflight_id() is not None) is enabled
    monkeypatch.setenv("BICAMERAL_TELEMETRY", "relay")
    assert preflight_telemetry.telemetry_enabled() is enabled


def test_every_public_name_is_there_and_no_other() -> None:
    """`__all__` is the promise to other servers."""
    for name in preflight_telemetry.__all__:
        assert getattr(preflight_telemetry, name)
    assert sorted(preflight_telemetry.__all__) == preflight_telemetry.__all__


def test_the_examples_of_the_how_to_page_run(home: Path) -> None:
    """A documented line that does not run is worse than none."""
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(compile(example, str(PAGE), "exec"), {})

    rows = list(read_rows(home / "preflight_events.jsonl"))
    assert {row["event_type"] for row in rows} == {"preflight"}
    (engagement,) = read_rows(home / "engagements.jsonl")
    assert engagement["preflight_id"] in {row["preflight_id"] for row in rows}


def test_the_first_example_of_the_page_needs_three_lines() -> None:
    """As promised."""
    first = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    statements = compile(first, str(PAGE), "exec", flags=0x400)  # ast.PyCF_ONLY_AST

    assert len(statements.body) == 3  # type: ignore[attr-defined]
