"""What of a value stands in a trace: any object is accepted, and no text gets through."""

import json
from collections import OrderedDict, UserDict, deque
from enum import StrEnum
from typing import Any, NoReturn

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.observe.span_row import SpanRow, encode_span
from bicameral.observe.values import LONGEST_SUMMARY, SHOWN, fact, summarise

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
ID = "dec_01M8QBHRWR670XX05D9X9J8WP2"


class Hostile:
    """An object that fails at whatever it is asked."""

    def _fail(self, *_: object) -> NoReturn:
        raise RuntimeError("do not touch me")

    __repr__ = __str__ = __len__ = __iter__ = __bool__ = __eq__ = __hash__ = _fail


class Word(StrEnum):
    FROBNITZ = "frobnitz"


class HostileList(list[int]):
    def __len__(self) -> int:
        raise RuntimeError("do not count me")


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        (None, ""),
        ({"topic": "x" * 38, "file_paths": ["a", "b", "c"]}, "topic:38 chars, file_paths:3"),
        ({"limit": 5, "raw": True, "none": None}, "limit:5, raw:True, none:None"),
        ("Refund stuck for Frobnitz", "25 chars"),
        (b"frobnitz", "8 bytes"),
        ([1, 2], "2"),
        (deque([1]), "1"),
        (OrderedDict(a=1), "a:1"),
        (UserDict(a=1), "UserDict"),
        ({"a": {"frobnitz": "x"}}, "a:1"),
        ({"Frobnitz Holding": 1, "../x": 2, 3: 4}, "?:1, ?:2, ?:4"),
        (Word.FROBNITZ, "8 chars"),
        (HostileList([1, 2, 3]), "3"),
        (Hostile(), "Hostile"),
        ({"limit": int}, "limit:int"),
        (10**30, "int"),
        (float("nan"), "float"),
        ({"reason": "no_matches", "decision_id": ID}, f"reason:no_matches, decision_id:{ID}"),
        ({"reason": "because Frobnitz said so"}, "reason:24 chars"),
        ({"preflight_id": "frobnitz"}, "preflight_id:8 chars"),
        ({"session_id": "Frobnitz session"}, "session_id:16 chars"),
        ({"decision_ids": [ID, ID]}, "decision_ids:2"),
    ],
)
def test_a_summary_has_names_and_sizes(value: object, summary: str) -> None:
    """Enough to see what a call was about, and nothing of what anybody wrote."""
    assert summarise(value, is_raw=False) == summary


def test_raw_mode_shows_texts_without_their_secrets_before_it_cuts() -> None:
    """Cut first, half a secret would stand there and no form would know it."""
    text = "x " * 40 + SECRET
    assert summarise({"topic": "Refund stuck"}, is_raw=True) == "topic:Refund stuck"
    found = summarise({"topic": text}, is_raw=True)
    assert "ghp_" not in found
    assert len(found) == LONGEST_SUMMARY
    assert fact("note", SECRET, is_raw=True) == "[secret: github_token]"
    assert "hunter22" not in summarise({"password": "hunter22"}, is_raw=True)


def test_a_secret_that_the_reading_cuts_through_does_not_stand_in_part() -> None:
    """A long text is not read to its end, and its end may be the middle of a secret."""
    long_key = "-----BEGIN RSA PRIVATE KEY----- " + "A" * 930 + " -----END RSA PRIVATE KEY----- "
    text = long_key[:970] + " " + SECRET * 3
    assert "ghp" not in summarise(text, is_raw=True)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(Hostile)
    | st.just(object)
    | st.complex_numbers(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner)
        | st.sets(st.text())
    ),
    max_leaves=8,
)


@given(value=anything, key=st.sampled_from([*SHOWN, "other", "x y"]), is_raw=st.booleans())
def test_any_object_becomes_a_line_that_can_be_read_back(
    value: Any, key: str, is_raw: bool
) -> None:
    """What cannot be serialised is replaced, never raised."""
    summary = summarise({key: value}, is_raw=is_raw)
    assert len(summary) <= LONGEST_SUMMARY
    found = fact(key, value, is_raw=is_raw)
    row = SpanRow(
        "led_1_0", None, "t", "ledger", "o", "c", summary, "", 0.0, "success", {key: found}
    )
    line = encode_span(row)
    assert b"\n" not in line
    assert list(json.loads(line)) == [each.name for each in msgspec.structs.fields(SpanRow)]


@given(
    words=st.text(alphabet="abcdefghijklmnop ", min_size=12), name=st.sampled_from([*SHOWN, "x"])
)
def test_outside_raw_mode_no_text_with_a_blank_gets_through(words: str, name: str) -> None:
    """What a person writes has blanks; a code or an id of ours has none."""
    words = f"a {words}"
    assert words not in summarise({name: words, "y": [words]}, is_raw=False)
    assert words not in str(fact(name, words, is_raw=False))
