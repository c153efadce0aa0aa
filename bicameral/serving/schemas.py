"""JSON Schemas as clients see them: small, self-contained, the same for every pydantic.

Definitions are written where they are used (clients resolve `$ref` unevenly), titles that
only repeat a name are dropped, and an optional argument is one that may be left out.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]
VALUES = {"default", "examples", "enum", "const"}  # hold data, not schemas


def input_schema(model: type[BaseModel]) -> Schema:
    """Return the schema of a tool's arguments; `T | None = None` reads as an optional `T`."""
    schema: Schema = _optional_without_null(_tidy(model.model_json_schema(mode="validation")))
    return schema


def output_schema(model: type[BaseModel]) -> Schema:
    """Return the schema that a tool's answers keep; a field that may be null says so.

    A field with a default may be left out of an answer, so it is not required.
    """
    return _tidy(model.model_json_schema(mode="validation"))


def names_at(schema: Mapping[str, Any], location: tuple[int | str, ...]) -> list[str]:
    """Return the names of the fields known at a location of an argument, in order."""
    if not location:
        return list(schema.get("properties", ()))
    for inner in _inside(schema, location[0]):
        if names := names_at(inner, location[1:]):
            return names
    return []


def _inside(schema: Mapping[str, Any], step: int | str) -> list[Mapping[str, Any]]:
    found = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
    choices = [inner for choice in schema.get("anyOf", ()) for inner in _inside(choice, step)]
    return [found, *choices] if isinstance(found, dict) else choices


def _tidy(schema: Schema) -> Schema:
    definitions = schema.pop("$defs", {})
    tidied: Schema = _inline(schema, definitions, ())
    # Only a definition that contains itself still needs its place.
    kept = {name: _inline(body, definitions, (name,)) for name, body in definitions.items()}
    used = {name: body for name, body in kept.items() if f"#/$defs/{name}'" in repr((tidied, kept))}
    return {**tidied, "$defs": used} if used else tidied


def _inline(node: object, definitions: Schema, within: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inline(each, definitions, within) for each in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix("#/$defs/")
    if name in definitions and name not in within:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _inline({**definitions[name], **beside}, definitions, (*within, name))
    kept = {key: value for key, value in node.items() if key != "title"}
    return {key: _member(key, kept[key], definitions, within) for key in kept}


def _member(key: str, value: Any, definitions: Schema, within: tuple[str, ...]) -> Any:
    if key in VALUES:
        return value
    if key == "properties":  # its keys are names of fields, also where one is called `title`
        return {name: _inline(body, definitions, within) for name, body in value.items()}
    return _inline(value, definitions, within)


def _optional_without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_optional_without_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _optional_without_null(value) for key, value in node.items()}
    if isinstance(properties := changed.get("properties"), dict):
        changed["properties"] = {name: _without_null(body) for name, body in properties.items()}
    return changed


def _without_null(body: Any) -> Any:
    if not isinstance(body, dict) or body.get("default", body) is not None:
        return body
    rest = {key: value for key, value in body.items() if key not in {"anyOf", "default"}}
    choices = [choice for choice in body.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices} if choices else rest
