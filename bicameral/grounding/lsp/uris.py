"""Files as language servers name them, and back to paths below the repository's root.

Servers spell one file in several ways: a drive with `%3A` or in either case, a share, a
link. Whatever does not lead below the root is none of ours.
"""

import os
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from urllib.parse import unquote_to_bytes, urlsplit

_HERE = ("", "localhost")


def uri_of(path: Path) -> str:
    """Return the address of an absolute path."""
    return path.as_uri()


def path_in(uri: str, root: Path) -> str | None:
    """Return the path below `root` that an address leads to; None if it leads elsewhere.

    Links are followed, for a link inside may lead out.
    """
    named = local_path(uri, windows=os.name == "nt")
    if named is None or "\0" in str(named):
        return None
    return below(Path(os.path.realpath(named)), Path(os.path.realpath(root)))


def local_path(uri: str, *, windows: bool) -> PurePath | None:
    """Return the absolute path that a `file:` address names; None for any other."""
    try:
        parts = urlsplit(uri)
        text = os.fsdecode(unquote_to_bytes(parts.path))
    except ValueError:
        return None
    if parts.scheme.lower() != "file" or not text.startswith("/"):
        return None
    path = _windows(parts.netloc, text) if windows else _posix(parts.netloc, text)
    return path if path is not None and path.is_absolute() else None


def below(path: PurePath, root: PurePath) -> str | None:
    """Return a path relative to a root, with `/`; None for the root and what is outside."""
    if not path.is_relative_to(root) or path == root:
        return None
    return path.relative_to(root).as_posix()


def _posix(host: str, text: str) -> PurePath | None:
    return PurePosixPath(text) if host.lower() in _HERE else None


def _windows(host: str, text: str) -> PurePath:
    if host.lower() in _HERE:
        return PureWindowsPath(text[1:])  # `/C:/code` names drive C
    return PureWindowsPath(f"//{host}{text}")
