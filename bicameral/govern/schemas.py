"""JSON Schemas (draft 2020-12) of every kind, made from the structs and the registry.

The struct gives names and types; the registry adds meaning, class and the form of texts.
No schema allows a field that is not registered.
"""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import msgspec

from bicameral.capture.sizes import LONGEST_SESSION_ID
from bicameral.govern.kinds import MADE_ELSEWHERE, Field, Form, Kind

FOLDER = "docs/reference/schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
PATTERNS: Mapping[Form, Mapping[str, object]] = {
    "stamp": {"pattern": r"^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$"},
    "hash": {"pattern": "^[0-9a-f]{16}$"},
    "code": {"pattern": "^[A-Za-z0-9_.:+-]{1,128}$"},
    "tool": {"pattern": "^bicameral\\.[a-z_]{1,40}$"},
    "revision": {"pattern": "^[0-9]{1,12}$"},
    "client": {"minLength": 1, "maxLength": LONGEST_SESSION_ID},
}

Schema = Mapping[str, Any]
_Schema = MutableMapping[str, Any]


def shape_schema(shape: type) -> Schema:
    """Return the schema of a struct or dataclass with every reference put in its place.

    A field that is always written is required, whether or not it has a default.
    """
    whole = msgspec.json.schema(shape, schema_hook=_anything)
    return dict(_resolved(whole, whole.get("$defs", {}), _written_always(shape)))


def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the schema of a kind, as it stands in the reference."""
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"urn:bicameral:schema:{kind.id}",
        "title": kind.id,
        "description": kind.description,
        "x-family": kind.family,
        "x-transmission": kind.transmission,
        "x-owner": kind.owner,
        "x-file": kind.file,
        "x-retention": _retention(kind),
    }
    body = dict(shape_schema(kind.shape))
    body.pop("title", None)
    body.pop("description", None)
    _tell(body, kind.fields)
    return schema | body


def schema_text(kind: Kind) -> str:
    """Return the file of a kind's schema."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def objects_within(schema: Schema) -> Schema:
    """Return the schema of the objects that a field holds: itself, its items, its values."""
    for choice in schema.get("anyOf", (schema,)):
        inner = choice.get("items", choice)
        if isinstance(inner, Mapping) and "properties" in inner:
            return inner
    return {}


def _retention(kind: Kind) -> object:
    kept = kind.retention
    return None if kept is None else {"kind": kept.kind, "days": kept.days, "reason": kept.reason}


def _tell(schema: _Schema, fields: tuple[Field, ...]) -> None:
    """Add to each property what the registry says of it."""
    for field in fields:
        body = schema["properties"][field.name]
        for leaf in _texts(body):
            leaf.update(_form_of(field))
        if field.within and isinstance(inner := objects_within(body), MutableMapping):
            _tell(inner, field.within)
        body["description"] = field.meaning
        body["x-sensitivity"] = field.sensitivity


def _form_of(field: Field) -> Mapping[str, object]:
    if field.one_of and field.form not in MADE_ELSEWHERE:
        return {"enum": [*field.one_of]}
    return PATTERNS.get(field.form, {})


def _texts(schema: _Schema) -> Iterator[_Schema]:
    """Yield the schemas of the texts that a field holds directly or in a list."""
    if schema.get("type") == "string":
        yield schema
    for choice in schema.get("anyOf", ()):
        yield from _texts(choice)
    if isinstance(schema.get("items"), MutableMapping):
        yield from _texts(schema["items"])


def _resolved(part: Any, definitions: Schema, always: Mapping[str, list[str]]) -> Any:
    """Return a part of a schema in which no reference is left and no object is open."""
    if isinstance(part, list):
        return [_resolved(each, definitions, always) for each in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return _resolved(definitions[name], definitions, always)
    if "default" in part and part.get("enum") == [part["default"]]:
        return {"const": part["default"]}
    found = {
        name: _resolved(value, definitions, always)
        for name, value in part.items()
        if name not in {"$defs", "default", "properties"}
    }
    if "properties" in part:
        found["properties"] = {
            name: _resolved(value, definitions, always)
            for name, value in part["properties"].items()
        }
        found["required"] = always[part["title"]]
        found["additionalProperties"] = False
    return found


def _anything(_type: type) -> dict[str, Any]:
    """Return the schema of a value of which a struct says only that it is an object."""
    return {"type": ["object", "array", "string", "number", "boolean", "null"]}


def _written_always(shape: type) -> dict[str, list[str]]:
    """Return the fields that every line has, for each struct or dataclass within a shape."""
    found: dict[str, list[str]] = {}
    ahead: list[Any] = [msgspec.inspect.type_info(shape)]
    while ahead:
        each = ahead.pop()
        if isinstance(each, msgspec.inspect.StructType | msgspec.inspect.DataclassType):
            if each.cls.__name__ in found:
                continue
            found[each.cls.__name__] = [
                field.encode_name for field in each.fields if _is_always(each, field)
            ]
            ahead += [field.type for field in each.fields]
        for name in ("types", "item_type", "value_type", "item_types"):
            inner = getattr(each, name, ())
            ahead += inner if isinstance(inner, tuple) else [inner]
    return found


def _is_always(owner: Any, field: msgspec.inspect.Field) -> bool:
    """Tell whether every line has the field; one that may be unset has no default at all."""
    if field.required:
        return True
    config = getattr(owner.cls, "__struct_config__", None)
    defaults = (field.default, field.default_factory)
    has_default = any(each is not msgspec.NODEFAULT for each in defaults)
    return has_default and not (config and config.omit_defaults)
