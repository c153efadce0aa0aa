"""TypeScript and TSX: its nodes, and how it names other files."""

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.javascript import JAVASCRIPT, SCRIPT_OPTIONAL, SCRIPT_SYMBOLS
from bicameral.grounding.languages.language import Language, kinds, symbols, within
from bicameral.grounding.languages.script_imports import script_imports


def _typescript(*, name: str, suffixes: tuple[str, ...], function: str) -> Language:
    return Language(
        name=name,
        suffixes=suffixes,
        module="tree_sitter_typescript",
        function=function,
        symbols=SCRIPT_SYMBOLS
        | symbols(
            function="function_signature",
            class_="abstract_class_declaration",
            interface="interface_declaration",
            enum="enum_declaration",
            type="type_alias_declaration",
            module="internal_module module",
            method="abstract_method_signature method_signature",
        ),
        assigned={
            "variable_declarator": ("name", "value"),
            "public_field_definition": ("name", "value"),
            "assignment_expression": ("left", "right"),
        },
        function_values=JAVASCRIPT.function_values,
        wrappers=JAVASCRIPT.wrappers | {"ambient_declaration"},
        leading=JAVASCRIPT.leading,
        comments=JAVASCRIPT.comments,
        directive=SLASH_DIRECTIVE,
        atoms=JAVASCRIPT.atoms | {"template_literal_type"},
        requoted=JAVASCRIPT.requoted,
        optional=SCRIPT_OPTIONAL | within("interface_body object_type", "; ,"),
        trailing=JAVASCRIPT.trailing | kinds("enum_body type_parameters type_arguments tuple_type"),
        redundant=JAVASCRIPT.redundant,
        imports=script_imports(is_typescript=True),
    )


TYPESCRIPT = _typescript(
    name="typescript", suffixes=(".ts", ".mts", ".cts"), function="language_typescript"
)
TSX = _typescript(name="tsx", suffixes=(".tsx",), function="language_tsx")
