"""Rust: its nodes, and how it names other files."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.imports import (
    DEEPEST_OUTER,
    Captures,
    Imports,
    Project,
    Tree,
    above,
    below,
    first,
    folder_of,
    joined,
    text_of,
    with_outer,
)
from bicameral.grounding.languages.language import Language, kinds, symbols, within

if TYPE_CHECKING:
    from tree_sitter import Node


def _read(captures: Captures) -> Iterable[str]:
    """Yield `mod INSIDE NAME [FILE]` and `use INSIDE PATH`: where in the file, and what."""
    modules = captures.get("mod", ())
    with_body = [node for node in modules if node.child_by_field_name("body") is not None]
    for node, outer in with_outer([*modules, *captures.get("use", ())], with_body):
        inside = "::".join(text_of(each.child_by_field_name("name")) for each in outer) or "-"
        name, used = node.child_by_field_name("name"), node.child_by_field_name("argument")
        if node.type == "extern_crate_declaration":
            yield f"use {inside} ::{text_of(name)}"
        elif used is not None:
            yield from (f"use {inside} {path}" for path in _paths(used, DEEPEST_OUTER))
        elif node.child_by_field_name("body") is None:
            yield " ".join(["mod", inside, text_of(name), *_named_file(node)])


def _named_file(node: "Node") -> list[str]:
    """Return the file that `#[path = "…"]` above a module names."""
    before = node.prev_sibling
    while before is not None and before.type in {"attribute_item", "line_comment"}:
        found = _PATH_ATTRIBUTE.match(text_of(before))
        if found is not None:
            return [found[1]]
        before = before.prev_sibling
    return []


def _paths(node: "Node", depth: int) -> Iterator[str]:
    """Take a use tree apart: `a::{b, c::d}` is `a::b` and `a::c::d`."""
    if node.type in {"scoped_use_list", "use_list"}:
        start = _dense(node.child_by_field_name("path"))
        entries = node.child_by_field_name("list") if start else node
        for entry in entries.named_children if entries is not None and depth else ():
            yield from (f"{start}::{each}".lstrip(":") for each in _paths(entry, depth - 1))
    elif node.type == "use_as_clause":
        yield _dense(node.child_by_field_name("path"))
    elif node.type == "use_wildcard":
        yield _dense(node).removesuffix("*").removesuffix("::")
    elif "comment" not in node.type:
        yield _dense(node)


def _dense(node: "Node | None") -> str:
    return "".join(text_of(node).split())


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    kind, inside, name, *rest = reference.split(" ", 3)
    own = [] if inside == "-" else inside.split("::")
    if kind == "mod":
        return _module_file(path, own, name, rest, tree)
    words = name.split("::")
    if words[0] == "":  # `::a` is always a crate
        return _in_crate(words[1], words[2:], tree) if len(words) > 1 else ()
    module = _module_of(path, tree)
    if words[0] in {"self", "super", "crate"}:
        return _from(path, [*module, *own], len(module), words, tree)
    found = _walk(_base(path, tree), [*module, *own, *words], len(module) + len(own), tree)
    return found or _in_crate(words[0], words[1:], tree)


def _module_file(
    path: str, own: list[str], name: str, rest: list[str], tree: Tree
) -> tuple[str, ...]:
    if rest and not own:
        place = joined(folder_of(path), rest[0])
        return first([] if place is None else [place], tree)
    folder = "/".join(part for part in (_own_folder(path), *own) if part)
    return first(_files(below(folder, name)), tree)


def _files(place: str) -> tuple[str, str]:
    return f"{place}.rs", f"{place}/mod.rs"


def _own_folder(path: str) -> str:
    """Return where the modules that a file declares lie."""
    folder, _, name = path.rpartition("/")
    return folder if name in _ROOT_FILES else below(folder, name.removesuffix(".rs"))


def _base(path: str, tree: Tree) -> str:
    """Return the folder that the crate's modules lie in: that of `lib.rs` or `main.rs`."""
    for folder in above(folder_of(path)):
        if any(tree.has(below(folder, name)) for name in _CRATE_ROOTS):
            return folder
    return folder_of(path)


def _module_of(path: str, tree: Tree) -> list[str]:
    """Return the module that a file is, by its place below the crate's root."""
    base = _base(path, tree)
    inside = path[len(base) + 1 :] if base else path
    words = inside.removesuffix(".rs").split("/")
    if words[-1] == "mod" or (len(words) == 1 and f"{words[0]}.rs" in _CRATE_ROOTS):
        words.pop()
    return words


def _from(path: str, here: list[str], depth: int, words: list[str], tree: Tree) -> tuple[str, ...]:
    """Follow `self`, `super` and `crate` from a module; `depth` words of it are the file's."""
    if words[0] == "crate":
        base = _base(path, tree)
        return _walk(base, words[1:], 0, tree) or _root(base, [], tree)
    while words and words[0] in {"self", "super"}:
        if words[0] == "super":
            here = here[:-1]
        words = words[1:]
    if len(here) >= depth:
        return _walk(_base(path, tree), [*here, *words], len(here), tree)
    base = _base(path, tree)
    return _walk(base, [*here, *words], max(0, len(here) - 1), tree) or _root(base, here, tree)


def _root(base: str, here: list[str], tree: Tree) -> tuple[str, ...]:
    """Return the file of the crate itself, where a path has left every module."""
    return () if here else first((below(base, name) for name in _CRATE_ROOTS), tree)


def _walk(base: str, words: list[str], least: int, tree: Tree) -> tuple[str, ...]:
    """Return the file of the longest module that a path begins with, beyond `least` words."""
    for length in range(len(words), least, -1):
        found = first(_files(below(base, "/".join(words[:length]))), tree)
        if found:
            return found
    return ()


def _in_crate(name: str, words: list[str], tree: Tree) -> tuple[str, ...]:
    for manifest in tree.declaring(_DECLARED + name):
        source = below(folder_of(manifest), "src")
        found = _walk(source, words, 0, tree) or _root(source, [], tree)
        if found:
            return found
    return ()


def _read_manifest(content: bytes) -> Project:
    try:
        found = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):  # not UTF-8, not TOML, or nested without end
        return Project()
    names = [found.get(table, {}) for table in ("package", "lib")]
    written = [each.get("name") for each in names if isinstance(each, dict)]
    crates = [each.replace("-", "_") for each in written if isinstance(each, str)]
    return Project(tuple(_DECLARED + each for each in dict.fromkeys(crates)))


_DECLARED = "crate:"
_CRATE_ROOTS = ("lib.rs", "main.rs")
_ROOT_FILES = frozenset({"mod.rs", *_CRATE_ROOTS})
_PATH_ATTRIBUTE = re.compile(r'#\[\s*path\s*=\s*"([^"]+)"\s*\]')

_IMPORTS = Imports(
    query="(mod_item) @mod\n[(use_declaration) (extern_crate_declaration)] @use",
    read=_read,
    resolve=_resolve,
    projects={"Cargo.toml": _read_manifest},
)

RUST = Language(
    name="rust",
    suffixes=(".rs",),
    module="tree_sitter_rust",
    symbols=symbols(
        function="function_item function_signature_item",
        struct="struct_item union_item",
        enum="enum_item",
        trait="trait_item",
        module="mod_item",
        macro="macro_definition",
        type="type_item",
    ),
    scopes=kinds("impl_item"),
    leading=kinds("attribute_item"),
    comments=kinds("line_comment block_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=kinds("string_literal raw_string_literal char_literal"),
    optional=within("match_arm", ","),
    trailing=kinds(
        "arguments parameters field_initializer_list field_declaration_list enum_variant_list "
        "ordered_field_declaration_list array_expression use_list type_arguments struct_pattern "
        "tuple_struct_pattern tuple_expression"
    ),
    trailing_several=kinds("tuple_type tuple_pattern"),
    imports=_IMPORTS,
)
