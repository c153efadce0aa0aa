"""What a caller is told when a call fails: a code, a sentence, and what to do next.

Models read it and try again, so it is short, names the argument, and offers the nearest
known name. It never shows the library that checked, nor the text of an unexpected error.
"""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bicameral.errors import BicameralError, InputRefused
from bicameral.serving.schemas import input_schema, names_at

MOST_REASONS = 5
LONGEST_ECHO = 60  # characters of what was sent
LONGEST_ID = 128  # characters of a `preflight_id` that is given back

EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "dict": "an object",
    "model": "an object",
    "none": "null",
    "date": "a date (YYYY-MM-DD)",
    "datetime": "a date and time (ISO 8601)",
}
LIMITS = {
    "string_too_short": "must have {min_length} character(s) at least",
    "string_too_long": "may have {max_length} character(s) at most",
    "too_short": "must have {min_length} entries at least",
    "too_long": "may have {max_length} entries at most",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_pattern_mismatch": "must match {pattern}",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
    "value_error": "{error}",
    "assertion_error": "{error}",
}

TOO_LONG = frozenset({"string_too_long", "too_long"})


class UnknownTool(BicameralError):
    """No tool has this name, in either spelling."""

    code = "unknown_tool"


class PersonNotAsked(BicameralError):
    """The tool needs a person's answer and the client could not bring one."""

    code = "person_not_asked"


class InternalError(BicameralError):
    """A fault of the server's own; its details are on stderr, not on the wire."""

    code = "internal_error"


def check_arguments(name: str, model: type[BaseModel], sent: Mapping[str, Any]) -> BaseModel:
    """Check the arguments of a call, as JSON, against a tool's model.

    Raises `InputRefused` with one short sentence per argument that is wrong.
    """
    try:
        return model.model_validate_json(json.dumps(sent, ensure_ascii=False).encode("utf-8"))
    except ValidationError as error:
        if {each["type"] for each in error.errors()} <= TOO_LONG:
            raise _too_long(name, _reasons(error, model)) from None
        reasons = _reasons(error, model)
    except UnicodeEncodeError:
        reasons = ["an argument holds half of a character (an unpaired surrogate)"]
    except RecursionError:
        reasons = ["the arguments are nested too deeply"]
    known = ", ".join(f"`{field}`" for field in model.model_fields)
    raise InputRefused(
        "; ".join(reasons),
        next_step=f"call {name} again with {f'these arguments only: {known}' if known else 'none'}",
    )


def _too_long(name: str, reasons: Iterable[str]) -> InputRefused:
    return InputRefused("; ".join(reasons), next_step=f"shorten it and call {name} again")


def unknown_tool(name: str, known: Iterable[str]) -> UnknownTool:
    """Say that no tool has this name, and which come near."""
    names = {_own_part(each): each for each in known}
    wanted = _own_part(name[:LONGEST_ECHO].replace("_", ".", 1))
    near = list(difflib.get_close_matches(wanted, names, n=3, cutoff=0.5) or names)
    one_of = "one of " if len(near) > 1 else ""
    return UnknownTool(
        f"no tool is called {_echo(name)}",
        next_step=f"call {one_of}{', '.join(names[each] for each in near)}",
    )


def unexpected(name: str, error: Exception) -> InternalError:
    """Say that a tool failed unexpectedly, by the type of the error only."""
    return InternalError(
        f"{name} failed unexpectedly ({type(error).__name__})",
        next_step="try once more; if it fails again, report it with what stderr shows",
    )


def payload(error: BicameralError) -> dict[str, str | None]:
    """Return what every refusal carries."""
    return {"error": error.code, "message": error.message, "next_step": error.next_step}


def sent_preflight_id(sent: Mapping[str, Any]) -> str | None:
    """Return the `preflight_id` of a call whose arguments may be wrong, if it is one."""
    found = sent.get("preflight_id")
    return found if isinstance(found, str) and len(found) <= LONGEST_ID else None


def _reasons(error: ValidationError, model: type[BaseModel]) -> list[str]:
    details = error.errors(include_url=False)
    schema = input_schema(model)
    reasons = [_reason(each, schema) for each in details[:MOST_REASONS]]
    left = len(details) - len(reasons)
    return [*reasons, f"and {left} more"] if left else reasons


def _reason(detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    kind, where = detail["type"], _place(detail["loc"])
    if kind == "json_invalid":
        return "the arguments are nested too deeply"
    if kind == "extra_forbidden":
        return f"{where} is not known{_nearest(detail['loc'], schema)}"
    if kind == "missing":
        return f"{where} is required"
    if kind in LIMITS:
        return f"{where} {LIMITS[kind].format(**detail.get('ctx', {}))}"
    return f"{where} {_expected(kind)}, got {_kind_of(detail['input'])}"


def _nearest(location: tuple[int | str, ...], schema: Mapping[str, Any]) -> str:
    """Say where a name belongs, or which known one comes near it."""
    known = names_at(schema, location[:-1])
    wanted = str(location[-1])[:LONGEST_ECHO]
    homes = [name for name in known if wanted in names_at(schema, (*location[:-1], name, 0))]
    if homes:
        return f": it belongs in an entry of {' or '.join(f'`{name}`' for name in homes)}"
    near = difflib.get_close_matches(wanted, known, n=2, cutoff=0.6)
    return f": did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else ""


def _expected(kind: str) -> str:
    stem = kind if kind in EXPECTED else kind.partition("_")[0]
    return f"must be {EXPECTED[stem]}" if stem in EXPECTED else "is not valid"


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"[:LONGEST_ECHO]
        case str():
            return f"the text {_echo(value)}"
        case list():
            return "a list"
        case _:
            return "an object"


def _place(location: tuple[int | str, ...]) -> str:
    first, *rest = location or ("the arguments",)
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)
    return f"`{str(first)[:LONGEST_ECHO]}{steps[:LONGEST_ECHO]}`"


def _own_part(name: str) -> str:
    """Leave out the server's part, which all names share and so says nothing."""
    return name.partition(".")[2] or name


def _echo(text: str) -> str:
    shown = text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)
