"""A refusal is short, names the argument, and says what to do next."""

import datetime
import enum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from bicameral.errors import InputRefused
from bicameral.serving.refusals import check_arguments, sent_preflight_id, unexpected, unknown_tool
from tests.serving.sample_tables import EchoArguments, Nothing


class Level(enum.Enum):
    PRODUCT = "L1"


class Wide(BaseModel):
    level: Level = Level.PRODUCT
    on: datetime.date | None = None
    ratio: float = Field(default=0.5, gt=0, lt=1)
    code: str = Field(default="a", pattern="^[a-z]+$")
    flag: bool = False
    odd: complex = 0j

    @field_validator("code")
    @classmethod
    def _not_taken(cls, code: str) -> str:
        if code == "taken":
            raise ValueError("is taken; choose another")
        return code


def refusal(sent: dict[str, Any], model: type[BaseModel] = EchoArguments) -> str:
    with pytest.raises(InputRefused) as caught:
        check_arguments("bicameral.echo", model, sent)
    return caught.value.message


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "`topic` is required"),
        ({"topic": 5}, "`topic` must be text, got the number 5"),
        ({"topic": None}, "`topic` must be text, got null"),
        ({"topic": ["a"]}, "`topic` must be text, got a list"),
        ({"topic": {"a": 1}}, "`topic` must be text, got an object"),
        ({"topic": ""}, "`topic` must have 1 character(s) at least"),
        ({"topic": "a" * 201}, "`topic` may have 200 character(s) at most"),
        ({"topic": "a", "limit": "5"}, '`limit` must be a whole number, got the text "5"'),
        ({"topic": "a", "limit": 1.5}, "`limit` must be a whole number, got the number 1.5"),
        ({"topic": "a", "limit": True}, "`limit` must be a whole number, got true"),
        ({"topic": "a", "limit": 0}, "`limit` must be 1 or more"),
        ({"topic": "a", "limit": 51}, "`limit` must be 50 or less"),
        ({"topic": "a", "mode": "x"}, "`mode` must be one of 'quiet' or 'loud'"),
        ({"topic": "a", "file_paths": "a"}, '`file_paths` must be a list, got the text "a"'),
        ({"topic": "a", "file_paths": [1]}, "`file_paths[0]` must be text, got the number 1"),
        ({"topic": "a", "file_paths": ["a"] * 4}, "`file_paths` may have 3 entries at most"),
        ({"topic": "a", "file_path": "a"}, "`file_path` is not known: did you mean `file_paths`?"),
        ({"topic": "a", "zzz": 1}, "`zzz` is not known"),
        (
            {"topic": "a", "line": 1},
            "`line` is not known: it belongs in an entry of `places`",
        ),
        ({"topic": "a", "places": [7]}, "`places[0]` must be an object, got the number 7"),
        (
            {"topic": "a", "places": [{"path": "a", "lines": 1}]},
            "`places[0].lines` is not known: did you mean `line`?",
        ),
        ({"topic": "\ud800"}, "an argument holds half of a character (an unpaired surrogate)"),
    ],
)
def test_each_mistake_has_its_sentence(sent: dict[str, Any], said: str) -> None:
    """The model corrects itself from this sentence alone."""
    assert refusal(sent) == said


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"level": "L9"}, "`level` must be one of 'L1'"),
        ({"on": "yesterday"}, '`on` must be a date (YYYY-MM-DD), got the text "yesterday"'),
        ({"ratio": 0}, "`ratio` must be greater than 0.0"),
        ({"ratio": 1}, "`ratio` must be less than 1.0"),
        ({"ratio": "x"}, '`ratio` must be a number, got the text "x"'),
        ({"code": "A"}, "`code` must match ^[a-z]+$"),
        ({"code": "taken"}, "`code` is taken; choose another"),
        ({"flag": "perhaps"}, '`flag` must be true or false, got the text "perhaps"'),
        ({"odd": []}, "`odd` is not valid, got a list"),
    ],
)
def test_other_kinds_of_fields_have_theirs(sent: dict[str, Any], said: str) -> None:
    """Handlers use dates, enumerations and checks of their own."""
    assert refusal(sent, Wide) == said


def test_a_refusal_is_bounded_however_much_is_wrong() -> None:
    """Answers are paid for in tokens."""
    said = refusal({"topic": "a", **{f"x{number}" * 50: "y" * 9999 for number in range(500)}})
    assert "and 495 more" in said
    assert len(said) < 1000


@pytest.mark.parametrize("depth", [300, 2000])
def test_arguments_that_are_nested_too_deeply_are_refused(depth: int) -> None:
    """Depth is a client's choice and must not end the call in a fault of ours."""
    deep: list[Any] = []
    for _ in range(depth):
        deep = [deep]
    assert refusal({"topic": "a", "places": deep}) == "the arguments are nested too deeply"


def test_the_next_step_lists_what_the_tool_takes() -> None:
    """With the list at hand the next call is right."""
    with pytest.raises(InputRefused) as caught:
        check_arguments("bicameral.echo", EchoArguments, {})
    assert caught.value.next_step.startswith("call bicameral.echo again with these arguments only")
    assert "`preflight_id`" in caught.value.next_step
    with pytest.raises(InputRefused) as caught:
        check_arguments("bicameral.shout", Nothing, {"a": 1})
    assert caught.value.next_step == "call bicameral.shout again with none"


@pytest.mark.parametrize("sent", [{"topic": "a" * 201}, {"topic": "a", "file_paths": ["a"] * 4}])
def test_what_is_too_long_is_to_be_shortened(sent: dict[str, Any]) -> None:
    """The arguments are the right ones, so a list of them would send the model astray."""
    with pytest.raises(InputRefused) as caught:
        check_arguments("bicameral.echo", EchoArguments, sent)
    assert caught.value.next_step == "shorten it and call bicameral.echo again"
    with pytest.raises(InputRefused) as caught:
        check_arguments("bicameral.echo", EchoArguments, {**sent, "x": 1})
    assert "these arguments only" in caught.value.next_step


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(sent=st.dictionaries(st.sampled_from([*EchoArguments.model_fields, "x", ""]), json_values))
@settings(max_examples=300, deadline=None)
def test_any_arguments_are_accepted_or_refused_in_our_own_words(sent: dict[str, Any]) -> None:
    """Nothing of the checking library shows, and nothing but a refusal is raised."""
    try:
        check_arguments("bicameral.echo", EchoArguments, sent)
    except InputRefused as error:
        said = error.message
    else:
        return
    assert "pydantic" not in said
    assert "Input should" not in said
    assert len(said) < 1500


def test_an_unknown_tool_is_told_the_near_ones_or_all() -> None:
    """A hallucinated name is one letter away, or nowhere near."""
    names = ["bicameral.preflight", "bicameral.bind"]
    for near in ("bicameral.prefight", "bicameral_prefight", "preflight", "bicameral.Preflight"):
        assert unknown_tool(near, names).next_step == "call bicameral.preflight"
    lost = unknown_tool("q" * 9999, names)
    assert lost.next_step == "call one of bicameral.preflight, bicameral.bind"
    assert len(lost.message) < 100


def test_an_unexpected_error_shows_its_type_only() -> None:
    """Its text may hold paths, queries or content."""
    error = unexpected("bicameral.echo", ZeroDivisionError("a private detail"))
    assert "ZeroDivisionError" in str(error)
    assert "private" not in str(error)


@pytest.mark.parametrize(
    ("sent", "found"),
    [("p", "p"), (None, None), (5, None), ("x" * 129, None), ("x" * 128, "x" * 128)],
)
def test_the_preflight_id_is_given_back_only_if_it_can_be_one(
    sent: object, found: str | None
) -> None:
    """The refusal carries what was sent, unless that would be the mistake itself."""
    assert sent_preflight_id({"preflight_id": sent}) == found
