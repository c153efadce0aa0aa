"""C#: its nodes, and how it names other files."""

import re
from collections.abc import Iterable

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.imports import Captures, Imports, Tree, text_of, with_outer
from bicameral.grounding.languages.language import Language, kinds, symbols

_DECLARED = "c#:"
_USING = re.compile(r"(?:global\s+)?using\s+(?:static\s+|unsafe\s+)*(?:@?\w+\s*=\s*)?([\w.@:\s]+)")
_BLANKS = re.compile(r"\s+")


def _read(captures: Captures) -> Iterable[str]:
    for node in captures.get("using", ()):
        found = _USING.match(text_of(node))
        if found is not None:
            yield _BLANKS.sub("", found[1]).removeprefix("global::")


def _declare(captures: Captures) -> Iterable[str]:
    namespaces = captures.get("namespace", ())
    for node, outer in with_outer(namespaces, namespaces):
        names = [text_of(each.child_by_field_name("name")) for each in (*outer, node)]
        yield _DECLARED + _BLANKS.sub("", ".".join(names))


def _resolve(reference: str, path: str, tree: Tree) -> Iterable[str]:
    """Return the files of a namespace; or of a type, where its file is called like it."""
    found = tuple(each for each in tree.declaring(_DECLARED + reference) if each != path)
    if found:
        return found
    namespace, _, name = reference.rpartition(".")
    in_namespace = tree.declaring(_DECLARED + namespace) if namespace else ()
    return tuple(each for each in in_namespace if each.rpartition("/")[2] == f"{name}.cs")


_IMPORTS = Imports(
    query="(using_directive) @using\n"
    "[(namespace_declaration) (file_scoped_namespace_declaration)] @namespace",
    read=_read,
    declare=_declare,
    resolve=_resolve,
)

C_SHARP = Language(
    name="c-sharp",
    suffixes=(".cs", ".csx"),
    module="tree_sitter_c_sharp",
    extra="languages",
    symbols=symbols(
        class_="class_declaration",
        struct="struct_declaration",
        interface="interface_declaration",
        enum="enum_declaration",
        record="record_declaration",
        delegate="delegate_declaration",
        method="method_declaration operator_declaration conversion_operator_declaration "
        "destructor_declaration",
        constructor="constructor_declaration",
        function="local_function_statement",
        property="property_declaration indexer_declaration event_declaration",
    ),
    comments=kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=kinds(
        "string_literal verbatim_string_literal raw_string_literal character_literal "
        "interpolated_string_expression"
    ),
    trailing=kinds("initializer_expression enum_member_declaration_list"),
    imports=_IMPORTS,
)
