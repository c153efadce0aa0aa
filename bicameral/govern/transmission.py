"""Transmission: what may leave the machine, decided for one line at a time.

A line leaves as it was redacted, or not at all: whatever has no place in it is a fault of
whoever wrote it or a plant of somebody's, and then nothing of the line can be trusted.
"""

from collections.abc import Mapping

from bicameral.errors import TransmissionRefused
from bicameral.govern.kinds import TRANSMISSIONS, Kind
from bicameral.govern.redaction import redact
from bicameral.govern.scrubbing import Digest
from bicameral.govern.sensitivity import Sensitivity, is_within

HIGHEST_CAP: Sensitivity = "S1"
"""No upload may ask for more, whatever its settings say."""
_NEXT = "keep the line here; `bicameral-mcp telemetry status` shows where"


def for_transmission(
    kind: Kind | None, row: Mapping[str, object], *, cap: Sensitivity, digest: Digest
) -> dict[str, object]:
    """Return a line as it may be sent: its fields within `cap`, ids and hashes as they are.

    Fields above the cap are left out. Raises `TransmissionRefused` with the reason, and
    without any value, for a kind that may not be sent, a cap above S1, a field that is not
    registered or has not the form it is registered with, and anything private in what is left.
    """
    if kind is None:
        raise TransmissionRefused("the line is of no registered kind", next_step=_NEXT)
    if kind.transmission != "approved_upload":
        raise TransmissionRefused(
            f"{kind.id} is {kind.transmission}: it {TRANSMISSIONS[kind.transmission]}",
            next_step=_NEXT,
        )
    if not is_within(cap, HIGHEST_CAP):
        raise TransmissionRefused(
            f"the cap {cap} is above {HIGHEST_CAP}, the most that may be sent", next_step=_NEXT
        )
    redacted = redact(kind, row, cap=cap, digest=digest)
    faults = [note for note in redacted.notes if note.why != "above the cap"]
    if faults:
        raise TransmissionRefused(
            f"a line of {kind.id} is not sent: {'; '.join(map(str, faults))}", next_step=_NEXT
        )
    return redacted.row
