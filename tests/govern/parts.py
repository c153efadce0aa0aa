"""What the tests of redaction share: a kind with a field of each form, and what is planted."""

from typing import Any

import msgspec

from bicameral.govern.kinds import Field, Kind, Retention
from bicameral.govern.scrubbing import keyed_digest

SALT = bytes(range(32))
DIGEST = keyed_digest(SALT)
UUID = "9d1f0c52-4b7a-4a44-8d6f-5b1e2c70aa11"
DECISION = "dec_01KSR4920095W4EEB1VEJ17HAM"


class Shape(msgspec.Struct):
    """A field of each form, and objects within."""

    at: str
    path_hash: str
    decision_id: str
    code: str
    tool: str
    revision: str
    session_id: str
    number: float
    flag: bool
    words: str
    paths: list[str]
    topic: str
    evidence: dict[str, object]
    within: list[dict[str, str]]


KIND = Kind(
    id="sample",
    family="capture",
    shape=Shape,
    fields=(
        Field("at", "S1", "stamp", "a time"),
        Field("path_hash", "S1", "hash", "a hash"),
        Field("decision_id", "S1", "id", "an id"),
        Field("code", "S0", "code", "a code", one_of=("fired", "no_matches")),
        Field("tool", "S0", "tool", "a tool"),
        Field("revision", "S1", "revision", "a revision"),
        Field("session_id", "S1", "client", "a session"),
        Field("number", "S0", "number", "a number"),
        Field("flag", "S0", "flag", "a truth value"),
        Field("words", "S1", "words", "a sentence of ours"),
        Field("paths", "S2", "path", "paths"),
        Field("topic", "S3", "text", "what somebody wrote"),
        Field("evidence", "S1", "open", "numbers, codes and ids"),
        Field(
            "within",
            "S1",
            "open",
            "objects",
            within=(
                Field("kind", "S0", "code", "a code"),
                Field("note", "S3", "text", "what somebody wrote"),
            ),
        ),
    ),
    transmission="approved_upload",
    retention=Retention("manual", "a test"),
    owner="tests.govern.parts",
    description="A sample.",
)


def a_row(**fields: Any) -> dict[str, Any]:
    """Return a row in which nothing is private."""
    row: dict[str, Any] = {
        "at": "2026-03-05T09:30:00.000000Z",
        "path_hash": "9a7901d31fa7338f",
        "decision_id": DECISION,
        "code": "fired",
        "tool": "bicameral.preflight",
        "revision": "12",
        "session_id": "session-1",
        "number": 3.2,
        "flag": True,
        "words": "it was shown and not used",
        "paths": ["src/payments.py"],
        "topic": "retry failed charges",
        "evidence": {"rows": [DECISION], "cost": 2},
        "within": [{"kind": "engaged", "note": "shown twice"}],
    }
    return row | fields
