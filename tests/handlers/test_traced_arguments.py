"""The arguments of every tool in a trace: omitted, hashed or whole, as `config.toml` says."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import read_salt
from bicameral.observe.values import SHOWN
from handlers.table import TOOLS
from tests.docs.examples import EXAMPLES
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench
from tests.review.promotion.planted import SECRETS

SECRET = SECRETS["github classic token"]()
NAMES = sorted(tool.name for tool in TOOLS)
TOOL = pytest.mark.parametrize("name", NAMES)
# Not an argument's value but a fact of the span, as the answer carries it.
FACTS = {"preflight_id"}


def bench_with(make_bench: MakeBench, tmp_path: Path, line: str, **variables: str) -> Bench:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(f"[tracing]\nenabled = true\n{line}\n", encoding="utf-8")
    return make_bench(**{"BICAMERAL_TELEMETRY": "raw", **variables})


def traced(bench: Bench, name: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    """Call a tool; return what its root says was sent, and the whole of the trace."""
    bench.try_call(name.removeprefix("bicameral."), **arguments)
    text = (bench.environment.home / "trace.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    [root] = [row for row in rows if row["operation"] == f"tool.{name}"]
    return str(root["input_summary"]), text


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def own_words(arguments: Mapping[str, Any]) -> set[str]:
    """Return the texts of a call that no code of ours could bring in by itself."""
    told = {name: value for name, value in arguments.items() if name not in FACTS}
    return {text for text in texts_in(told) if re.search(r"[ /]", text)}


@TOOL
@pytest.mark.parametrize("line", ["", 'arguments = "omit"', 'arguments = "FULL"', "arguments = 1"])
def test_without_a_word_that_is_known_no_value_is_in_a_trace(
    make_bench: MakeBench, tmp_path: Path, name: str, line: str
) -> None:
    """Also in raw mode, and in the spans within the call: only names and sizes."""
    bench = bench_with(make_bench, tmp_path, line)
    arguments = EXAMPLES[name]
    summary, trace = traced(bench, name, arguments)
    for text in own_words(arguments):
        assert json.dumps(text)[1:-1] not in trace
    for argument, value in arguments.items():
        # Ids and codes of ours, each held to its form, stand in any trace.
        if argument not in {*FACTS, *SHOWN} and isinstance(value, str):
            assert f"{argument}:{len(value)} chars" in summary


@TOOL
def test_as_hashes_the_values_of_a_call_can_be_told_apart_and_not_read(
    make_bench: MakeBench, tmp_path: Path, name: str
) -> None:
    """With the salt of the events, so that a topic is the same in both."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "hash"')
    arguments = EXAMPLES[name]
    summary, trace = traced(bench, name, arguments)
    for text in own_words(arguments):
        assert json.dumps(text)[1:-1] not in trace
    hashes = Hashes(read_salt(bench.environment.home, bench.environment.random_bytes))
    shown = [
        f"{argument}:{hashes.hash_topic(value)}"
        for argument, value in arguments.items()
        if argument not in FACTS and isinstance(value, str)
    ]
    # A summary has a hundred characters; what is beyond is cut.
    assert all(each in summary for each in shown[:2])


@TOOL
def test_in_full_the_values_stand_without_their_secrets(
    make_bench: MakeBench, tmp_path: Path, name: str
) -> None:
    """Where raw mode and the setting both ask for it."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "full"')
    arguments = dict(EXAMPLES[name])
    summary, _ = traced(bench, name, arguments)
    first = next(
        ((k, v) for k, v in arguments.items() if isinstance(v, str) and k not in FACTS), None
    )
    if first:
        assert f"{first[0]}:{first[1]}"[:40] in summary


def test_a_secret_in_an_argument_is_in_no_trace(make_bench: MakeBench, tmp_path: Path) -> None:
    """Not even where everything else is kept."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "full"')
    summary, trace = traced(bench, "bicameral.search", {"query": f"rotate {SECRET} now"})
    assert "query:rotate [secret: " in summary
    assert SECRET not in trace


def test_in_full_without_raw_mode_values_are_hashed(make_bench: MakeBench, tmp_path: Path) -> None:
    """Plain text is kept nowhere that nobody asked for plain text."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "full"', BICAMERAL_TELEMETRY="preflight")
    summary, trace = traced(bench, "bicameral.search", {"query": "refunds of Frobnitz"})
    assert re.fullmatch(r"query:[0-9a-f]{16}", summary)
    assert "Frobnitz" not in trace


def test_a_salt_that_cannot_be_used_keeps_no_value_and_fails_no_call(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    """The call is what matters, and a hash without a salt can be guessed."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "hash"')
    (bench.environment.home / "salt").write_bytes(b"short")
    summary, trace = traced(bench, "bicameral.search", {"query": "refunds of Frobnitz"})
    assert summary == "query:19 chars"
    assert "Frobnitz" not in trace


def test_an_argument_that_the_tool_does_not_have_is_never_kept(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    """Its very name may be content."""
    bench = bench_with(make_bench, tmp_path, 'arguments = "full"')
    sent = {"query": "refunds", "Acme Holding": "refunds of Frobnitz"}
    summary, trace = traced(bench, "bicameral.search", sent)
    assert summary == "query:refunds"
    assert "Frobnitz" not in trace
