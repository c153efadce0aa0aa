"""The scan: every detector over every text of a row, as findings that do not overlap."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bicameral.govern.detection.address_forms import find_addresses
from bicameral.govern.detection.ordinary_words import strange_words
from bicameral.govern.detection.personal_forms import find_personal
from bicameral.govern.detection.randomness import find_random
from bicameral.govern.detection.secret_forms import find_secrets, is_speech
from bicameral.govern.detection.spans import Span
from bicameral.review.promotion.findings import Finding, make_findings, merged
from bicameral.review.promotion.maintained_detector import MaintainedDetector
from bicameral.review.promotion.names import NameFinder, find_words
from bicameral.review.promotion.placeholders import blanked
from bicameral.review.promotion.segments import (
    SHORTEST_RELATED,
    find_segments,
    segments_of,
    widened,
    words_in_paths,
)
from bicameral.review.promotion.texts import is_path

_ADDRESSES = frozenset(("email", "url", "host", "home_folder", "absolute_path", "url_credentials"))


@dataclass(frozen=True, slots=True)
class Scanner:
    """What to look with: the maintained detector, the names known here, the home's salt."""

    detector: MaintainedDetector
    names: NameFinder
    salt: bytes

    def scan(
        self, texts: Mapping[str, str], *, related: frozenset[str] = frozenset()
    ) -> list[Finding]:
        """Return what is found in these texts, named by their places, in their order.

        `related` are words to find besides those that paths and addresses in the texts have.
        """
        words = related | related_words(texts, ())
        found = self._scan(texts, words)
        more = words | related_words({}, found)
        return found if more == words else self._scan(texts, more)

    def _scan(self, texts: Mapping[str, str], related: frozenset[str]) -> list[Finding]:
        return [
            finding
            for place, text in texts.items()
            for finding in make_findings(place, text, self.spans(place, text, related), self.salt)
        ]

    def spans(self, place: str, text: str, related: frozenset[str]) -> Sequence[Span]:
        """Return what is found in one text; placeholders are not looked at again."""
        text = blanked(text)
        found = list(self._find(text))
        if is_path(place):
            found += [*find_segments(text), *self._find_in_segments(text)]
            found = list(widened(text, found))
        else:
            found += find_words(text, related, "related_word")
        return merged(found)

    def _find_in_segments(self, path: str) -> Iterator[Span]:
        """Yield what a segment of a path holds by itself: a host has no slash before it."""
        for segment in segments_of(path):
            for span in self._find(path[slice(*segment)]):
                start = segment[0]
                yield replace(span, start=span.start + start, end=span.end + start)

    def _find(self, text: str) -> Iterator[Span]:
        yield from find_secrets(text)
        yield from self.detector.find(text, is_speech=is_speech)
        yield from find_random(text)
        yield from find_personal(text)
        yield from find_addresses(text)
        yield from self.names.find(text)


def related_words(texts: Mapping[str, str], findings: Iterable[Finding]) -> frozenset[str]:
    """Return the words out of the ordinary in paths and in found addresses, case-folded."""
    addresses = [_place_in(each) for each in findings if each.kind in _ADDRESSES]
    words = (word for address in addresses for word in strange_words(address))
    long = frozenset(word.casefold() for word in words if len(word) >= SHORTEST_RELATED)
    return long | words_in_paths(blanked(text) for at, text in texts.items() if is_path(at))


def _place_in(finding: Finding) -> str:
    """Return the part of an address that says whose it is: no password, and no query."""
    _, _, address = finding.text.rpartition("://")
    if finding.is_secret:
        address = address.rpartition("@")[2]
    if finding.kind in {"url", "url_credentials"}:
        address = address.lstrip("/").partition("/")[0]
    return re.split(r"[?#]", address)[0]
