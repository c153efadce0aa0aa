"""Paths as events know them: relative to the repository, with `/`, the same everywhere.

Pure text: nothing is looked up, so a path means the same on the machine that reads it.
"""

import posixpath
import re
import unicodedata

# What nearly every caller sends; the rest of this module would return it as it is.
_PLAIN = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*", re.ASCII)
_UNTIDY = re.compile(r"(?:^|/)(?:\.{0,2}(?:/|$))")
_DRIVE_OR_SHARE = re.compile(r"(?:[A-Za-z]:/|//)")


def normalise_path(path: str, root: str | None = None) -> str:
    """Return the path relative to `root` in POSIX form; outside of it, the tidied path.

    A backslash counts as a separator and composed characters are put in one form (NFC),
    so that Windows, macOS and Linux callers agree. Drives and shares ignore case.
    An empty path stays empty.
    """
    if _PLAIN.fullmatch(path):
        return path
    text = _tidy(path)
    return _below(text, _tidy(root)) if root and _is_absolute(text) else text


def _tidy(path: str) -> str:
    text = str.strip(path).replace("\\", "/")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return posixpath.normpath(text) if text and _UNTIDY.search(text) else text


def _is_absolute(text: str) -> bool:
    return text.startswith("/") or _DRIVE_OR_SHARE.match(text) is not None


def _below(text: str, root: str) -> str:
    fold = str.lower if _DRIVE_OR_SHARE.match(root) else str
    prefix = root.rstrip("/") + "/"
    return text[len(prefix) :] if fold(text).startswith(fold(prefix)) else text
