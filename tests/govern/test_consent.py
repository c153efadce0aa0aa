"""Consent: it holds for what was shown, and what is no consent is none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.policy import POLICY_FILE, read_policy
from bicameral.govern.consent import Consent, read_consent, state_of
from bicameral.govern.disclosure import digest_of, sendable
from bicameral.govern.kinds import Field
from bicameral.govern.registry import Registry
from bicameral.registry.whole import whole_registry

REGISTRY = whole_registry()
CONSENT = Consent("2026-03-05T09:30:00.000000Z", "0.1.0", "ab12")


def consent_in(home: Path, text: str) -> Consent | None:
    (home / POLICY_FILE).write_text(text, encoding="utf-8")
    return read_consent(read_policy(home, lambda _warning: None))


def test_a_consent_is_read_as_it_was_written(tmp_path: Path) -> None:
    """With its time, the version that showed the disclosure, and the disclosure's digest."""
    lines = [f'{name} = "{value}"' for name, value in CONSENT.as_table().items()]
    assert consent_in(tmp_path, "\n".join(["[consent]", *lines])) == CONSENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "consent = true",
        "[consent]",
        '[consent]\nat = "2026"\nversion = "0.1.0"',
        '[consent]\nat = "2026"\nversion = "0.1.0"\ndisclosure = true',
        '[consent]\nat = ""\nversion = "0.1.0"\ndisclosure = "ab12"',
        '[consent]\nat = "2026"\nversion = "0.1.0"\ndisclosure = "ab12',
    ],
)
def test_what_is_no_whole_consent_is_none(tmp_path: Path, text: str) -> None:
    """A half-written one, or a yes without what it is to, permits nothing."""
    assert consent_in(tmp_path, text) is None


def test_a_consent_holds_for_its_disclosure_alone() -> None:
    """Nobody agreed to what they were not shown."""
    assert state_of(CONSENT, "ab12") == "given"
    assert state_of(CONSENT, "cd34") == "void"
    assert state_of(None, "ab12") == "missing"


def changed(kind_id: str, **values: Any) -> Registry:
    return Registry(replace(kind, **values) if kind.id == kind_id else kind for kind in REGISTRY)


PREFLIGHT = next(kind for kind in REGISTRY if kind.id == "preflight")
LABEL = next(kind for kind in REGISTRY if kind.id == "failure_label")


@pytest.mark.parametrize(
    "widened",
    [
        changed("preflight", fields=(*PREFLIGHT.fields, Field("mood", "S0", "code", "a mood"))),
        changed("failure_label", transmission="approved_upload"),
        changed(
            "preflight",
            fields=tuple(
                replace(each, sensitivity="S1") if each.name == "topic" else each
                for each in PREFLIGHT.fields
            ),
        ),
        changed(
            "preflight",
            fields=tuple(
                replace(each, form="code") if each.name == "session_id" else each
                for each in PREFLIGHT.fields
            ),
        ),
    ],
    ids=["a field more", "a kind more", "a lower class", "no digest any more"],
)
def test_whatever_widens_what_is_sent_makes_a_consent_void(widened: Registry) -> None:
    """The digest is of kinds, fields, classes and how each is sent."""
    consent = replace(CONSENT, disclosure=digest_of(sendable(REGISTRY)))
    assert state_of(consent, digest_of(sendable(REGISTRY))) == "given"
    assert state_of(consent, digest_of(sendable(widened))) == "void"


def test_what_stays_here_does_not_touch_a_consent() -> None:
    """A field above the cap is never sent, so nobody need be asked about it again."""
    more = changed(
        "preflight", fields=(*PREFLIGHT.fields, Field("wish", "S3", "text", "in raw mode a wish"))
    )
    assert digest_of(sendable(more)) == digest_of(sendable(REGISTRY))
    kept = changed("failure_label", fields=(*LABEL.fields, Field("mood", "S0", "code", "a mood")))
    assert digest_of(sendable(kept)) == digest_of(sendable(REGISTRY))
