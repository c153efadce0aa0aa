"""`emit_metric`: one line for one thing worth noting, from anywhere within a call."""

from bicameral.metering import current_meter
from bicameral.observe.metrics.calls import CallMeter


def emit_metric(name: str, value: float = 1, **attrs: object) -> None:
    """Append a metric to the log of the call under way; nothing while capture is off.

    Names are lower case (`a-z0-9_.`); a text among `attrs` is stored as its salted hash
    outside raw mode. Never raises: what cannot be recorded is counted as dropped.
    """
    meter = current_meter()
    if isinstance(meter, CallMeter):
        meter.emit(name, value, attrs)
