"""What may leave: nothing planted ever does, from any field, by any door (the upload's gate)."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import TransmissionRefused
from bicameral.govern.kinds import Kind
from bicameral.govern.transmission import for_transmission
from bicameral.registry.whole import whole_registry
from tests.docs.pages import ROOT
from tests.govern.parts import DIGEST, KIND, a_row
from tests.review.promotion.planted import PERSONAL, SECRETS

REGISTRY = whole_registry()
SENDABLE = [kind for kind in REGISTRY if kind.transmission == "approved_upload"]
# What never leaves in any event, by what it is.
PLANTED: dict[str, str] = {
    "source text": "def refund(amount):\n    return gateway.post(-amount)",
    "a prompt": "please make refunds for Frobnitz idempotent",
    "full arguments": '{"topic": "refunds for Frobnitz", "file_paths": ["src/pay.py"]}',
    "an absolute path": "/srv/frobnitz/src/pay.py",
    "a drive": "C:\\frobnitz\\src\\pay.py",
    "a share": "\\\\filer\\frobnitz\\pay.py",
    "a remote": "git@git.frobnitz.io:shop/pay.git",
    "a remote with a password": "https://pat:hunter2x@git.frobnitz.io/shop.git",
    "a home segment": "home/pdoe",
    "query text": "idempotency of refunds",
    "one word of a query": "frobnitz",
    "a relative path": "tenants/frobnitz/pay.py",
    "a branch": "feature/frobnitz-refund",
    "an e-mail": PERSONAL["e-mail"](),
    **{name: make() for name, make in SECRETS.items()},
}


def example_of(kind: Kind) -> dict[str, Any]:
    path = ROOT / "docs/reference/schemas/examples" / f"{kind.id}.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["passing"])


def sent(kind: Kind, row: dict[str, Any]) -> str:
    """Return the bytes that would be sent as text; nothing where the line is refused."""
    try:
        return json.dumps(for_transmission(kind, row, cap="S1", digest=DIGEST))
    except TransmissionRefused as refused:
        return str(refused)


@pytest.mark.parametrize("kind", SENDABLE, ids=lambda kind: str(kind.id))
def test_a_real_line_may_be_sent_within_the_cap(kind: Kind) -> None:
    """In hashed mode a captured line holds nothing that it may not; the session is a digest."""
    row = example_of(kind)
    out = for_transmission(kind, row, cap="S1", digest=DIGEST)
    above = {field.name for field in kind.fields if field.sensitivity > "S1"}
    assert out.keys() == row.keys() - above
    assert out.get("session_id") == (DIGEST(row["session_id"]) if "session_id" in row else None)


@pytest.mark.parametrize("kind", SENDABLE, ids=lambda kind: str(kind.id))
@pytest.mark.parametrize("plant", PLANTED)
def test_nothing_planted_leaves_from_any_field(kind: Kind, plant: str) -> None:
    """Neither in what is sent nor in the words of the refusal; in part neither."""
    value = PLANTED[plant]
    row = example_of(kind)
    for name in [*row, "topic", "file_paths", "prompt"]:
        for planted in (value, [value], {value: value}, {value: 1}, [{"x": value}]):
            out = sent(kind, row | {name: planted})
            assert json.dumps(value)[1:-1] not in out, name
            for word in ("frobnitz", "Frobnitz", "refund", "pdoe", "hunter2x", "filer"):
                assert word not in out, (name, out)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"prompt": "refunds"}, "?: not registered"),
        ({"path_hash": "src/pay.py"}, "path_hash: malformed"),
        ({"code": "refunds"}, "code: malformed"),
        ({"words": "read /srv/pay.py"}, "words: private (absolute_path)"),
        ({"evidence": {"mail": "ada@acme.io"}}, "evidence: private (email)"),
        ({"words": "a word " * 200}, "words: too long"),
    ],
)
def test_a_refusal_says_why_and_quotes_nothing(fields: dict[str, Any], reason: str) -> None:
    """Whoever enqueues it finds the writer that is at fault."""
    with pytest.raises(TransmissionRefused) as refused:
        for_transmission(KIND, a_row(**fields), cap="S1", digest=DIGEST)
    assert refused.value.message == f"a line of sample is not sent: {reason}"


@pytest.mark.parametrize("kind", [kind for kind in REGISTRY if kind not in SENDABLE])
def test_a_kind_that_is_not_approved_is_refused_whatever_it_holds(kind: Kind) -> None:
    """Labels, notes, failures and states stay."""
    with pytest.raises(TransmissionRefused, match=kind.transmission):
        for_transmission(kind, example_of(kind), cap="S0", digest=DIGEST)


def test_a_line_of_no_kind_is_refused() -> None:
    """What nobody registered, nobody approved."""
    with pytest.raises(TransmissionRefused, match="no registered kind"):
        for_transmission(None, a_row(), cap="S1", digest=DIGEST)


@pytest.mark.parametrize("cap", ["S2", "S3"])
def test_no_setting_raises_the_cap(cap: Any) -> None:
    """S1 is the most that a line may show elsewhere."""
    with pytest.raises(TransmissionRefused, match="the most that may be sent"):
        for_transmission(KIND, a_row(), cap=cap, digest=DIGEST)


def test_the_lowest_cap_sends_numbers_codes_and_versions_alone() -> None:
    """A team that wants counts only has them."""
    kind = REGISTRY.get("preflight")
    assert kind
    out = for_transmission(kind, example_of(kind), cap="S0", digest=DIGEST)
    assert out.keys() == {"schema", "fired", "reason", "latency_ms", "event_type"}


@given(
    st.sampled_from(SENDABLE),
    st.text(min_size=4).filter(lambda text: text.strip() and not text.isdigit()),
    st.data(),
)
def test_no_made_up_text_leaves_through_a_field_of_text(
    kind: Kind, text: str, data: st.DataObject
) -> None:
    """Any text in any field: refused, hashed or left out, and never sent as it is."""
    row = example_of(kind)
    name = data.draw(st.sampled_from([*row]))
    if row[name] == text or text in {str(each) for each in row.values()}:
        return
    try:
        out = for_transmission(kind, row | {name: text}, cap="S1", digest=DIGEST)
    except TransmissionRefused:
        return
    assert out.get(name) != text


def test_a_kind_whose_fields_are_free_texts_could_send_none_of_them() -> None:
    """Even if somebody approved it: the cap stands above the approval."""
    kind = REGISTRY.get("failure_label")
    assert kind
    approved = replace(kind, transmission="approved_upload")
    row = example_of(kind) | {"note": "refunds", "who": "Ada"}
    out = for_transmission(approved, row, cap="S1", digest=DIGEST)
    assert {"note", "who"} & out.keys() == set()
