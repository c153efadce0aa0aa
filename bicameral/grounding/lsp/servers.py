"""The language servers that are known: one row each, and which languages they speak.

`is_safe` is true only where a test holds that the server starts no program that a
repository names. All others wait until a person names them in `config.toml`.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from bicameral.grounding.languages import Kinds


@dataclass(frozen=True, slots=True)
class Server:
    """A language server: its name, how it is started, and the languages it is asked about."""

    name: str
    command: tuple[str, ...]
    languages: tuple[str, ...]
    is_safe: bool = False


# The first one of a language that is there is taken.
SERVERS: tuple[Server, ...] = (
    Server("ty", ("ty", "server"), ("python",), is_safe=True),
    Server("pyrefly", ("pyrefly", "lsp"), ("python",)),
    Server("basedpyright", ("basedpyright-langserver", "--stdio"), ("python",)),
    Server("pyright", ("pyright-langserver", "--stdio"), ("python",)),
    Server("pylsp", ("pylsp",), ("python",)),
    Server("gopls", ("gopls",), ("go",)),
    Server("rust-analyzer", ("rust-analyzer",), ("rust",)),
    Server(
        "typescript-language-server",
        ("typescript-language-server", "--stdio"),
        ("typescript", "javascript"),
    ),
    Server("clangd", ("clangd",), ("c", "cpp")),
    Server("jdtls", ("jdtls",), ("java",)),
    Server("ruby-lsp", ("ruby-lsp",), ("ruby",)),
    Server("csharp-ls", ("csharp-ls",), ("csharp",)),
    Server("kotlin-lsp", ("kotlin-lsp", "--stdio"), ("kotlin",)),
    Server("intelephense", ("intelephense", "--stdio"), ("php",)),
    Server("lua-language-server", ("lua-language-server",), ("lua",)),
    Server("sourcekit-lsp", ("sourcekit-lsp",), ("swift",)),
    Server("zls", ("zls",), ("zig",)),
)
LANGUAGES: Kinds = frozenset(language for server in SERVERS for language in server.languages)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a file is written in: as settings name it, and as the protocol does."""

    language: str
    protocol_id: str


_SUFFIXES = {
    "python python": ".py .pyi .pyw",
    "go go": ".go",
    "rust rust": ".rs",
    "typescript typescript": ".ts .mts .cts",
    "typescript typescriptreact": ".tsx",
    "javascript javascript": ".js .mjs .cjs",
    "javascript javascriptreact": ".jsx",
    "c c": ".c .h",
    "cpp cpp": ".cc .cpp .cxx .hh .hpp .hxx .ipp",
    "java java": ".java",
    "ruby ruby": ".rb",
    "csharp csharp": ".cs",
    "kotlin kotlin": ".kt .kts",
    "php php": ".php",
    "lua lua": ".lua",
    "swift swift": ".swift",
    "zig zig": ".zig",
}
_BY_SUFFIX = {
    suffix: Spoken(*names.split()) for names, found in _SUFFIXES.items() for suffix in found.split()
}


def spoken_in(path: str) -> Spoken | None:
    """Return the language of a file by its suffix; None where no server is known for it."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())
