"""JavaScript: its nodes, and how it names other files."""

from bicameral.grounding.comments import SLASH_DIRECTIVE
from bicameral.grounding.languages.language import Language, kinds, symbols, within
from bicameral.grounding.languages.script_imports import script_imports

SCRIPT_SYMBOLS = symbols(
    function="function_declaration generator_function_declaration",
    class_="class_declaration",
    method="method_definition",
)
SCRIPT_OPTIONAL = within(
    "expression_statement lexical_declaration variable_declaration return_statement "
    "break_statement continue_statement throw_statement debugger_statement do_statement "
    "import_statement export_statement class_body type_alias_declaration function_signature "
    "import_alias",
    ";",
)
SCRIPT_TRAILING = (
    "arguments formal_parameters array object object_pattern named_imports export_clause "
    "array_pattern"
)
_JSX = kinds("jsx_element jsx_self_closing_element")

JAVASCRIPT = Language(
    name="javascript",
    suffixes=(".js", ".jsx", ".mjs", ".cjs"),
    module="tree_sitter_javascript",
    symbols=SCRIPT_SYMBOLS,
    assigned={
        "variable_declarator": ("name", "value"),
        "field_definition": ("property", "value"),
        "assignment_expression": ("left", "right"),
    },
    function_values=kinds("arrow_function function_expression generator_function class"),
    wrappers=kinds("export_statement lexical_declaration variable_declaration"),
    leading=kinds("decorator"),
    comments=kinds("comment html_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=kinds("string template_string regex"),
    requoted=kinds("string"),
    optional=SCRIPT_OPTIONAL,
    trailing=kinds(SCRIPT_TRAILING),
    redundant={"parenthesized_expression": _JSX},
    imports=script_imports(is_typescript=False),
)
