"""Scrubbing: everything private that can be known by its form goes out of a text.

A secret leaves a mark with its kind and nothing else; what is private otherwise leaves a keyed
digest too, so that two lines about the same thing can still be told to be about the same.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from bicameral.govern.detection.address_forms import find_addresses
from bicameral.govern.detection.normal_form import normalised
from bicameral.govern.detection.personal_forms import find_personal
from bicameral.govern.detection.places import find_places
from bicameral.govern.detection.randomness import find_random
from bicameral.govern.detection.secret_forms import find_secrets
from bicameral.govern.detection.spans import Span, merged

Digest = Callable[[str], str]

_DIGITS = 16
# Of the same length as what it stands for, and seen by no detector.
_FILLER = ";"
_MARK = re.compile(r"\[secret: [a-z0-9_]{1,40}\]|\[[a-z_]{1,40}: [0-9a-f]{16}\]")
# What is written by us in these forms says nothing by itself, however random it looks.
_OURS = re.compile(
    r"[0-9a-f]{16}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|(?:dec|reg|qst|rep|byp)_[0-9A-HJKMNP-TV-Z]{26}"
    r"|(?:rev_[0-9a-f]{20}|row_[0-9a-f]{16})"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
)
_GRAVE = ("email", "url", "remote", "home_folder", "absolute_path", "host")


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text without what was found in it, and the kinds of what was found."""

    text: str
    found: tuple[str, ...] = ()


def keyed_digest(salt: bytes) -> Digest:
    """Return the digest of this install: the same text gives the same digits, only here.

    Its own use of the salt: the digits are those of no hash in an event.
    """
    before = sha256(salt + b"\0redaction\0")

    def digest(text: str) -> str:
        state = before.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.hexdigest()[:_DIGITS]

    return digest


def scrub(text: str, digest: Digest) -> Scrubbed:
    """Take out of a text all that is private by its form; never any part of it stays.

    A text in which something could hide (letters of full width, joiners) is put in normal form.
    """
    if _OURS.fullmatch(text):
        return Scrubbed(text)
    if not text.isascii():
        text = normalised(text)
    spans = find_private(text)
    if not spans:
        return Scrubbed(text)
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], _mark(span, text[span.start : span.end], digest)]
        position = span.end
    return Scrubbed("".join([*pieces, text[position:]]), tuple(span.kind for span in spans))


def find_private(text: str) -> list[Span]:
    """Return what is private in a text, without overlaps; marks are not looked at again."""
    seen = _MARK.sub(lambda found: _FILLER * len(found[0]), text)
    detectors = (find_secrets, find_random, find_personal, find_addresses, find_places)
    return merged((span for find in detectors for span in find(seen)), _rank)


def is_ours(text: str) -> bool:
    """Tell whether a whole text is an id, a hash or a stamp as we write them."""
    return _OURS.fullmatch(text) is not None


def _mark(span: Span, text: str, digest: Digest) -> str:
    # No digest of a secret: one that is short could be guessed by whoever has the salt.
    return f"[secret: {span.kind}]" if span.is_secret else f"[{span.kind}: {digest(text)}]"


def _rank(span: Span) -> int:
    if span.is_secret:
        return -1
    return _GRAVE.index(span.kind) if span.kind in _GRAVE else len(_GRAVE)
