"""The schemas in the reference: real schemas, each with a line that passes and one that fails."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from bicameral.govern.kinds import Field, Kind
from bicameral.govern.schemas import DRAFT, FOLDER, objects_within, schema_of
from bicameral.registry.whole import whole_registry
from tests.docs.pages import ROOT

KINDS = pytest.mark.parametrize("kind", whole_registry(), ids=lambda kind: str(kind.id))


def schema_in_reference(kind: Kind) -> dict[str, Any]:
    return dict(json.loads((ROOT / FOLDER / f"{kind.id}.json").read_text(encoding="utf-8")))


def example_of(kind: Kind) -> dict[str, Any]:
    path = ROOT / FOLDER / "examples" / f"{kind.id}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def errors_of(kind: Kind, row: object) -> list[str]:
    return [
        each.message for each in Draft202012Validator(schema_in_reference(kind)).iter_errors(row)
    ]


@KINDS
def test_it_is_a_valid_schema_of_the_draft_it_names(kind: Kind) -> None:
    """Whoever reads exported lines with it must not have to mend it first."""
    schema = schema_in_reference(kind)
    assert schema["$schema"] == DRAFT
    assert schema["title"] == kind.id
    Draft202012Validator.check_schema(schema)


@KINDS
def test_a_real_line_passes(kind: Kind) -> None:
    """The example was written by the code, and shows what a line looks like."""
    assert errors_of(kind, example_of(kind)["passing"]) == []


@KINDS
def test_the_line_that_should_fail_fails(kind: Kind) -> None:
    """A schema that lets everything through checks nothing; the reason is given in words."""
    example = example_of(kind)
    assert example["because"]
    assert errors_of(kind, example["passing"] | example["changed"]) != []


@KINDS
def test_no_kind_takes_a_field_that_is_not_registered(kind: Kind) -> None:
    """However harmless it looks."""
    row = example_of(kind)["passing"] | {"prompt": "add a retry"}
    assert errors_of(kind, row) == [
        "Additional properties are not allowed ('prompt' was unexpected)"
    ]


def test_there_is_no_schema_and_no_example_without_a_kind() -> None:
    """What is left behind would promise a line that nothing writes."""
    names = {f"{kind.id}.json" for kind in whole_registry()}
    folder = ROOT / FOLDER
    assert {path.name for path in folder.glob("*.json")} - {"collected.json"} == names
    assert {path.name for path in (folder / "examples").iterdir()} == names


class Inner(msgspec.Struct):
    name: str


class Outer(msgspec.Struct, omit_defaults=True):
    default: str
    properties: list[Inner]
    at: str | None = None
    unset: int | msgspec.UnsetType = msgspec.UNSET


FIELDS = (
    Field("default", "S0", "hash", "a name that schemas have as a word"),
    Field("properties", "S1", "open", "objects", within=(Field("name", "S3", "text", "a name"),)),
    Field("at", "S1", "stamp", "a time"),
    Field("unset", "S0", "number", "a number"),
)


def test_fields_may_be_called_as_the_words_of_schemas_are() -> None:
    """A field `default` must not be taken for the keyword."""
    [kind, *_] = whole_registry()
    schema = schema_of(replace(kind, shape=Outer, fields=FIELDS))
    assert schema["properties"].keys() == {"default", "properties", "at", "unset"}
    assert schema["required"] == ["default", "properties"]
    inner = objects_within(schema["properties"]["properties"])
    assert inner["properties"]["name"]["x-sensitivity"] == "S3"
    Draft202012Validator.check_schema(schema)


def test_the_form_of_a_text_is_checked_wherever_it_may_be_null() -> None:
    """`at` is a time or null, and nothing else."""
    [kind, *_] = whole_registry()
    check = Draft202012Validator(schema_of(replace(kind, shape=Outer, fields=FIELDS))).is_valid
    row: dict[str, Any] = {"default": "0123456789abcdef", "properties": [{"name": "x"}]}
    assert check(row)
    assert check(row | {"at": None})
    assert check(row | {"at": "2026-03-05T09:30:00.000000Z"})
    assert not check(row | {"at": "yesterday"})
    assert not check(row | {"default": "src/payments.py"})
