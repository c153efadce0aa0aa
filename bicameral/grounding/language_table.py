"""The languages, one row each; a further language is a row here and a test.

Every token listed as meaning nothing is one whose absence the tree shows in another
way, or does not change the program; where there was doubt, the token is not listed.
"""

import re
from pathlib import PurePosixPath

from bicameral.grounding.comments import PYTHON_DIRECTIVE, RUBY_DIRECTIVE, SLASH_DIRECTIVE
from bicameral.grounding.languages import Kinds, Language


def _kinds(text: str) -> Kinds:
    return frozenset(text.split())


def _symbols(**kinds: str) -> dict[str, str]:
    """Turn `function="a b"` into a mapping from each node to the kind of symbol."""
    return {node: kind.rstrip("_") for kind, nodes in kinds.items() for node in nodes.split()}


def _all(nodes: str, tokens: str) -> dict[str, Kinds]:
    return dict.fromkeys(nodes.split(), _kinds(tokens))


PYTHON = Language(
    name="python",
    suffixes=(".py", ".pyi", ".pyw"),
    module="tree_sitter_python",
    symbols=_symbols(function="function_definition", class_="class_definition"),
    wrappers=_kinds("decorated_definition"),
    comments=_kinds("comment line_continuation"),
    directive=PYTHON_DIRECTIVE,
    docstrings=True,
    atoms=_kinds("string"),
    requoted=_kinds("string"),
    optional=_all("module block", ";") | _all("import_from_statement", "( )"),
    trailing=_kinds("argument_list parameters list dictionary set tuple import_from_statement"),
    trailing_several=_kinds("subscript type_parameter"),
    # The shape of the tree already says what the brackets group.
    redundant={"parenthesized_expression": frozenset()},
)

_SCRIPT_SYMBOLS = _symbols(
    function="function_declaration generator_function_declaration",
    class_="class_declaration",
    method="method_definition",
)
_SCRIPT_OPTIONAL = _all(
    "expression_statement lexical_declaration variable_declaration return_statement "
    "break_statement continue_statement throw_statement debugger_statement do_statement "
    "import_statement export_statement class_body type_alias_declaration function_signature "
    "import_alias",
    ";",
)
_SCRIPT_TRAILING = (
    "arguments formal_parameters array object object_pattern named_imports export_clause "
    "array_pattern"
)
_JSX = _kinds("jsx_element jsx_self_closing_element")

JAVASCRIPT = Language(
    name="javascript",
    suffixes=(".js", ".jsx", ".mjs", ".cjs"),
    module="tree_sitter_javascript",
    symbols=_SCRIPT_SYMBOLS,
    assigned={
        "variable_declarator": ("name", "value"),
        "field_definition": ("property", "value"),
        "assignment_expression": ("left", "right"),
    },
    function_values=_kinds("arrow_function function_expression generator_function class"),
    wrappers=_kinds("export_statement lexical_declaration variable_declaration"),
    leading=_kinds("decorator"),
    comments=_kinds("comment html_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_kinds("string template_string regex"),
    requoted=_kinds("string"),
    optional=_SCRIPT_OPTIONAL,
    trailing=_kinds(_SCRIPT_TRAILING),
    redundant={"parenthesized_expression": _JSX},
)


def _typescript(*, name: str, suffixes: tuple[str, ...], function: str) -> Language:
    return Language(
        name=name,
        suffixes=suffixes,
        module="tree_sitter_typescript",
        function=function,
        symbols=_SCRIPT_SYMBOLS
        | _symbols(
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
        optional=_SCRIPT_OPTIONAL | _all("interface_body object_type", "; ,"),
        trailing=JAVASCRIPT.trailing
        | _kinds("enum_body type_parameters type_arguments tuple_type"),
        redundant=JAVASCRIPT.redundant,
    )


TYPESCRIPT = _typescript(
    name="typescript", suffixes=(".ts", ".mts", ".cts"), function="language_typescript"
)
TSX = _typescript(name="tsx", suffixes=(".tsx",), function="language_tsx")

GO = Language(
    name="go",
    suffixes=(".go",),
    module="tree_sitter_go",
    symbols=_symbols(
        function="function_declaration",
        method="method_declaration method_elem",
        type="type_spec type_alias",
    ),
    wrappers=_kinds("type_declaration"),
    comments=_kinds("comment"),
    directive=SLASH_DIRECTIVE,
    # The comment above `import "C"` is C code.
    comments_count_with=b'import "C"',
    atoms=_kinds("interpreted_string_literal raw_string_literal rune_literal"),
    trailing=_kinds("argument_list parameter_list literal_value"),
)

JAVA = Language(
    name="java",
    suffixes=(".java",),
    module="tree_sitter_java",
    symbols=_symbols(
        class_="class_declaration",
        interface="interface_declaration",
        enum="enum_declaration",
        record="record_declaration",
        annotation="annotation_type_declaration",
        constructor="constructor_declaration compact_constructor_declaration",
        method="method_declaration annotation_type_element_declaration",
    ),
    comments=_kinds("line_comment block_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_kinds("string_literal character_literal"),
    trailing=_kinds("array_initializer element_value_array_initializer"),
)

RUST = Language(
    name="rust",
    suffixes=(".rs",),
    module="tree_sitter_rust",
    symbols=_symbols(
        function="function_item function_signature_item",
        struct="struct_item union_item",
        enum="enum_item",
        trait="trait_item",
        module="mod_item",
        macro="macro_definition",
        type="type_item",
    ),
    scopes=_kinds("impl_item"),
    leading=_kinds("attribute_item"),
    comments=_kinds("line_comment block_comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_kinds("string_literal raw_string_literal char_literal"),
    optional=_all("match_arm", ","),
    trailing=_kinds(
        "arguments parameters field_initializer_list field_declaration_list enum_variant_list "
        "ordered_field_declaration_list array_expression use_list type_arguments struct_pattern "
        "tuple_struct_pattern tuple_expression"
    ),
    trailing_several=_kinds("tuple_type tuple_pattern"),
)

RUBY = Language(
    name="ruby",
    suffixes=(".rb", ".rake", ".gemspec", ".ru"),
    module="tree_sitter_ruby",
    extra="languages",
    symbols=_symbols(method="method singleton_method", class_="class", module="module"),
    scopes=_kinds("singleton_class"),
    comments=_kinds("comment"),
    directive=RUBY_DIRECTIVE,
    atoms=_kinds(
        "string delimited_symbol regex subshell heredoc_body string_array symbol_array character"
    ),
    trailing=_kinds("argument_list array hash"),
)

C_SHARP = Language(
    name="c-sharp",
    suffixes=(".cs", ".csx"),
    module="tree_sitter_c_sharp",
    extra="languages",
    symbols=_symbols(
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
    comments=_kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_kinds(
        "string_literal verbatim_string_literal raw_string_literal character_literal "
        "interpolated_string_expression"
    ),
    trailing=_kinds("initializer_expression enum_member_declaration_list"),
)

_C_ATOMS = _kinds("string_literal raw_string_literal char_literal system_lib_string preproc_arg")
_C_TRAILING = _kinds("initializer_list enumerator_list")
_C_WITH_BODY = _kinds("struct_specifier union_specifier enum_specifier class_specifier")

C = Language(
    name="c",
    suffixes=(".c", ".h"),
    module="tree_sitter_c",
    extra="languages",
    symbols=_symbols(
        function="function_definition",
        struct="struct_specifier",
        union="union_specifier",
        enum="enum_specifier",
        type="type_definition",
        macro="preproc_function_def",
    ),
    with_body=_C_WITH_BODY,
    comments=_kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_C_ATOMS,
    trailing=_C_TRAILING,
)

CPP = Language(
    name="cpp",
    suffixes=(".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".ipp", ".inl"),
    module="tree_sitter_cpp",
    extra="languages",
    symbols=dict(C.symbols)
    | _symbols(
        class_="class_specifier",
        namespace="namespace_definition",
        type="alias_declaration",
        concept="concept_definition",
    ),
    with_body=_C_WITH_BODY,
    wrappers=_kinds("template_declaration"),
    comments=_kinds("comment"),
    directive=SLASH_DIRECTIVE,
    atoms=_C_ATOMS,
    trailing=_C_TRAILING,
)

LANGUAGES: tuple[Language, ...] = (
    PYTHON,
    TYPESCRIPT,
    TSX,
    JAVASCRIPT,
    GO,
    JAVA,
    RUST,
    RUBY,
    C_SHARP,
    C,
    CPP,
)
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_LOOKS_LIKE_CPP = re.compile(rb"\n\s*(?:class|namespace|template|using)\b|\w::\w|\bpublic:")


def language_of(path: str, text: bytes = b"") -> Language | None:
    """Return the language of a file by its suffix, or None when there is no row for it.

    A `.h` file belongs to two languages; `text` (UTF-8) decides which.
    """
    language = _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())
    if language is C and path.lower().endswith(".h") and _LOOKS_LIKE_CPP.search(text):
        return CPP
    return language
