"""C++: its nodes, and how it names other files."""

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.c import C_ATOMS, C_IMPORTS, C_TRAILING, C_WITH_BODY, C
from bicameral.grounding.languages.language import Language, kinds, symbols

CPP = Language(
    name="cpp",
    suffixes=(".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".ipp", ".inl"),
    module="tree_sitter_cpp",
    extra="languages",
    symbols=dict(C.symbols)
    | symbols(
        class_="class_specifier",
        namespace="namespace_definition",
        type="alias_declaration",
        concept="concept_definition",
    ),
    with_body=C_WITH_BODY,
    wrappers=kinds("template_declaration"),
    comments=kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=C_ATOMS,
    trailing=C_TRAILING,
    imports=C_IMPORTS,
)
