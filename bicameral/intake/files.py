"""Documents from disk: files, folders and globs under one root, in a fixed order.

Nothing outside the root is read, by its text or through a symbolic link; what cannot be read
is reported with its reason, never dropped in silence.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath, PureWindowsPath

from bicameral.errors import IngestRefused, PathOutsideRepository
from bicameral.intake.draft import Skipped

LARGEST_DOCUMENT = 256 * 1024
MOST_DOCUMENTS = 2_000
_ENDINGS = frozenset({".md", ".markdown", ".mdx", ".rst", ".rest", ".txt", ".adoc", ".asciidoc"})
_FOLDERS_PASSED_OVER = frozenset({".git", ".hg", ".svn", ".venv", "node_modules", "__pycache__"})
_GLOB_MARKS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document's text under its root-relative POSIX path."""

    path: str
    text: str


def collect(
    root: Path,
    patterns: Iterable[str],
    *,
    largest_document: int = LARGEST_DOCUMENT,
    most_documents: int = MOST_DOCUMENTS,
) -> tuple[list[SourceText], list[Skipped]]:
    """Read the documents that the patterns name, each once, sorted by path.

    A pattern is a file, a folder (all documents below it) or a glob with `*`, `?`, `[…]` and
    `**`, relative to `root`. Sizes are in bytes. Raises `PathOutsideRepository` for a pattern
    that leaves the root, `IngestRefused` when more than `most_documents` are named.
    """
    base = root.resolve()
    paths, skipped = _expand(base, patterns)
    if len(paths) > most_documents:
        raise IngestRefused(
            f"the patterns name {len(paths)} documents; at most {most_documents} are read at once",
            next_step="name a folder further down, or fewer files",
        )
    texts: list[SourceText] = []
    for path in sorted(paths):
        read = _read(base, path, largest_document)
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            texts.append(read)
    return texts, skipped


def _expand(base: Path, patterns: Iterable[str]) -> tuple[set[str], list[Skipped]]:
    paths: set[str] = set()
    skipped: list[Skipped] = []
    walked: list[str] | None = None
    for pattern in patterns:
        named = _relative(base, pattern)
        target = base / named
        if target.is_dir():
            found = {
                path for path in _walk(_inside(base, target, pattern), base) if _is_document(path)
            }
        elif os.path.lexists(target) or not _GLOB_MARKS & set(named):
            found = {named} if os.path.lexists(target) else set()
        else:
            walked = list(_walk(base, base)) if walked is None else walked
            found = {path for path in walked if matches(path, named) and _is_document(path)}
        if not found:
            skipped.append(Skipped(pattern, "names no document"))
        paths |= found
    return paths, skipped


def _relative(base: Path, pattern: str) -> str:
    """Return a pattern relative to the root, with `/`; refuse one that leaves it."""
    text = pattern.replace("\\", "/")
    pure = PurePosixPath(text)
    if pure.is_absolute() and pure.is_relative_to(base.as_posix()):
        pure = pure.relative_to(base.as_posix())
    if pure.is_absolute() or PureWindowsPath(pattern).drive or ".." in pure.parts or "\x00" in text:
        raise _outside(pattern)
    return pure.as_posix()


def _outside(pattern: str) -> PathOutsideRepository:
    return PathOutsideRepository(
        f"{pattern!r} is outside the repository",
        next_step="name a path below the repository's root",
    )


def _inside(base: Path, target: Path, pattern: str) -> Path:
    if not target.resolve().is_relative_to(base):
        raise _outside(pattern)
    return target


def _walk(folder: Path, base: Path) -> Iterator[str]:
    """Yield the files below a folder; links to folders are not followed."""
    for here, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(set(folders) - _FOLDERS_PASSED_OVER)
        relative = Path(here).relative_to(base)
        yield from ((relative / name).as_posix() for name in sorted(files))


def _is_document(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in _ENDINGS


def matches(path: str, pattern: str) -> bool:
    """Tell whether a path fits a glob; `**` stands for any number of folders, none included."""
    parts, wanted = path.split("/"), pattern.split("/")
    reached = {0}
    for want in wanted:
        if want == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], want)}
    return len(parts) in reached


def _read(base: Path, path: str, largest: int) -> SourceText | Skipped:
    target = base / path
    try:
        if not target.resolve(strict=True).is_relative_to(base):
            return Skipped(path, "is a link that leaves the repository")
        found = target.stat()
        if not stat.S_ISREG(found.st_mode):
            return Skipped(path, "is not a regular file")
        with target.open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, RuntimeError) as error:
        return Skipped(path, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(content) > largest:
        return Skipped(path, f"is larger than {largest} bytes")
    text = decode(content)
    return Skipped(path, "is not text") if text is None else SourceText(path, text)


def decode(content: bytes) -> str | None:
    """Return the text of UTF-8, UTF-16 with its mark, or Latin-1 bytes; None for binary ones."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\x00" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
