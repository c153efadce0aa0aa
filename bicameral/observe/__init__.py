"""Looking at the whole from inside: calls as they are traced and metered, and the self-check."""

from bicameral.observe.metrics.emitting import emit_metric
from bicameral.observe.ring import clear_spans, get_recent_spans
from bicameral.observe.switch import TracingSwitch, read_switch

__all__ = ["TracingSwitch", "clear_spans", "emit_metric", "get_recent_spans", "read_switch"]
