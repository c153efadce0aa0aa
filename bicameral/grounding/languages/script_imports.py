"""How JavaScript and TypeScript name other files: by place, by alias, by package.

Both resolve alike, because each may import the other. What a package builds is not in the
tree, so where its entry is not there, its source is taken.
"""

from collections.abc import Iterable, Iterator

from bicameral.grounding.languages.imports import (
    Captures,
    Imports,
    Settings,
    Tree,
    above,
    below,
    first,
    folder_of,
    joined,
    text_of,
)
from bicameral.grounding.languages.script_projects import (
    PACKAGE,
    read_configuration,
    read_package,
)

_SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json")
# TypeScript is imported by the name of what will be built from it.
_BUILT_FROM = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx",),
    ".mjs": (".mts",),
    ".cjs": (".cts",),
}
_CONFIGURATIONS = ("tsconfig.json", "jsconfig.json")
MOST_EXTENDS = 8
MOST_PACKAGES = 4

_CALLS = """
(import_statement source: (string) @source)
(export_statement source: (string) @source)
(call_expression function: (import) arguments: (arguments . (string) @source))
((call_expression function: (identifier) @required arguments: (arguments . (string) @source))
  (#eq? @required "require"))
"""
_REQUIRE_CLAUSE = "(import_require_clause source: (string) @source)\n"


def _read(captures: Captures) -> Iterable[str]:
    return (text_of(node).strip("'\"") for node in captures.get("source", ()))


def _resolve(reference: str, path: str, tree: Tree) -> tuple[str, ...]:
    folder = folder_of(path)
    if reference.startswith((".", "/")):
        place = joined(folder, reference) if reference.startswith(".") else reference[1:]
        return () if place is None else first(_files(place, tree), tree)
    return _by_configuration(reference, folder, tree) or _by_package(reference, folder, tree)


def _files(place: str, tree: Tree) -> Iterator[str]:
    """Yield what a place may mean, in the order of the resolvers of both languages."""
    if place:
        yield place
        stem, dot, suffix = place.rpartition(".")
        yield from (stem + each for each in _BUILT_FROM.get(dot + suffix, ()))
        yield from (place + each for each in _SUFFIXES)
    package = tree.settings(below(place, PACKAGE))
    if package is not None:
        yield from _entries(place, package, "entry:.")
    yield from (below(place, f"index{each}") for each in _SUFFIXES)


def _entries(folder: str, package: Settings, key: str) -> Iterator[str]:
    for entry in package.get(key, ()):
        place = joined(folder, entry)
        if place is not None:
            yield place
            yield from (place + each for each in _SUFFIXES)


def _by_configuration(reference: str, folder: str, tree: Tree) -> tuple[str, ...]:
    """Resolve by the nearest `tsconfig.json` or `jsconfig.json`, and by what it extends."""
    for each in above(folder):
        for name in _CONFIGURATIONS:
            place = below(each, name)
            if tree.settings(place) is not None:
                return _by_aliases(reference, place, tree)
    return ()


def _by_aliases(reference: str, place: str, tree: Tree) -> tuple[str, ...]:
    places = list(_extended(place, tree))
    for start, pattern, targets in _aliases(places, tree):
        matched = _matched(reference, pattern)
        for target in targets if matched is not None else ():
            aimed = joined(start, target.replace("*", matched or ""))
            found = () if aimed is None else first(_files(aimed, tree), tree)
            if found:
                return found
    for each in places:
        for base in (tree.settings(each) or {}).get("baseUrl", ()):
            aimed = joined(folder_of(each), f"{base}/{reference}")
            return () if aimed is None else first(_files(aimed, tree), tree)
    return ()


def _extended(place: str, tree: Tree) -> Iterator[str]:
    """Yield a configuration and those that it builds upon, nearest first; a circle ends."""
    waiting, seen = [place], set[str]()
    while waiting and len(seen) < MOST_EXTENDS:
        each = waiting.pop(0)
        settings = None if each in seen else tree.settings(each)
        seen.add(each)
        if settings is None:
            continue
        yield each
        bases = (joined(folder_of(each), base) for base in settings.get("extends", ()))
        for base in bases:
            if base is not None:
                waiting += [base, f"{base}.json", f"{base}/tsconfig.json"]


def _aliases(places: list[str], tree: Tree) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield where targets start, the pattern and the targets of the first that has any."""
    for each in places:
        settings = tree.settings(each) or {}
        patterns = [key for key in settings if key.startswith("path:")]
        if not patterns:
            continue
        base = next(iter(settings.get("baseUrl", ())), ".")
        start = joined(folder_of(each), base) or ""
        # The pattern with the longest fixed beginning wins.
        for key in sorted(patterns, key=lambda key: -len(key.partition("*")[0])):
            yield start, key.removeprefix("path:"), settings[key]
        return


def _matched(reference: str, pattern: str) -> str | None:
    """Return what the star of a pattern stands for, "" without one, None if it does not fit."""
    start, star, end = pattern.partition("*")
    if not star:
        return "" if reference == pattern else None
    fits = reference.startswith(start) and reference.endswith(end)
    fits = fits and len(reference) >= len(start) + len(end)
    return reference[len(start) : len(reference) - len(end)] if fits else None


def _by_package(reference: str, folder: str, tree: Tree) -> tuple[str, ...]:
    """Resolve the name of a package of this repository, or `#name` of the file's own."""
    if reference.startswith("#"):
        for each in above(folder):
            package = tree.settings(below(each, PACKAGE))
            if package is not None:
                return first(_entries(each, package, f"entry:{reference}"), tree)
        return ()
    parts = reference.split("/")
    length = 2 if reference.startswith("@") else 1
    name, inside = "/".join(parts[:length]), "/".join(parts[length:])
    for manifest in tree.declaring(f"npm:{name}")[:MOST_PACKAGES]:
        found = first(_in_package(folder_of(manifest), inside, tree), tree)
        if found:
            return found
    return ()


def _in_package(folder: str, inside: str, tree: Tree) -> Iterator[str]:
    package = tree.settings(below(folder, PACKAGE)) or {}
    yield from _entries(folder, package, f"entry:./{inside}" if inside else "entry:.")
    for start in ("", "src"):
        place = "/".join(part for part in (folder, start, inside) if part)
        yield from _files(place, tree)


def script_imports(*, is_typescript: bool) -> Imports:
    """Return the rules; only TypeScript's grammar has `import x = require()`."""
    return Imports(
        query=_CALLS + (_REQUIRE_CLAUSE if is_typescript else ""),
        read=_read,
        resolve=_resolve,
        projects={
            PACKAGE: read_package,
            "tsconfig*.json": read_configuration,
            "jsconfig*.json": read_configuration,
        },
    )
