"""What a decision's text names in the code: paths, dotted modules, symbols in code marks.

Names are candidates only. `TrackedPaths` checks them against the paths a repository really
has; what fits more than one file is nobody's mention.
"""

import posixpath
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import PurePosixPath
from typing import Literal

from bicameral.intake.markup import LINK

MOST_NAMES = 200
_LONGEST_NAME = 200
_SHORTEST_NAME = 3
_CODE_SPAN = re.compile(r"(`{1,2})([^`\n]{2,200})\1")
_BARE_PATH = re.compile(r"(?<![\w/:.@-])(?:\./)?[\w@+-][\w@.+-]{0,80}(?:/[\w@.+-]{1,80}){1,12}/?")
_BLOB_URL = re.compile(
    r"^https?://(?:[^/\s]{1,100}/){3}(?:-/)?(?:blob|tree)/[^/\s]{1,100}/(.{1,300})$"
)
_PATH = re.compile(r"^[\w@.+-]+(?:/[\w@.+-]+)*/?$")
_FILE = re.compile(r"^[\w@+-][\w@.+-]*\.[A-Za-z][A-Za-z0-9]{0,9}$")
_SYMBOL = re.compile(r"^[A-Za-z_$][\w$]*(?:(?:\.|::|#)[A-Za-z_$][\w$]*)*$")
_SHAPED = re.compile(r"[a-z0-9][A-Z]|[A-Z][a-z]+[A-Z]|\w_\w|\w(?:\.|::|#)\w")
_NOT_PATHS = re.compile(
    r"^(?:application|text|image|audio|video|multipart|font)/"
    r"|^(?:and|or|n|w|yes|true|on|tcp|read|input|client|s?he)/"
    r"|^\d+(?:[./]\d+)*$|^[\w-]+\.(?:com|org|net|io|dev|gov|uk|edu|cc)(?:/|$)"
)
# Every repository has many of these; they say something only with their folder.
_GENERIC_FILES = frozenset(
    "readme.md readme.rst readme __init__.py __main__.py main.py index.js index.ts index.tsx "
    "index.html mod.rs lib.rs main.rs main.go doc.go package.json setup.py pyproject.toml "
    "dockerfile makefile changelog.md license conftest.py types.ts utils.py config.py models.py "
    "views.py settings.py tests.py urls.py admin.py".split()
)
_GENERIC_SYMBOLS = frozenset(
    "true false null none self this e.g i.e etc. node.js next.js vue.js utf_8 github.com "
    "javascript typescript postgresql mysql github gitlab openapi graphql macos ios devops".split()
)
# Links between documents are references, not code.
_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".html", ".png", ".svg", ".jpg", ".gif", ".pdf")
_MODULE_ENDINGS = (
    ".py", "/__init__.py", ".pyi", ".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.js", ".go",
    ".java", ".kt", ".rs", "/mod.rs", ".rb", ".cs", ".ex", ".php", ".scala",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that the repository has: its path (a folder's without `/`), and how it fits."""

    name: str
    path: str
    via: Literal["path", "suffix", "directory", "module"]


def candidate_names(text: str, *, path: str) -> tuple[str, ...]:
    """Return the names in a text, in order, each once, at most `MOST_NAMES`.

    `path` is the document's own place, from which relative links are followed.
    """
    found: dict[str, None] = {}
    for name in _names(text, posixpath.dirname(path)):
        if name != path and _SHORTEST_NAME <= len(name) <= _LONGEST_NAME:
            found[name] = None
        if len(found) >= MOST_NAMES:
            break
    return tuple(found)


def _names(text: str, folder: str) -> Iterator[str]:
    for link in LINK.finditer(text):
        yield from _from_link(link[2], folder)
    for span in _CODE_SPAN.finditer(text):
        yield from _from_code(span[2].strip())
    prose = _CODE_SPAN.sub(" ", LINK.sub(r" \1 ", text))
    for found in _BARE_PATH.finditer(prose):
        name = found[0].rstrip(".").removeprefix("./")
        if name.count("/") > 1 or _FILE.match(PurePosixPath(name).name):
            yield from _as_path(name)


def _from_link(target: str, folder: str) -> Iterator[str]:
    target = target.partition("#")[0].partition("?")[0]
    blob = _BLOB_URL.match(target)
    if blob:
        target = blob[1]
    elif "://" in target or target.startswith(("mailto:", "/", "#")):
        return
    else:
        target = posixpath.normpath(posixpath.join(folder, target))
    name = PurePosixPath(target).name
    if target and not target.startswith("..") and "." in name and not name.endswith(_DOCUMENTS):
        yield target.strip("/")


def _from_code(code: str) -> Iterator[str]:
    """Read a code mark's content: a path, a file, or a symbol that is more than a plain word."""
    name = re.sub(r"\(.{0,150}\)$", "()", code)
    called = name.endswith("()")
    name = name.removesuffix("()").removeprefix("./")
    if "/" in name or _FILE.match(name):
        yield from _as_path(name)
    elif _SYMBOL.match(name) and (called or _SHAPED.search(name)) and not _is_generic(name):
        yield name


def _is_generic(symbol: str) -> bool:
    return symbol.lower() in _GENERIC_SYMBOLS


def _as_path(name: str) -> Iterator[str]:
    generic = name.lower() in _GENERIC_FILES or _is_generic(name)
    if _PATH.match(name) and not _NOT_PATHS.match(name) and not generic:
        yield name


class TrackedPaths:
    """The paths of a repository, indexed so that a name is looked up in constant time."""

    __slots__ = ("_by_last", "_files", "_folders", "_sorted")

    def __init__(self, paths: Iterable[str]) -> None:
        self._sorted = sorted(set(paths))
        self._files = frozenset(self._sorted)
        self._folders = frozenset(
            str(folder) for path in self._files for folder in PurePosixPath(path).parents
        ) - {"."}
        by_last: defaultdict[str, list[str]] = defaultdict(list)
        for path in sorted(self._files | self._folders):
            by_last[posixpath.basename(path)].append(path)
        self._by_last = dict(by_last)

    def find(self, name: str) -> Mention | None:
        """Return what a name fits: the exact path, else the only path that ends with it."""
        bare = name.strip("/")
        if bare in self._files:
            return Mention(name, bare, "path")
        if bare in self._folders and ("/" in name):
            return Mention(name, bare, "directory")
        fitting = self._ending_with(bare)
        if len(fitting) == 1 and (fitting[0] in self._files or "/" in name):
            return Mention(name, fitting[0], "suffix" if fitting[0] in self._files else "directory")
        return self._module(bare) if not fitting else None

    def below(self, folder: str) -> list[str]:
        """Return the tracked files below a folder, sorted."""
        start = folder.strip("/") + "/"
        first = bisect_left(self._sorted, start)
        return list(
            takewhile(lambda path: path.startswith(start), islice(self._sorted, first, None))
        )

    def _ending_with(self, name: str) -> list[str]:
        if name.lower() in _GENERIC_FILES:
            return []
        same_last = self._by_last.get(posixpath.basename(name), [])
        return [path for path in same_last if path == name or path.endswith("/" + name)]

    def _module(self, name: str) -> Mention | None:
        """Follow `a.b.c` to `a/b/c.py`, or `a.b.Name` to `a/b.py`, where only one file fits."""
        parts = re.split(r"\.|::|#", name)
        for kept in (parts, parts[:-1]):
            if len(kept) < 2 and kept is parts:  # noqa: PLR2004 - a single word is no module
                return None
            stem = "/".join(kept)
            fitting = [p for ending in _MODULE_ENDINGS for p in self._ending_with(stem + ending)]
            if len(fitting) == 1:
                return Mention(name, fitting[0], "module")
        return None


def find_mentions(names: Iterable[str], tracked: TrackedPaths) -> tuple[Mention, ...]:
    """Return the mentions that hold, one for each path, in the order of the names."""
    found: dict[str, Mention] = {}
    for name in names:
        mention = tracked.find(name)
        if mention:
            found.setdefault(mention.path, mention)
    return tuple(found.values())
