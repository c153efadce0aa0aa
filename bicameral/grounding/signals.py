"""What grounding tells traces and counters of its work: names, sizes and codes, never code.

Nothing here is done while nobody listens. A file is named from the repository's root; one
outside of it by the end of its name and a digest, so that no folder of a person's is told.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal

from bicameral.grounding.symbols import Skeleton
from bicameral.metering import count
from bicameral.tracing import event, is_traced

GROUNDING, LANGUAGE_SERVER = "files", "language_server"

Mode = Literal["skeleton", "excerpt", "raw"]

# Every signal with the names of its facts; those of `lsp` are told by the conversations.
SIGNALS: Mapping[str, frozenset[str]] = {
    "ast.parse": frozenset({"file", "skeleton_bytes", "reduction_ratio"}),
    "ast.cache": frozenset({"file", "cache_hit"}),
    "selector.resolve": frozenset({"resolved", "matches"}),
    "file.read": frozenset({"file", "mode", "bytes"}),
    "lsp.spawn": frozenset({"server"}),
    "lsp.initialize": frozenset(),
    "lsp.ready": frozenset({"ready_via"}),
    "lsp.diagnostics": frozenset({"diag_count"}),
    "lsp.definition": frozenset({"resolved"}),
    "lsp.timeout": frozenset({"method", "timeout_ms", "fallback_to"}),
}

_DIGEST_DIGITS = 8


def note_parsed(path: str, source_bytes: int, skeleton: Skeleton) -> None:
    """Tell that a file was parsed, and how much smaller its skeleton is than its text."""
    if not is_traced() or skeleton.backing.backend == "text":
        return
    size = skeleton_bytes(skeleton)
    ratio = round(1 - size / source_bytes, 4) if source_bytes else 0.0
    _tell("ast.parse", file=file_named(path), skeleton_bytes=size, reduction_ratio=ratio)


def note_cache(path: str, *, is_hit: bool) -> None:
    """Tell that a skeleton was asked for, and whether it was there."""
    if is_traced():
        _tell("ast.cache", file=file_named(path), cache_hit=is_hit)


def note_selector(*, resolved: bool, matches: int) -> None:
    """Tell that a selector was looked for, and how many places it could mean."""
    count("selector_resolve_count")
    if resolved:
        count("selector_resolve_success_count")
    _tell("selector.resolve", resolved=resolved, matches=matches)


def note_read(path: str, mode: Mode, size_bytes: int) -> None:
    """Tell what was taken of a file: its symbols written out, a part of it, or all of it."""
    if is_traced():
        _tell("file.read", file=file_named(path), mode=mode, bytes=size_bytes)


def note_fallback() -> None:
    """Tell that a language server was wanted and the syntax tree had to do."""
    count("lsp_fallback_count")


def file_named(path: str) -> str:
    """Return a path as signals have it: relative, or `external/<8 hex>-<name>` outside."""
    text = path.replace("\\", "/")
    if not _is_outside(text):
        return text
    digest = sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
    return f"external/{digest}-{PurePosixPath(text).name}"


def skeleton_bytes(skeleton: Skeleton) -> int:
    """Return how long a skeleton is when written out: a line with name, kind and lines each."""
    return sum(
        len(f"{each.qualified_name} {each.kind} {each.start_line}-{each.end_line}\n".encode())
        for each in skeleton.symbols
    )


def _is_outside(text: str) -> bool:
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive or text.startswith("~"):
        return True
    return ".." in PurePosixPath(text).parts


def _tell(name: str, **facts: object) -> None:
    event("grounding", name, GROUNDING, **facts)
