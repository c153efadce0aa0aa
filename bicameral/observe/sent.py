"""What a trace keeps of the arguments of a call, as `[tracing] arguments` says.

One function shapes them on every path that stores any (`bicameral/capture/arguments.py`).
`omit`, the default and what any other word means, keeps names with sizes, and of values only
ids and codes of ours.
"""

from collections.abc import Callable, Mapping

from bicameral.capture.arguments import Mode, shape_arguments
from bicameral.capture.secrets import without_secrets
from bicameral.observe.values import summarise

# It stands among the facts of the span.
_ELSEWHERE = "preflight_id"
_NUMBERS = (int, float)


class SentArguments:
    """Tells the arguments of a call in the one way that was chosen.

    `digest` gives the keyed digest of a text, and is asked in the mode `hash` alone.
    """

    def __init__(self, mode: Mode = "omit", *, digest: Callable[[str], str] | None = None) -> None:
        self.mode: Mode = mode
        self._digest = digest or _no_digest

    def told(self, sent: Mapping[str, object]) -> str:
        """Return what is kept of arguments whose names are the tool's own, as one summary.

        Raises what `digest` raises.
        """
        own = {name: value for name, value in sent.items() if name != _ELSEWHERE}
        shaped = shape_arguments(
            own, self.mode, known=own.keys(), digest=self._digest, redact=without_secrets
        )
        return summarise(shaped, is_raw=True) if shaped else self.sizes(own)

    @staticmethod
    def sizes(sent: Mapping[str, object]) -> str:
        """Return names with sizes; a number is a value, so its type stands for it."""
        sized = {name: type(v) if isinstance(v, _NUMBERS) else v for name, v in sent.items()}
        return summarise({k: v for k, v in sized.items() if k != _ELSEWHERE}, is_raw=False)


def _no_digest(_text: str) -> str:
    return ""
