"""Inline markup, and what it says when read aloud.

Every pattern is bounded, so the cost of a line follows its length whatever is in it.
"""

import hashlib
import re
import unicodedata

LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\(\s{0,3}<?([^()\s<>]{1,500})>?[^()\n]{0,200}\)")
RST_LINK = re.compile(r"`([^`<>]{0,300})<([^`<>]{1,500})>`_{0,2}")
ROLE = re.compile(r":[a-z:+-]{2,20}:`([^`<>]{1,300})`")
WIKI_LINK = re.compile(r"\[\[([^\[\]|]{1,200})(?:\|[^\[\]]{0,200})?\]\]")
_LABELLED = re.compile(r"\[([^\[\]]{1,300})\]\[[^\[\]]{0,100}\]")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,500})>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_EMPHASIS = re.compile(r"(?<![\w*_])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\w*_])")
_BULLET = re.compile(r"^[ \t>]*(?:[-*+•][ \t]+|#\.[ \t]+|\d{1,3}[.)][ \t]+)?(?:\[[ xX]\][ \t]+)?")


def plain(text: str) -> str:
    """Return one line of text without links, tags, emphasis and code marks."""
    text = LINK.sub(r"\1", text)
    text = RST_LINK.sub(lambda found: found[1].strip() or found[2], text)
    text = ROLE.sub(r"\1", text)
    text = WIKI_LINK.sub(r"\1", text)
    text = _LABELLED.sub(r"\1", text)
    text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    text = _EMPHASIS.sub("", text).replace("`", "").replace("~~", "")
    return " ".join(text.split())


def without_bullet(line: str) -> str:
    """Return the line without its quote mark, list mark and check box."""
    return line[_BULLET.match(line).end() :].strip()  # type: ignore[union-attr]  # it may be empty


def is_list_item(line: str) -> bool:
    """Tell whether the line opens a list item."""
    return bool(re.match(r"[ \t>]*(?:[-*+•][ \t]|#\.[ \t]|\d{1,3}[.)][ \t])", line))


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, ending at a word where one is near, marked with `…`."""
    text = text.strip()
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    space = max(kept.rfind(" "), kept.rfind("\n"))
    return (kept[:space] if space > limit // 2 else kept).rstrip() + "…"


def normal(text: str) -> str:
    """Return text for comparing: no accents, one case, single spaces."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).split())


def slug(text: str, *, limit: int = 60) -> str:
    """Return words joined by hyphens, letters of any script kept; a digest if none are left."""
    words = re.findall(r"\w+", normal(text).replace("_", " "))
    joined = "-".join(words)[:limit].strip("-")
    return joined or sha256_hex(text)[:12]


def clean(text: str) -> str:
    """Return text that every store accepts: `\\n` line ends, no BOM, NUL or lone surrogate."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in hex; lone surrogates are let pass."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
