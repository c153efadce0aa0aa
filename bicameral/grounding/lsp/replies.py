"""What a language server is told of us at the start, and what it is answered when it asks.

A server that is left without an answer may wait for it and never answer itself. Nothing is
granted: it may not edit, show or run anything.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bicameral.grounding.lsp.framing import Message
from bicameral.grounding.lsp.positions import ENCODINGS
from bicameral.grounding.lsp.uris import uri_of

_METHOD_NOT_FOUND = -32601
_MOST_ITEMS = 1_000
_NULL = frozenset(
    {
        "client/registerCapability",
        "client/unregisterCapability",
        "window/showMessageRequest",
        "window/workDoneProgress/create",
        "workspace/codeLens/refresh",
        "workspace/diagnostic/refresh",
        "workspace/foldingRange/refresh",
        "workspace/inlayHint/refresh",
        "workspace/inlineValue/refresh",
        "workspace/semanticTokens/refresh",
    }
)

_CAPABILITIES: Mapping[str, Any] = {
    "general": {"positionEncodings": list(ENCODINGS)},
    "textDocument": {
        "definition": {"linkSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {},
    },
    "window": {"workDoneProgress": True},
    "workspace": {
        "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "workspaceFolders": True,
    },
}


def initialize_parameters(root: Path, process_id: int) -> Message:
    """Return the parameters of `initialize`; a server is to end when our process does."""
    return {
        "processId": process_id,
        "clientInfo": {"name": "bicameral"},
        "rootUri": uri_of(root),
        "workspaceFolders": _folders(root),
        "capabilities": _CAPABILITIES,
    }


def reply_to(request: Message, root: Path) -> Message:
    """Return the answer to a request of the server."""
    method, parameters = request.get("method"), request.get("params")
    if method in _NULL:
        return _result(request, None)
    if method == "workspace/configuration":
        items = parameters.get("items") if isinstance(parameters, dict) else None
        return _result(request, [None] * min(len(items or ()), _MOST_ITEMS))
    if method == "workspace/workspaceFolders":
        return _result(request, _folders(root))
    if method == "workspace/applyEdit":
        return _result(request, {"applied": False})
    if method == "window/showDocument":
        return _result(request, {"success": False})
    error = {"code": _METHOD_NOT_FOUND, "message": "not supported"}
    return {"id": request.get("id"), "error": error}


def _result(request: Message, result: object) -> Message:
    return {"id": request.get("id"), "result": result}


def _folders(root: Path) -> list[Message]:
    return [{"uri": uri_of(root), "name": root.name}]
