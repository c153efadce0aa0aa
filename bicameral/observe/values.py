"""What of a value stands in a trace: names, numbers and sizes; a text only as its length.

Two exceptions: a few keys whose texts are codes or ids of ours, each held to its form, and raw
mode, where a text stands without its secrets. No method of a value that is not one of Python's
own is ever called, so any object will do.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType, NoneType
from typing import Any

from bicameral.capture.opaque import PREFLIGHT_FORM, SESSION_FORM
from bicameral.capture.secrets import without_secrets

LONGEST_SUMMARY = 100
MOST_NAMES = 20
MOST_ITEMS = 20
# What is looked at of a long text: its secrets are taken out, and only then it is cut.
LONGEST_READ = 1_000
LARGEST_NUMBER = 2**63

_NAME = re.compile(r"[A-Za-z_][\w.]{0,59}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][\w.:+-]{0,79}", re.ASCII)
_DECISION = re.compile(r"dec_[0-9A-Za-z]{10,40}")

# The keys whose texts stand as they are where they have this form: codes and ids of ours.
SHOWN: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "preflight_id": PREFLIGHT_FORM,
        "session_id": SESSION_FORM,
        "decision_id": _DECISION,
        "decision_ids": _DECISION,
    }
    | dict.fromkeys(
        (
            "backend",
            "capability",
            "client",
            "dedup",
            "error.type",
            "error_at",
            "error_code",
            "jsonrpc.request.id",
            "mcp.protocol.version",
            "outcome",
            "reason",
            "via",
        ),
        _CODE,
    )
    | {
        "fallback_to": re.compile("tree-sitter"),
        "method": re.compile(r"initialize|textDocument/[A-Za-z]{1,40}"),
        "mode": re.compile("skeleton|excerpt|raw"),
        "ready_via": re.compile("diagnostics|request"),
        "server": re.compile(r"[a-z]+(?:-[a-z]+)*"),
    }
)

Value = bool | int | float | str | list[str] | None


def summarise(value: object, *, is_raw: bool) -> str:
    """Return a value in a hundred characters at most: its names, each with a size."""
    if value is None:
        return ""
    is_dict = type(value) is dict or dict in type(value).__mro__
    text = _pairs(value, is_raw) if is_dict else _shown("", value, is_raw)
    # Once more as a whole: a name and the text behind it can be a secret together.
    return _cut(without_secrets(text) if is_raw else text)


def fact(key: str, value: object, *, is_raw: bool) -> Value:
    """Return what stands of one fact: a number as it is, of a text its length."""
    found = _fact(key, value, is_raw)
    if type(found) is not str or len(found) <= LONGEST_SUMMARY:
        return found
    form = SHOWN.get(key)  # half an id would be another one
    return found if form is not None and form.fullmatch(found) else _cut(found)


def _pairs(value: Any, is_raw: bool) -> str:
    items = list(dict.items(value))[:MOST_NAMES]
    return ", ".join([f"{_name(key)}:{_shown(key, item, is_raw)}" for key, item in items])


def _shown(key: object, value: Any, is_raw: bool) -> str:
    found = _fact(key if type(key) is str else "", value, is_raw)
    return str(len(found)) if type(found) is list else str(found)


def _fact(key: str, value: Any, is_raw: bool) -> Value:
    kind = type(value)
    if kind is str:
        return _text(key, value, is_raw) if is_raw or key in SHOWN else f"{len(value)} chars"
    if (kind is list or kind is tuple) and key in SHOWN:
        return [_text(key, item, is_raw) for item in value[:MOST_ITEMS] if type(item) is str]
    for base in kind.__mro__:
        measure = _MEASURES.get(base)
        if measure is not None:
            return measure(value)
        if base is str:
            return _text(key, str.__str__(value), is_raw)
    return _name(kind.__name__)


def _text(key: str, text: str, is_raw: bool) -> str:
    form = SHOWN.get(key)
    if form is not None and form.fullmatch(text):
        return text
    if not is_raw:
        return f"{len(text)} chars"
    if len(text) > LONGEST_READ:
        # What the cut goes through could be half a secret, which nothing would know for one.
        text = text[:LONGEST_READ].rpartition(" ")[0]
    return without_secrets(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1] + "…"


def _name(key: object) -> str:
    return key if type(key) is str and _is_name(key) else "?"


@lru_cache(maxsize=1_000)
def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _whole(value: Any) -> Value:
    number = int.__int__(value)
    return number if -LARGEST_NUMBER <= number < LARGEST_NUMBER else "int"


def _real(value: Any) -> Value:
    number = float.__float__(value)
    return number if math.isfinite(number) else "float"


_MEASURES: Mapping[type, Callable[[Any], Value]] = MappingProxyType(
    {
        NoneType: lambda value: value,
        bool: lambda value: value,
        type: lambda value: _name(value.__name__),
        int: _whole,
        float: _real,
        bytes: lambda value: f"{bytes.__len__(value)} bytes",
        bytearray: lambda value: f"{bytearray.__len__(value)} bytes",
        list: list.__len__,
        tuple: tuple.__len__,
        set: set.__len__,
        frozenset: frozenset.__len__,
        dict: dict.__len__,
        deque: deque.__len__,
    }
)
