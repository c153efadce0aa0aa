"""What makes two working copies the same repository: keys that survive clone and move.

Only digests of addresses leave this module: a remote can hold a name or a password.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/]*@)?(?P<host>[^/]*)/(?P<path>.*)")
_SCP = re.compile(r"(?:[^/:@]+@)?(?P<host>\[[^\]]+\]|[^/:@]{2,}):(?P<path>(?!//).*)")
_DEFAULT_PORT = re.compile(r":(?:22|80|443|9418)?$")
_REMOTE_LINE = re.compile(r"(?P<name>[^\t]+)\t(?P<url>.*) \(fetch\)(?: \[[^\]]*\])?")


def normalised_remote(url: str) -> str | None:
    """Return `host/path` of a remote, the same for ssh, https and scp spellings.

    User, password, default port, scheme, `.git` and the case of the host are dropped.
    None for a path on this machine, which says nothing on another.
    """
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None or match.groupdict().get("scheme", "").lower() == "file":
        return None
    host = _DEFAULT_PORT.sub("", match["host"]).lower()
    path = match["path"].strip("/").removesuffix(".git").strip("/")
    return f"{host}/{path}" if host and path else None


def chosen_remote(listing: str) -> str | None:
    """Pick a remote's address from `git remote --verbose`: origin, else the first by name."""
    matches = (_REMOTE_LINE.fullmatch(line) for line in listing.splitlines())
    urls = {match["name"]: match["url"] for match in matches if match}
    return urls.get("origin") or next((urls[name] for name in sorted(urls)), None)


def keys_from(*, roots: Iterable[str], remote: str | None, common_dir: Path) -> tuple[str, ...]:
    """Return the identity keys, strongest first; a shared key means the same repository.

    The place on disk counts only where nothing else is known: folders such as /app or a
    build's workspace hold one repository today and another tomorrow.
    """
    keys = [f"root:{commit}" for commit in roots]
    if remote is not None and (address := normalised_remote(remote)) is not None:
        keys.append(f"remote:{_digest(address)}")
    return tuple(keys) or (f"path:{_digest(str(common_dir.resolve()))}",)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
