"""Consent: what a person agreed to be sent, when, and under which disclosure.

It holds for what was shown and for nothing else: where the disclosure of what is sent has
another digest now, the consent is void, and has to be given anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bicameral.capture.policy import Policy

TABLE = "consent"
State = Literal["given", "void", "missing"]
_KEYS = ("at", "version", "disclosure")


@dataclass(frozen=True, slots=True)
class Consent:
    """`disclosure` is the digest of what was shown; `version` is that which showed it."""

    at: str
    version: str
    disclosure: str

    def as_table(self) -> dict[str, str]:
        """Return it as it stands in `config.toml`."""
        return {name: getattr(self, name) for name in _KEYS}


def read_consent(policy: Policy) -> Consent | None:
    """Return the consent that the policy records; None for none, and for what is no consent."""
    table = policy.tables.get(TABLE)
    if not isinstance(table, Mapping):
        return None
    values = [table.get(name) for name in _KEYS]
    at, version, disclosure = (value if isinstance(value, str) else "" for value in values)
    return Consent(at, version, disclosure) if at and version and disclosure else None


def state_of(consent: Consent | None, digest: str) -> State:
    """Tell whether a consent holds for the disclosure of this digest."""
    if consent is None:
        return "missing"
    return "given" if consent.disclosure == digest else "void"
