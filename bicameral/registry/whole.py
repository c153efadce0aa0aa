"""The registry of this version: every kind of line that any part of it writes."""

from bicameral.govern.registry import Registry
from bicameral.registry.captured import CAPTURED
from bicameral.registry.measured import MEASURED
from bicameral.registry.relayed import RELAYED
from bicameral.registry.reviewed import REVIEWED
from bicameral.registry.stored import STORED
from bicameral.registry.traced import TRACED


def whole_registry() -> Registry:
    """Return every kind, in the order of the reference."""
    return Registry((*CAPTURED, *MEASURED, *REVIEWED, *STORED, *TRACED, *RELAYED))
