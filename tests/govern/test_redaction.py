"""Redaction, in its order: allow-list, class cap, scrub, truncation."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.govern.redaction import LONGEST_TEXT, Note, redact
from bicameral.govern.scrubbing import is_ours
from tests.govern.parts import DECISION, DIGEST, KIND, a_row
from tests.review.promotion.planted import SECRETS

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def why(row: dict[str, Any], cap: Any = "S3") -> list[str]:
    return [str(note) for note in redact(KIND, row, cap=cap, digest=DIGEST).notes]


def test_a_line_with_nothing_private_comes_out_as_it_is() -> None:
    """At the highest cap nothing has to go."""
    redacted = redact(KIND, a_row(), cap="S3", digest=DIGEST)
    assert redacted.row == a_row()
    assert redacted.notes == ()


def test_a_field_that_is_not_registered_goes_first() -> None:
    """Its value is not even looked at, and a name that could be content is not told."""
    row = a_row(prompt="x", **{"Acme Holding": "y"})
    assert why(row) == ["?: not registered", "?: not registered"]
    assert why(a_row(within=[{"kind": "engaged", "who": "Ada"}])) == ["within.?: not registered"]


@pytest.mark.parametrize(
    ("cap", "gone"),
    [
        ("S3", set()),
        ("S2", {"topic", "within.note"}),
        ("S1", {"topic", "within.note", "paths"}),
        (
            "S0",
            {"topic", "paths", "at", "path_hash", "decision_id", "revision", "session_id"}
            | {"words", "evidence", "within"},
        ),
    ],
)
def test_what_is_above_the_cap_goes(cap: Any, gone: set[str]) -> None:
    """Also in the objects within."""
    notes = redact(KIND, a_row(), cap=cap, digest=DIGEST).notes
    assert {note.place for note in notes} == gone
    assert {note.why for note in notes} <= {"above the cap"}


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_left_in_any_text_of_a_line(name: str) -> None:
    """In lists, in objects, in the names of an open map."""
    secret = SECRETS[name]()
    row = a_row(
        topic=secret,
        words=f"with {secret}",
        paths=[f"keys/{secret}"],
        evidence={secret: [{"inner": secret}]},
        within=[{"kind": "engaged", "note": secret}],
    )
    redacted = redact(KIND, row, cap="S3", digest=DIGEST)
    assert secret not in str(redacted.row)
    assert {note.why for note in redacted.notes} == {"private"}
    assert secret not in str(redacted.notes)


def test_a_text_is_cut_only_when_its_secrets_are_out() -> None:
    """A cut through a secret would leave a half that nobody knows for one."""
    secret = SECRETS["github classic token"]()
    text = "a word " * 142 + secret
    assert LONGEST_TEXT - len(secret) < len("a word " * 142) < LONGEST_TEXT
    redacted = redact(KIND, a_row(topic=text), cap="S3", digest=DIGEST)
    found = str(redacted.row["topic"])
    assert len(found) == LONGEST_TEXT
    assert "ghp_" not in found
    assert redacted.notes == (
        Note("topic", "private", "github_token"),
        Note("topic", "too long"),
    )


def test_the_clients_own_text_stands_as_a_digest_below_s2() -> None:
    """A session id is opaque to us, so nobody knows what a client puts into it."""
    row = a_row(session_id="Acme Holding, branch refunds", decision_id="refunds-for-acme")
    redacted = redact(KIND, row, cap="S1", digest=DIGEST)
    assert redacted.row["session_id"] == DIGEST("Acme Holding, branch refunds")
    assert redacted.row["decision_id"] == DIGEST("refunds-for-acme")
    assert redact(KIND, a_row(), cap="S1", digest=DIGEST).row["decision_id"] == DECISION
    assert redact(KIND, row, cap="S2", digest=DIGEST).row["session_id"] == row["session_id"]


def test_names_within_an_open_object_stand_as_digests_below_s2_unless_registered() -> None:
    """A name is a text like any other: somebody could count by customer."""
    row = a_row(evidence={"Acme Holding": 2, "rows": [DECISION]})
    at_s1 = redact(KIND, row, cap="S1", digest=DIGEST).row["evidence"]
    assert at_s1 == {DIGEST("Acme Holding"): 2, DIGEST("rows"): [DECISION]}
    assert redact(KIND, row, cap="S2", digest=DIGEST).row["evidence"] == row["evidence"]
    known = [replace(each, one_of=("rows",)) for each in KIND.fields if each.name == "evidence"]
    kind = replace(KIND, fields=tuple(known))
    found = redact(kind, {"evidence": {"rows": 1}}, cap="S1", digest=DIGEST)
    assert found.row == {"evidence": {"rows": 1}}


@pytest.mark.parametrize(
    "fields",
    [
        {"at": "yesterday"},
        {"path_hash": "src/payments.py"},
        {"code": "refund Acme"},
        {"tool": "Bash"},
        {"revision": "twelve"},
        {"number": "three"},
        {"number": True},
        {"number": float("nan")},
        {"number": {"by class": "three"}},
        {"flag": 1},
        {"flag": "yes"},
        {"words": {"a": "map"}},
        {"within": "an object"},
        {"within": ["an object"]},
    ],
)
def test_a_value_without_the_form_of_its_field_goes(fields: dict[str, Any]) -> None:
    """What is registered as a number is a number, or it is not there."""
    [name] = fields
    redacted = redact(KIND, a_row(**fields), cap="S3", digest=DIGEST)
    assert redacted.notes == (Note(name, "malformed"),)
    assert name not in redacted.row


def test_what_is_nested_without_end_is_cut_off() -> None:
    """Nobody writes such a line but somebody who wants to."""
    deep: Any = "x"
    for _ in range(20):
        deep = [deep]
    assert why(a_row(evidence={"rows": deep})) == ["evidence: malformed"]


@given(st.dictionaries(st.sampled_from([*a_row()]) | st.text(), ANY_JSON))
def test_nothing_comes_out_that_is_not_registered_and_within_the_cap(row: dict[str, Any]) -> None:
    """Whatever stands in a line, redaction answers, and answers with fields of the kind alone."""
    within = {field.name for field in KIND.fields if field.sensitivity in {"S0", "S1"}}
    redacted = redact(KIND, row, cap="S1", digest=DIGEST)
    assert redacted.row.keys() <= within & row.keys()
    found = redacted.row.get("session_id")
    texts = found if isinstance(found, list) else [found]
    assert all(each is None or is_ours(str(each)) for each in texts if not isinstance(each, list))
