"""The gates of an upload: each of them alone keeps everything here.

They are independent: a flag that a variable can set, a consent that stands in a file, and
settings that stand in neither. None of them opens another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bicameral.errors import UploadOff
from bicameral.govern.consent import State
from bicameral.govern.relay.settings import ENDPOINT, TOKEN, RelaySettings


@dataclass(frozen=True, slots=True)
class Gates:
    """The `relay` flag and what decided it, the consent, and the settings of the relay."""

    is_permitted: bool
    decided_by: str
    consent: State
    settings: RelaySettings

    @property
    def closed(self) -> tuple[str, ...]:
        """Why nothing can be sent: a sentence for each gate that is closed."""
        return tuple(self._closed())

    def require(self) -> None:
        """Raise `UploadOff` with every reason unless all gates are open."""
        if self.closed:
            raise UploadOff(
                f"nothing was sent: {'; '.join(self.closed)}",
                next_step="see what would be sent with `bicameral-mcp telemetry disclose`; "
                "`bicameral-mcp telemetry relay --i-understand` permits it",
            )

    def _closed(self) -> Iterator[str]:
        if not self.is_permitted:
            yield f"the flag `relay` is off ({self.decided_by})"
        if self.consent == "missing":
            yield "nobody consented (`bicameral-mcp telemetry relay --i-understand` does)"
        if self.consent == "void":
            yield "the consent is for another disclosure: what would be sent has changed since"
        if not self.settings.endpoint.is_set:
            yield f"no endpoint is set ({ENDPOINT}, or the keyring)"
        if not self.settings.token.is_set:
            yield f"no token is set ({TOKEN}, or the keyring)"
        if self.settings.trouble:
            yield self.settings.trouble
