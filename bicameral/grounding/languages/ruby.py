"""Ruby: its nodes, and how it names other files."""

from collections.abc import Iterable

from bicameral.grounding.comments import RUBY_DIRECTIVE
from bicameral.grounding.languages.imports import (
    Captures,
    Imports,
    Tree,
    above,
    below,
    first,
    folder_of,
    joined,
    only,
    text_of,
)
from bicameral.grounding.languages.language import Language, kinds, symbols

_BY_ARGUMENT = {"require": 0, "require_relative": 0, "load": 0, "autoload": 1}


def _read(captures: Captures) -> Iterable[str]:
    """Yield `require a/b` or `require_relative a/b`; what is put together at run time is not."""
    for node in captures.get("call", ()):
        method = text_of(node.child_by_field_name("method"))
        arguments = node.child_by_field_name("arguments")
        given = [] if arguments is None else arguments.named_children
        position = _BY_ARGUMENT.get(method)
        if node.child_by_field_name("receiver") is not None:
            continue  # somebody else's method of that name
        if position is None or position >= len(given) or given[position].type != "string":
            continue
        parts = given[position].named_children
        if [part.type for part in parts] == ["string_content"]:
            kind = "require_relative" if method == "require_relative" else "require"
            yield f"{kind} {text_of(parts[0])}"


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    kind, _, name = reference.partition(" ")
    file = name if name.endswith(".rb") else f"{name}.rb"
    folder = folder_of(path)
    if kind == "require_relative" or name.startswith(("./", "../")):
        place = joined(folder, file)
        return first([] if place is None else [place], tree)
    # A gem's `lib` is on the load path while it is worked on; so is the folder of a spec.
    around = [below(each, f"{library}{file}") for each in above(folder) for library in _LIBRARIES]
    found = first(around, tree)
    elsewhere = tree.named(file.rpartition("/")[2])
    return found or only(each for each in elsewhere if f"/{each}".endswith(f"/lib/{file}"))


_LIBRARIES = ("lib/", "app/", "")

_IMPORTS = Imports(
    query="(call method: (identifier) @method arguments: (argument_list)) @call\n"
    '(#any-of? @method "require" "require_relative" "load" "autoload")',
    read=_read,
    resolve=_resolve,
)

RUBY = Language(
    name="ruby",
    suffixes=(".rb", ".rake", ".gemspec", ".ru"),
    module="tree_sitter_ruby",
    extra="languages",
    symbols=symbols(method="method singleton_method", class_="class", module="module"),
    scopes=kinds("singleton_class"),
    comments=kinds("comment"),
    directive=RUBY_DIRECTIVE,
    atoms=kinds(
        "string delimited_symbol regex subshell heredoc_body string_array symbol_array character"
    ),
    trailing=kinds("argument_list array hash"),
    imports=_IMPORTS,
)
