"""One module of the package can open a connection, and no other so much as names what could."""

import ast
import re
import subprocess
import sys

from tests.docs.pages import ROOT, package_files

NETWORK = re.compile(
    r"_?socket|_?ssl|socketserver|http(?:\.\w+)?|xmlrpc(?:\.\w+)?|ftplib|smtplib|poplib|imaplib"
    r"|nntplib|telnetlib|urllib\.request|urllib3|httpx2?|httpcore2?|requests|aiohttp|websockets"
)
CONNECTING = {"open_connection", "create_connection", "connect_tcp", "urlopen", "sock_connect"}
# What sends what a person consented to; all that it names of the network.
SENDING = "bicameral/govern/relay/sending.py"
ALLOWED = {"socket", "ssl", "http.client"}


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


def test_no_module_but_one_can_open_a_connection() -> None:
    """What could send is not even named, but in the module that an upload goes through."""
    for path in package_files():
        is_sending = path.relative_to(ROOT).as_posix() == SENDING
        found = names_of_connections(ast.parse(path.read_text(encoding="utf-8")))
        assert found == (ALLOWED if is_sending else set()), path


def test_what_sends_is_reached_from_the_upload_alone() -> None:
    """And the upload from its command alone: nothing else can have it send."""
    assert importers_of("bicameral.govern.relay.sending") == {
        "bicameral/cli/telemetry_upload.py",
        "bicameral/govern/relay/answers.py",
        "bicameral/govern/relay/uploading.py",
    }
    assert importers_of("bicameral.govern.relay.uploading") == {"bicameral/cli/telemetry_upload.py"}
    assert importers_of("bicameral.govern.relay.answers") == {"bicameral/govern/relay/uploading.py"}


def importers_of(module: str) -> set[str]:
    """Return the files of the package that import a module, by any spelling of an import."""
    package, _, name = module.rpartition(".")
    return {
        path.relative_to(ROOT).as_posix()
        for path in package_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == module)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == package
            and name in {each.name for each in node.names}
        )
        or (isinstance(node, ast.Import) and module in {each.name for each in node.names})
    }


def test_neither_the_server_nor_a_hook_loads_what_could_send() -> None:
    """What is not loaded cannot be called: a server knows status and disclosure at most."""
    code = (
        "import sys, server, handlers.table, bicameral.cli.hook, bicameral.cli.telemetry_status\n"
        "assert not [each for each in sys.modules if each.startswith('bicameral.govern.relay.send')"
        " or each.startswith('bicameral.govern.relay.upload')]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_a_module_that_could_send_is_found() -> None:
    """The check itself must be able to fail."""
    tree = ast.parse("import socket\nfrom urllib.request import urlopen\nanyio.connect_tcp()")
    assert names_of_connections(tree) == {"socket", "urllib.request", "connect_tcp"}
