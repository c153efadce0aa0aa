"""The maintained detector: detect-secrets' plugins, asked about one text at a time.

Only their pattern matching is used: its scan honours marks in the text that switch it off,
and its verification sends what it finds to the issuer. It is an extra, imported when needed.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from bicameral.errors import DetectorMissing
from bicameral.govern.detection.spans import Span

DISTRIBUTION = "detect_secrets"
_UTIL = f"{DISTRIBUTION}.core.plugins.util"
# Public addresses are found with all others, and named as what they are.
_LEFT_OUT = frozenset({"Public IP (ipv4)"})
# Words after `password:` and the like: an ordinary sentence has them, so it is asked again.
_KEYWORD = "Secret Keyword"

Judge = Callable[[str], bool]


class MaintainedDetector:
    """The plugins of detect-secrets, ready to be asked."""

    def __init__(self, plugins: Iterable[Any]) -> None:
        self._plugins = tuple(plugins)

    def find(self, text: str, *, is_speech: Judge) -> Iterator[Span]:
        """Yield each secret found in a text, wherever it stands in it.

        `is_speech` tells words from secrets where a plugin goes by the word before alone.
        """
        for line in dict.fromkeys(text.splitlines()):
            for plugin in self._plugins:
                for secret in self._secrets(plugin, line):
                    if plugin.secret_type == _KEYWORD and is_speech(secret):
                        continue
                    yield from _places(text, secret, _kind_of(plugin.secret_type))

    @staticmethod
    def _secrets(plugin: Any, line: str) -> Iterator[str]:
        limit = getattr(plugin, "entropy_limit", None)
        for secret in plugin.analyze_string(line):
            if secret and (limit is None or plugin.calculate_shannon_entropy(secret) > limit):
                yield str(secret)


def load_detector(import_: Callable[[str], Any] = import_module) -> MaintainedDetector:
    """Return the detector; raises `DetectorMissing` where the extra is not installed."""
    try:
        classes = import_(_UTIL).get_mapping_from_secret_type_to_class()
    except ImportError as error:  # not there, or an installation that is broken
        raise DetectorMissing(
            f"the detector of secrets is not installed ({error}); nothing is promoted without it",
            next_step="pip install 'bicameral-preflight[promote]'",
        ) from error
    return MaintainedDetector(make() for name, make in classes.items() if name not in _LEFT_OUT)


def _kind_of(secret_type: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in secret_type.lower()).split()
    return "_".join(words)


def _places(text: str, secret: str, kind: str) -> Iterator[Span]:
    start = text.find(secret)
    while start >= 0:
        yield Span(start, start + len(secret), kind, is_secret=True)
        start = text.find(secret, start + len(secret))
