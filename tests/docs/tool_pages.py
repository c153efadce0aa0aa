"""The reference of the tools, made from the table that the server itself is made from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bicameral.serving.schemas import input_schema, output_schema
from bicameral.serving.tool import Tool
from handlers.prompts import PROMPTS
from handlers.resources import RESOURCES, TEMPLATES
from handlers.table import TOOLS
from tests.docs.examples import EVERY_TOOL_REFUSES, EXAMPLES, LEDGER, REFUSALS
from tests.docs.meanings import MEANINGS

Schema = Mapping[str, Any]

HEAD = Path(__file__).with_name("tools_head.md")
LEDGER_LINK = "[the ledger or the data home](errors.md#the-ledger)"
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
}


def tools_page() -> str:
    """Return `docs/reference/tools.md`."""
    head = HEAD.read_text(encoding="utf-8").replace("{every}", _errors(EVERY_TOOL_REFUSES))
    parts = [head, *map(_section, TOOLS), *_resources(), *_prompts()]
    return "\n".join(parts)


def _section(tool: Tool[Any, Any, Any]) -> str:
    lines = [
        f"## {tool.name}",
        "",
        f"{tool.title}.",
        "",
        *_sentences(tool.description),
        "",
        f"Annotations: {_annotations(tool)}.",
        "",
        *_table(("argument", "type", "default", "limits", "meaning"), _arguments(tool)),
        "",
        "Example:",
        "",
        "```json",
        json.dumps(EXAMPLES[tool.name], indent=2, ensure_ascii=False),
        "```",
        "",
        *_table(("answer", "type", "there", "meaning"), _answers(output_schema(tool.answer))),
        "",
    ]
    if errors := REFUSALS.get(tool.name):
        own = [code for code in errors if code not in LEDGER]
        lines += [f"Also refuses with {_errors(own)}, and with the errors of {LEDGER_LINK}.", ""]
    return "\n".join(lines)


def _annotations(tool: Tool[Any, Any, Any]) -> str:
    hints = {
        "`readOnlyHint`": tool.read_only,
        "`destructiveHint`": tool.destructive,
        "`idempotentHint`": tool.idempotent,
        "`openWorldHint`": False,
    }
    return ", ".join(f"{name} {'yes' if value else 'no'}" for name, value in hints.items())


def _arguments(tool: Tool[Any, Any, Any]) -> Iterator[tuple[str, ...]]:
    yield from _argument_rows(input_schema(tool.arguments), "")


def _argument_rows(schema: Schema, prefix: str) -> Iterator[tuple[str, ...]]:
    required = schema.get("required", ())
    for name, body in schema["properties"].items():
        default = "required" if name in required else _default(body)
        yield f"`{prefix}{name}`", _type(body), default, _limits(body), _meaning(name, body)
        if inner := _members(body):
            yield from _argument_rows(inner, f"{prefix}{name}[].")


def _answers(schema: Schema, prefix: str = "") -> Iterator[tuple[str, ...]]:
    required = schema.get("required", ())
    for name, body in schema["properties"].items():
        there = "always" if name in required else ""
        yield f"`{prefix}{name}`", _type(body), there, _meaning(name, body)
        if inner := _members(body):
            dot = "[]." if _without_null(body).get("type") == "array" else "."
            yield from _answers(inner, f"{prefix}{name}{dot}")


def _members(body: Schema) -> Schema | None:
    inner = _without_null(body)
    inner = inner.get("items", inner)
    return inner if "properties" in inner else None


def _type(body: Schema) -> str:
    inner = _without_null(body)
    nullable = " or null" if inner is not body else ""
    if "enum" in inner:
        return "one of " + ", ".join(f"`{each}`" for each in inner["enum"]) + nullable
    if inner.get("type") == "array":
        return f"list of {_plural(inner['items'])}{nullable}"
    return str(inner["type"]) + nullable


def _plural(items: Schema) -> str:
    return "objects" if "properties" in items else f"{items['type']}s"


def _without_null(body: Schema) -> Schema:
    choices = [each for each in body.get("anyOf", ()) if each != {"type": "null"}]
    return choices[0] if len(choices) == 1 else body


def _default(body: Schema) -> str:
    value = body.get("default")
    return "" if value in (None, "", []) else f"`{json.dumps(value)}`"


def _limits(body: Schema) -> str:
    found = [LIMITS[name].format(f"{body[name]:,}") for name in LIMITS if name in body]
    return ", ".join(found).replace("at least 1 characters", "not empty")


def _meaning(name: str, body: Schema) -> str:
    return str(body.get("description") or MEANINGS.get(name, "")).replace("|", "\\|")


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _sentences(text: str) -> list[str]:
    return text.replace(". ", ".\n").split("\n")


def _errors(codes: Sequence[str]) -> str:
    return ", ".join(f"[`{code}`](errors.md#{code})" for code in codes)


def _resources() -> Iterator[str]:
    yield "# Resources\n"
    rows = [(row.uri, row.description) for row in RESOURCES]
    rows += [(row.uri_template, row.description) for row in TEMPLATES]
    yield from _table(("address", "what it is"), ((f"`{uri}`", text) for uri, text in rows))
    yield "\nEach is a JSON document, formed as the answer of the tool that it stands for.\n"


def _prompts() -> Iterator[str]:
    yield "# Prompts\n"
    for prompt in PROMPTS:
        yield f"## {prompt.name}\n\n{prompt.title}.\n"
        rows = (
            (f"`{each.name}`", "required" if each.required else "", each.description)
            for each in prompt.arguments
        )
        yield (
            "\n".join(_table(("argument", "", "meaning"), rows))
            if prompt.arguments
            else ("It takes no arguments.")
        )
        yield ""
