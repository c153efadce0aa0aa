"""What a defining node is called, with dots between the parts, as its language means it.

Most grammars answer with a field; C and C++ wrap the name in declarators, Go writes the
type of a method in its receiver, Rust in the block around it.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from bicameral.grounding.languages import Language

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_NAME = 200
_ARGUMENTS = re.compile(r"\s*<(?:[^<>]|<[^<>]*>)*>")
_BLANKS = re.compile(r"\s+")
_OPERATORS = ("operator_name", "operator_cast")


def name_of(node: "Node", language: Language) -> str:
    """Return the name that a defining node gives, or "" when it gives none."""
    if node.type in language.assigned:
        return _dotted(node.child_by_field_name(language.assigned[node.type][0]))
    special = _SPECIAL.get(node.type)
    if special is not None:
        return special(node)
    name = node.child_by_field_name("name") or node.child_by_field_name("declarator")
    return _declared(name)


def _text(node: "Node | None") -> str:
    if node is None or node.text is None:
        return ""
    return _BLANKS.sub(" ", node.text.decode("utf-8")).strip()[:LONGEST_NAME]


def _dotted(node: "Node | None") -> str:
    text = _ARGUMENTS.sub("", _text(node)).strip("'\"")
    return text.replace("::", ".").replace("?.", ".").strip(".")


def _declared(node: "Node | None") -> str:
    """Unwrap pointers, references, brackets and parameters down to the declared name."""
    while node is not None:
        if node.type in _OPERATORS:
            return _operator(node)
        if node.type == "qualified_identifier":
            return _qualified(node)
        inner = node.child_by_field_name("declarator") or _bracketed(node)
        if inner is None:
            break
        node = inner
    return _dotted(node)


def _bracketed(node: "Node") -> "Node | None":
    """Return the declarator of the kinds that hold it without a field."""
    if node.type not in {"reference_declarator", "parenthesized_declarator"}:
        return None
    return next((child for child in node.named_children if child.type != "comment"), None)


def _qualified(node: "Node") -> str:
    parts = [_dotted(node.child_by_field_name("scope"))]
    parts.append(_declared(node.child_by_field_name("name")))
    return ".".join(part for part in parts if part)


def _operator(node: "Node") -> str:
    target = node.child_by_field_name("type")
    return _text(node) if target is None else f"operator {_text(target)}"


def _method(node: "Node") -> str:
    """Name a method of Java, C# or Go; only Go writes the type before it."""
    receiver = _text(node.child_by_field_name("receiver"))
    # `(s *Server[K])`, `(Server)`: the type is the last word before any type arguments.
    words = re.findall(r"\w+", receiver.partition("[")[0])
    return ".".join([*words[-1:], _text(node.child_by_field_name("name"))])


def _rust_impl(node: "Node") -> str:
    return _dotted(node.child_by_field_name("type")).rpartition(".")[2].lstrip("&")


def _ruby_singleton_method(node: "Node") -> str:
    owner = _dotted(node.child_by_field_name("object"))
    name = _text(node.child_by_field_name("name"))
    return name if owner == "self" else f"{owner}.{name}"


def _ruby_method(node: "Node") -> str:
    return _text(node.child_by_field_name("name"))


def _destructor(node: "Node") -> str:
    return "~" + _text(node.child_by_field_name("name"))


def _conversion(node: "Node") -> str:
    sign = node.child_by_field_name("operator") or node.child_by_field_name("type")
    return f"operator {_text(sign)}"


_SPECIAL: dict[str, Callable[["Node"], str]] = {
    "method": _ruby_method,
    "singleton_method": _ruby_singleton_method,
    "singleton_class": lambda _: "",  # its methods belong to the class around it
    "method_declaration": _method,
    "impl_item": _rust_impl,
    "destructor_declaration": _destructor,
    "operator_declaration": _conversion,
    "conversion_operator_declaration": _conversion,
    "indexer_declaration": lambda _: "this",
}
