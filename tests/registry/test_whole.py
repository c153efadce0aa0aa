"""The registry against what is really written, both ways (every line, every field)."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bicameral.capture.events import EVENT_KINDS
from bicameral.govern.kinds import Field, Kind
from bicameral.govern.registry import Registry, problems
from bicameral.govern.schemas import schema_of
from bicameral.registry.whole import whole_registry
from tests.docs.pages import package_files
from tests.handlers.conftest import MakeBench
from tests.registry.driving import Line, drive

REGISTRY = whole_registry()
KINDS = pytest.mark.parametrize("kind", REGISTRY, ids=lambda kind: str(kind.id))
# What is written elsewhere than in the home, by the word under which it was collected.
ELSEWHERE = {"stdout": "error", "dataset": "dataset_row"}
# Files of state are one document; the others hold lines.
VALIDATORS = {kind.id: Draft202012Validator(schema_of(kind)) for kind in REGISTRY}


@pytest.fixture(params=["preflight", "raw"])
def written(request: pytest.FixtureRequest, make_bench: MakeBench) -> list[Line]:
    """All that is written in one of the two modes."""
    return drive(make_bench(BICAMERAL_TELEMETRY=request.param, BICAMERAL_TRACE="1"))


def kind_of(name: str, row: dict[str, Any]) -> Kind | None:
    return REGISTRY.get(ELSEWHERE[name]) if name in ELSEWHERE else REGISTRY.kind_of(name, row)


def test_every_line_that_is_written_is_registered_and_fits_its_schema(written: list[Line]) -> None:
    """Also the reverse: a kind that nothing writes any more is found."""
    seen = set()
    for name, row in written:
        kind = kind_of(name, row)
        assert kind is not None, (name, row)
        assert [str(each) for each in VALIDATORS[kind.id].iter_errors(row)] == [], kind.id
        seen.add(kind.id)
    assert seen == {kind.id for kind in REGISTRY}


def test_the_registry_says_of_every_field_what_it_is() -> None:
    """Field by field against the structs, and nothing registered that no struct has."""
    assert problems(REGISTRY) == []


def test_every_kind_of_event_in_the_code_is_registered_and_the_reverse() -> None:
    """Found without running anything, so that a kind that no test writes is found too."""
    rows = {kind.id for kind in REGISTRY if kind.file == "preflight_events.jsonl"}
    assert rows == set(EVENT_KINDS) == set(event_types_in_code())


def event_types_in_code() -> Iterator[str]:
    """Yield each literal that the package gives to a field or argument `event_type`."""
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for name, value in named_values(node):
                if name == "event_type" and isinstance(value, ast.Constant):
                    yield str(value.value)


def named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield what a node gives to names: an argument, a key, a field with its default."""
    if isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield str(key.value) if isinstance(key, ast.Constant) else "", value


@KINDS
def test_the_owner_of_a_kind_is_a_module_that_exists(kind: Kind) -> None:
    """Whoever wants to know why a line is written goes there."""
    assert import_module(kind.owner).__doc__


@KINDS
def test_every_field_has_a_class_and_a_meaning(kind: Kind) -> None:
    """A field without a class could be shown to anybody."""
    for place, field in kind.walk():
        assert field.sensitivity in {"S0", "S1", "S2", "S3"}, place
        assert field.meaning, place


@KINDS
def test_what_may_be_uploaded_has_something_within_the_cap(kind: Kind) -> None:
    """And what no upload may take is said so, not left out."""
    if kind.transmission == "approved_upload":
        assert {"S0", "S1"} & {field.sensitivity for field in kind.fields}
        assert kind.family not in {"label", "review", "dataset", "error", "state"}


# The guard itself must be able to fail.


def changed(kind_id: str, **values: Any) -> Registry:
    return Registry(replace(kind, **values) if kind.id == kind_id else kind for kind in REGISTRY)


def test_a_field_that_is_written_and_not_registered_is_found() -> None:
    """Somebody adds a field to a struct and forgets the registry."""
    kind = REGISTRY.get("preflight")
    assert kind
    fewer = tuple(field for field in kind.fields if field.name != "latency_ms")
    assert problems(changed("preflight", fields=fewer)) == [
        "preflight.latency_ms is written and not registered"
    ]


def test_a_field_that_is_registered_and_never_written_is_found() -> None:
    """Somebody takes a field away; the page would still promise it."""
    kind = REGISTRY.get("engagement")
    assert kind
    more = (*kind.fields, Field("mood", "S0", "code", "how it went"))
    assert problems(changed("engagement", fields=more)) == [
        "engagement.mood is registered and never written"
    ]


def test_a_field_of_an_object_within_is_compared_too() -> None:
    """What hides one level down reveals as much."""
    kind = REGISTRY.get("failure_review")
    assert kind
    fields = tuple(
        replace(field, within=field.within[1:]) if field.name == "evidence" else field
        for field in kind.fields
    )
    assert problems(changed("failure_review", fields=fields)) == [
        "failure_review.evidence.kind is written and not registered"
    ]


def test_a_kind_that_is_stored_says_for_how_long() -> None:
    """A file without an end is a promise that nobody made."""
    assert problems(changed("calibration", retention=None)) == [
        "calibration: it is stored, and nothing says for how long"
    ]


def test_a_kind_needs_an_id_and_a_description() -> None:
    """The id stands in lines, file names and commands."""
    assert problems(changed("engagement", id="two words", description="")) == [
        "two words: the id has other than letters, digits and _ . : -",
        "two words: it has no description",
    ]


def test_two_kinds_of_one_id_are_refused() -> None:
    """A line would belong to either."""
    [first, *_] = REGISTRY
    with pytest.raises(ValueError, match="two kinds are called preflight"):
        Registry([first, first])


def test_a_line_of_a_file_that_was_put_aside_has_its_kind() -> None:
    """And a line that no kind speaks for has none."""
    found = REGISTRY.kind_of("preflight_events.jsonl.3", {"event_type": "preflight"})
    assert found is REGISTRY.get("preflight")
    assert REGISTRY.kind_of("preflight_events.jsonl", {"event_type": "unheard"}) is None
    assert REGISTRY.kind_of("preflight_events.jsonl", {}) is None
    assert REGISTRY.kind_of("unheard.jsonl", {}) is None
    assert "preflight" in REGISTRY
    assert len(REGISTRY) == len(list(REGISTRY))
