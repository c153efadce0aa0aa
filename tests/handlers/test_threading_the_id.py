"""PT-02: the `preflight_id` goes in optionally and comes back from every outcome."""

from collections.abc import Callable
from typing import Any

import pytest
from mcp_types import ElicitResult

from bicameral.serving.schemas import input_schema, output_schema
from handlers.table import TOOLS
from tests.handlers.bench import Bench, Refused
from tests.handlers.conftest import MakeBench

CARRIERS = ("preflight", "link_commit", "bind", "update", "ratify", "resolve")

Arrange = Callable[[Bench], dict[str, Any]]


def decision_id(bench: Bench) -> str:
    count = len(bench.call("history").get("decisions", []))
    return bench.decide(f"Charges carry key {count}", signoff="proposed").id


def bound(bench: Bench) -> dict[str, Any]:
    return bench.bind(bench.decide("Refunds are posted"), "src/payments.py::refund")


def busy(bench: Bench) -> dict[str, Any]:
    bench.decide("Something to lose")
    bench.services.ledger.close()
    (bench.environment.home / "ledger.sqlite3").write_bytes(b"damaged " * 2000)
    return {}


OUTCOMES: list[tuple[str, str, Arrange]] = [
    ("preflight", "silent", lambda b: {"topic": "anything"}),
    ("preflight", "fired", lambda b: {"topic": "Refund", "file_paths": [bound(b)["path"]]}),
    ("preflight", "outside", lambda b: {"topic": "x", "file_paths": ["../x"]}),
    ("preflight", "wrong type", lambda b: {"topic": 3}),
    ("preflight", "unknown argument", lambda b: {"topic": "x", "file": "y"}),
    ("preflight", "damaged ledger", lambda b: {"topic": "x", **busy(b)}),
    ("link_commit", "linked", lambda b: {"commit": "HEAD"}),
    ("link_commit", "no such commit", lambda b: {"commit": "nowhere"}),
    ("link_commit", "hostile ref", lambda b: {"commit": "--output=/tmp/x"}),
    ("link_commit", "wrong type", lambda b: {"commit": 1}),
    (
        "bind",
        "bound",
        lambda b: {"bindings": [{"decision_id": decision_id(b), "selector": "src/search.py"}]},
    ),
    (
        "bind",
        "unknown decision",
        lambda b: {"bindings": [{"decision_id": "dec_x", "selector": "src/search.py"}]},
    ),
    (
        "bind",
        "unknown symbol",
        lambda b: {"bindings": [{"decision_id": decision_id(b), "selector": "src/search.py::no"}]},
    ),
    ("bind", "nothing", lambda b: {"bindings": []}),
    ("update", "amended", lambda b: {"decision_id": decision_id(b), "action": "retire"}),
    ("update", "unknown action", lambda b: {"decision_id": decision_id(b), "action": "explode"}),
    ("update", "nothing to amend", lambda b: {"decision_id": decision_id(b), "action": "amend"}),
    ("update", "unknown decision", lambda b: {"decision_id": "dec_x", "action": "retire"}),
    ("ratify", "ratified", lambda b: {"decision_id": decision_id(b), "action": "ratify"}),
    ("ratify", "rejected", lambda b: {"decision_id": decision_id(b), "action": "reject"}),
    ("ratify", "unknown decision", lambda b: {"decision_id": "dec_x", "action": "ratify"}),
    (
        "ratify",
        "final",
        lambda b: {"decision_id": b.decide("Old", signoff="superseded").id, "action": "ratify"},
    ),
    (
        "resolve",
        "judged",
        lambda b: {
            "verdicts": [
                {k: v for k, v in bound(b).items() if k in {"decision_id", "region_id", "digest"}}
                | {"verdict": "compliant"}
            ]
        },
    ),
    ("resolve", "nothing", lambda b: {}),
    ("resolve", "unknown question", lambda b: {"answers": [{"question_id": "q", "answer": "a"}]}),
]


def returned(answer: dict[str, Any] | Refused) -> str | None:
    if isinstance(answer, Refused):
        return answer.preflight_id
    assert "preflight_id" in answer, "the key is there even when it is null"
    found: str | None = answer["preflight_id"]
    return found


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("tool", "arrange"),
    [pytest.param(tool, arrange, id=f"{tool}: {name}") for tool, name, arrange in OUTCOMES],
)
def test_the_id_sent_is_the_id_returned(
    make_bench: MakeBench, tool: str, arrange: Arrange, mode: str
) -> None:
    """For each tool and each outcome, in both eras."""
    bench = make_bench(mode=mode)
    sent = "3f1a8f0e-7a0c-4c0e-9d6a-0d6f0f1c2b3a"

    assert returned(bench.try_call(tool, **arrange(bench), preflight_id=sent)) == sent


@pytest.mark.parametrize(
    ("tool", "arrange"),
    [
        pytest.param(tool, arrange, id=f"{tool}: {name}")
        for tool, name, arrange in OUTCOMES
        if tool != "preflight"
    ],
)
def test_without_one_it_is_null(bench: Bench, tool: str, arrange: Arrange) -> None:
    """Absent in, null out: a caller can always read the same key."""
    assert returned(bench.try_call(tool, **arrange(bench))) is None


@pytest.mark.parametrize("answer", ["accept", "decline", "cancel"])
def test_asking_the_person_keeps_the_id(make_bench: MakeBench, answer: str) -> None:
    """The question takes another round trip, and the id survives it."""
    person = ElicitResult(action=answer, content={"confirm": True} if answer == "accept" else None)  # type: ignore[arg-type]
    for mode in ("legacy", "auto"):
        bench = make_bench(mode=mode, person=person)
        arguments = {"decision_id": decision_id(bench), "action": "ratify", "preflight_id": "p"}

        answered = bench.call("ratify", **arguments)

        assert answered["preflight_id"] == "p"
        assert answered["changed"] is (answer == "accept")


@pytest.mark.parametrize("tool", [t for t in TOOLS if t.name.partition(".")[2] in CARRIERS])
def test_the_schemas_say_so(tool: Any) -> None:
    """An optional string going in; always present coming out."""
    going_in = input_schema(tool.arguments)
    assert "preflight_id" not in going_in.get("required", [])
    assert going_in["properties"]["preflight_id"]["type"] == "string"
    assert "preflight_id" in output_schema(tool.answer)["required"]
