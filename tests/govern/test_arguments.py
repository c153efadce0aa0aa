"""Tool arguments as they may be stored, for every tool and in every mode."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bicameral.capture.arguments import shape_arguments, shape_text
from bicameral.capture.secrets import without_secrets
from handlers.table import TOOLS
from tests.docs.examples import DIGEST as CODE_DIGEST
from tests.docs.examples import EXAMPLES
from tests.govern.parts import DIGEST
from tests.review.promotion.planted import SECRETS

SECRET = SECRETS["github classic token"]()
TOOL = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.name))


def shape(tool: Any, arguments: Mapping[str, object], mode: str) -> dict[str, object]:
    return shape_arguments(
        arguments,
        mode,
        known=tool.arguments.model_fields.keys(),
        digest=DIGEST,
        redact=without_secrets,
    )


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


@TOOL
@pytest.mark.parametrize("mode", ["omit", "", "FULL", "hashed", "raw", "yes"])
def test_without_a_word_that_is_known_nothing_is_stored(tool: Any, mode: str) -> None:
    """A misspelt setting must not turn into a leak."""
    assert shape(tool, EXAMPLES[tool.name], mode) == {}


@TOOL
def test_as_hashes_no_value_can_be_read_and_equal_ones_are_equal(tool: Any) -> None:
    """The names of the arguments are the tool's own and stay."""
    arguments = EXAMPLES[tool.name]
    shaped = shape(tool, arguments, "hash")
    assert shaped.keys() == arguments.keys()
    assert shaped == shape(tool, arguments, "hash")
    words = set(texts_in(list(arguments.values())))
    assert not words & set(texts_in(list(shaped.values())))
    assert all(len(each) == 16 for each in texts_in(list(shaped.values())))


@TOOL
def test_in_full_all_is_stored_but_secrets(tool: Any) -> None:
    """Plain text was asked for, keys in it were not."""
    arguments = EXAMPLES[tool.name]
    # A digest of code looks like a secret, and a missed secret costs more than a lost digest.
    expected = json.loads(json.dumps(arguments).replace(CODE_DIGEST, "[secret: random]"))
    assert shape(tool, arguments, "full") == expected
    planted = json.loads(json.dumps(arguments))
    for name in tool.arguments.model_fields:
        planted[name] = [{"deep": f"use {SECRET}", SECRET: SECRET}]
    assert SECRET not in json.dumps(shape(tool, planted, "full"))


@TOOL
@pytest.mark.parametrize("mode", ["hash", "full"])
def test_an_argument_that_the_tool_does_not_have_is_not_stored(tool: Any, mode: str) -> None:
    """Its very name may be content."""
    arguments = EXAMPLES[tool.name] | {"Acme Holding": "refunds"}
    assert "Acme" not in json.dumps(shape(tool, arguments, mode))


def test_numbers_are_hashed_too_and_nothing_is_no_value() -> None:
    """A limit of 5 could be guessed; a null says nothing."""
    [tool] = [each for each in TOOLS if each.name == "bicameral.history"]
    shaped = shape(tool, {"limit": 5, "status": None, "cursor": True}, "hash")
    assert shaped == {"limit": DIGEST("5"), "status": None, "cursor": DIGEST("True")}
    whole = {"limit": 5, "status": None, "cursor": True}
    assert shape(tool, whole, "full") == whole


def test_what_is_nested_too_deep_is_told_by_its_type() -> None:
    """A caller could send a thousand levels."""
    [tool] = [each for each in TOOLS if each.name == "bicameral.search"]
    deep: Any = SECRET
    for _ in range(1_000):
        deep = [deep]
    shaped = shape(tool, {"query": deep}, "full")
    assert SECRET not in json.dumps(shaped)
    assert "list" in set(texts_in(shaped))


@pytest.mark.parametrize(
    ("mode", "stored"), [("hash", DIGEST("why")), ("full", "why"), ("omit", ""), ("on", "")]
)
def test_one_text_is_shaped_by_the_same_words(mode: str, stored: str) -> None:
    """The reason of a bypass, the topic of a preflight."""
    assert shape_text("why", mode, digest=DIGEST, redact=without_secrets) == stored
