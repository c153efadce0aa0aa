"""Schemas are small, self-contained, and say exactly what the model accepts."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
from pydantic import BaseModel, ConfigDict, Field

from bicameral.serving.schemas import input_schema, names_at, output_schema
from tests.serving.sample_tables import EchoAnswer, EchoArguments


class Branch(BaseModel):
    title: str
    branches: list[Branch] = []


class Odd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="a", examples=[{"title": "kept"}])
    either: int | str | None = None
    anything: Any = None
    properties: dict[str, int] = {}


def test_an_optional_argument_may_be_left_out_and_has_its_plain_type() -> None:
    """`anyOf` with null costs tokens and some clients cannot read it."""
    schema = input_schema(EchoArguments)
    assert schema["properties"]["preflight_id"] == {
        "type": "string",
        "description": "From an earlier preflight.",
    }
    assert schema["required"] == ["topic"]
    assert schema["additionalProperties"] is False


def test_definitions_are_written_where_they_are_used() -> None:
    """Clients resolve `$ref` unevenly."""
    schema = input_schema(EchoArguments)
    assert "$" not in json.dumps(schema)
    place = schema["properties"]["places"]["items"]
    assert place["properties"]["line"] == {"type": "integer", "minimum": 1}
    assert place["additionalProperties"] is False


def test_a_field_may_be_called_title_or_properties() -> None:
    """Only titles that pydantic made up are dropped, never a field or its data."""
    schema = input_schema(Odd)
    assert list(schema["properties"]) == ["title", "either", "anything", "properties"]
    assert schema["properties"]["title"]["examples"] == [{"title": "kept"}]
    assert schema["properties"]["either"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert schema["properties"]["anything"] == {}


def test_a_definition_that_contains_itself_keeps_its_place() -> None:
    """Written out it would have no end."""
    schema = output_schema(Branch)
    jsonschema.validate({"title": "a", "branches": [{"title": "b", "branches": []}]}, schema)
    assert list(schema["$defs"]) == ["Branch"]


def test_an_answer_with_null_fits_its_schema() -> None:
    """Clients check structured content against it and drop what does not fit."""
    answer = EchoAnswer(topic="a", session_id="s", client_name=None, preflight_id=None)
    jsonschema.validate(answer.model_dump(mode="json"), output_schema(EchoAnswer))


def test_the_names_known_at_a_place_are_found() -> None:
    """A wrong name inside a list of objects gets the names of that object."""
    schema = input_schema(EchoArguments)
    assert names_at(schema, ("places", 0)) == ["path", "line"]
    assert names_at(schema, ("places", 0, "nothing", 1)) == []
    assert names_at(output_schema(EchoAnswer), ()) == [
        "topic",
        "session_id",
        "client_name",
        "preflight_id",
    ]
