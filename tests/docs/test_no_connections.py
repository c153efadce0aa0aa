"""Nothing leaves the machine: no module of the package can open a connection."""

import ast
import re

from tests.docs.pages import package_files

NETWORK = re.compile(r"socket|ssl|http(?:\.\w+)?|ftplib|smtplib|urllib\.request|httpx2?|requests")
CONNECTING = {"open_connection", "create_connection", "connect_tcp", "urlopen"}


def names_of_connections(tree: ast.Module) -> set[str]:
    """Return what a module names that could open a connection."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names if NETWORK.fullmatch(each.name)}
        elif isinstance(node, ast.ImportFrom) and NETWORK.fullmatch(node.module or ""):
            found.add(str(node.module))
        elif isinstance(node, ast.Attribute) and node.attr in CONNECTING:
            found.add(node.attr)
    return found


def test_no_module_can_open_a_connection() -> None:
    """Nothing leaves the machine: what could send is not even named."""
    for path in package_files():
        assert names_of_connections(ast.parse(path.read_text(encoding="utf-8"))) == set(), path


def test_a_module_that_could_send_is_found() -> None:
    """The check itself must be able to fail."""
    tree = ast.parse("import socket\nfrom urllib.request import urlopen\nanyio.connect_tcp()")
    assert names_of_connections(tree) == {"socket", "urllib.request", "connect_tcp"}
