"""Where an upload goes and what signs it: from a variable, or from the system's keyring.

From nowhere else, so that neither stands in a file of ours; and shown to nobody, not in part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

ENDPOINT, TOKEN = "BICAMERAL_RELAY_ENDPOINT", "BICAMERAL_RELAY_TOKEN"
SERVICE = "bicameral-relay"
_NAMES = {ENDPOINT: "endpoint", TOKEN: "token"}
Source = Literal["environment", "keyring", "missing"]


class Keyring(Protocol):
    """What is asked of the system's keyring."""

    def get_password(self, service: str, name: str) -> str | None:
        """Return what is kept under a name; None for nothing. Raises `KeyringError`."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where it came from; `repr` and `str` tell only that it is set."""

    value: str
    source: Source

    @property
    def is_set(self) -> bool:
        """Whether there is a value."""
        return self.source != "missing"

    @property
    def told(self) -> Literal["set", "missing"]:
        """All that anybody is told of it."""
        return "set" if self.is_set else "missing"

    def __repr__(self) -> str:
        return f"Setting({self.told})"


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """The endpoint and the token; `trouble` says why the keyring gave no answer, if it did not."""

    endpoint: Setting
    token: Setting
    trouble: str = ""


def read_settings(variables: Mapping[str, str], keyring: Keyring | None) -> RelaySettings:
    """Read both; a variable that is set goes before the keyring, which is then not asked."""
    found, troubles = {}, []
    for variable in (ENDPOINT, TOKEN):
        found[variable], trouble = _read(variable, variables, keyring)
        troubles.append(trouble)
    return RelaySettings(found[ENDPOINT], found[TOKEN], next(filter(None, troubles), ""))


def open_keyring() -> Keyring | None:
    """Return the system's keyring; None where the extra `keyring` is not installed."""
    try:
        import keyring  # noqa: PLC0415 - an extra, and asked by few commands
    except ImportError:
        return None
    found: Keyring = keyring
    return found


def _read(
    variable: str, variables: Mapping[str, str], keyring: Keyring | None
) -> tuple[Setting, str]:
    value = variables.get(variable, "").strip()
    if value:
        return Setting(value, "environment"), ""
    if keyring is None:
        return Setting("", "missing"), ""
    from keyring.errors import KeyringError  # noqa: PLC0415 - the extra is there, or no keyring

    try:
        value = (keyring.get_password(SERVICE, _NAMES[variable]) or "").strip()
    except KeyringError as error:
        # By its class alone: its words may quote what was asked for.
        return Setting("", "missing"), f"the keyring gave no answer ({type(error).__name__})"
    return (Setting(value, "keyring") if value else Setting("", "missing")), ""
