"""What `package.json` and `tsconfig.json` say to resolvers; what is malformed says nothing."""

import json
import re
from collections.abc import Iterator, Mapping

from bicameral.grounding.languages.imports import Project

PACKAGE = "package.json"
MOST_ENTRIES = 200
DEEPEST_CONDITIONS = 6
# A configuration may have comments and commas too many; text in quotes is left alone.
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)


def read_package(content: bytes) -> Project:
    """Read the name of a package and the files that its entries lead to."""
    found = _parsed(content)
    name = found.get("name")
    settings = {key: tuple(dict.fromkeys(files)) for key, files in _entries(found).items()}
    return Project((f"npm:{name}",) if isinstance(name, str) and name else (), settings)


def _entries(package: Mapping[str, object]) -> dict[str, list[str]]:
    entries: dict[str, list[str]] = {}
    for table in ("exports", "imports"):
        for name, target in list(_by_name(package.get(table)))[:MOST_ENTRIES]:
            entries.setdefault(f"entry:{name}", []).extend(_targets(target, DEEPEST_CONDITIONS))
    for field in ("source", "types", "typings", "module", "browser", "main"):
        target = package.get(field)
        if isinstance(target, str):
            entries.setdefault("entry:.", []).append(target)
    return entries


def _by_name(table: object) -> Iterator[tuple[str, object]]:
    if isinstance(table, dict) and any(key.startswith((".", "#")) for key in table):
        yield from table.items()
    elif table is not None:
        yield ".", table


def _targets(target: object, depth: int) -> Iterator[str]:
    """Yield the files of an entry, under whatever condition."""
    if isinstance(target, str):
        yield target
    elif depth and isinstance(target, dict | list):
        for each in target.values() if isinstance(target, dict) else target:
            yield from _targets(each, depth - 1)


def read_configuration(content: bytes) -> Project:
    """Read `extends`, `baseUrl` and `paths` of a TypeScript or JavaScript project."""
    found = _parsed(content)
    options = found.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    settings: dict[str, tuple[str, ...]] = {"extends": _texts(found.get("extends"))}
    settings["baseUrl"] = _texts(options.get("baseUrl"))[:1]
    paths = options.get("paths")
    for pattern, targets in list(paths.items())[:MOST_ENTRIES] if isinstance(paths, dict) else ():
        settings[f"path:{pattern}"] = _texts(targets)
    return Project((), settings)


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(each for each in values if isinstance(each, str))


def _parsed(content: bytes) -> Mapping[str, object]:
    text = content.decode("utf-8-sig", "replace")
    text = _STRING_OR_COMMENT.sub(lambda found: found[1] or " ", text)
    text = _LAST_COMMA.sub(lambda found: found[1] or "", text)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
