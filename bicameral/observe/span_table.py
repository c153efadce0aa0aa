"""Every span there is, in one table: the reference page is made from it, the code held to it."""

from dataclasses import dataclass

from bicameral.grounding.signals import GROUNDING, LANGUAGE_SERVER, SIGNALS
from bicameral.ledger.statements import VERBS
from bicameral.tracing import Layer


@dataclass(frozen=True, slots=True)
class SpanKind:
    """One kind of span: `component` in angle brackets stands for many; `facts` are its own."""

    layer: Layer
    operation: str
    component: str
    meaning: str
    facts: tuple[str, ...] = ()


TOOL_PREFIX = "tool."
SPAN_KINDS: tuple[SpanKind, ...] = (
    SpanKind(
        "tool",
        "tool.<name>",
        "mcp or cli",
        "a call of a tool, through a client or the command line; a root",
        ("preflight_id", "session_id", "client", "jsonrpc.request.id", "mcp.protocol.version"),
    ),
    SpanKind("serving", "resource.read", "mcp", "a resource is read; a root"),
    SpanKind("serving", "prompt.get", "mcp", "a prompt is rendered; a root"),
    SpanKind("serving", "ask", "person", "the person is asked, and answers"),
    SpanKind(
        "preflight",
        "decide",
        "gate",
        "which decisions bind the change, or why there is silence",
        ("dedup", "more", "revision"),
    ),
    SpanKind(
        "preflight",
        "gate",
        "topic",
        "how near the topic came to the bars of the gate",
        (
            "decisions",
            "telling_words",
            "rare_words",
            "matched",
            "best_coverage",
            "needed_coverage",
            "passed",
        ),
    ),
    SpanKind(
        "preflight",
        "candidate",
        "<channel>",
        "what became of one decision that was found; at most 20 of them",
        ("decision_id", "confidence", "outcome"),
    ),
    SpanKind("intake", "store", "drafts", "the decisions that were read are stored"),
    SpanKind("intake", "infer", "bindings", "the code that their texts name is looked for"),
    SpanKind(
        "grounding",
        "catch_up",
        "head",
        "the ledger is brought up to HEAD",
        ("is_known", "is_behind"),
    ),
    SpanKind(
        "grounding",
        "imports",
        "code-index",
        "what the asked files import is looked up",
        ("reason",),
    ),
    SpanKind("grounding", "link", "commit", "a commit is brought in", ("files_changed",)),
    SpanKind("grounding", "git", "<git command>", "a git process", ("process.exit.code",)),
    SpanKind("grounding", "parse", "<language>", "a file is parsed", ("backend", "capability")),
    *(
        SpanKind(
            "grounding",
            name,
            LANGUAGE_SERVER if name.startswith("lsp.") else GROUNDING,
            meaning,
            tuple(sorted(SIGNALS[name])),
        )
        for name, meaning in (
            ("ast.parse", "how much smaller the symbols of a file are than its text"),
            ("ast.cache", "the symbols of a file were asked for"),
            ("selector.resolve", "a selector was looked for"),
            ("file.read", "something was taken of a file: its symbols, a span of it, or all of it"),
            ("lsp.spawn", "a language server was started"),
            ("lsp.initialize", "it finished the handshake"),
            ("lsp.ready", "it is ready"),
            ("lsp.diagnostics", "it published diagnostics"),
            ("lsp.definition", "it answered where something is defined"),
            ("lsp.timeout", "it did not answer in time"),
        )
    ),
    SpanKind("ledger", "read", "sqlite or postgresql", "the ledger is read, in one state"),
    SpanKind("ledger", "write", "sqlite or postgresql", "a transaction that writes"),
    *(
        SpanKind("ledger", verb, "<table>", f"a statement that begins with {verb.upper()}")
        for verb in VERBS
    ),
    SpanKind("ledger", "other", "<table>", "any other statement"),
    SpanKind("capture", "append", "<file>", "a row is written to a log of capture"),
    SpanKind("capture", "session", "lifecycle", "the start or the end of a session is recorded"),
)
# What a span may have that ended in an error, whatever its kind.
ERROR_FACTS = ("error.type", "error_code", "error_message", "error_at")
FACT_NAMES: frozenset[str] = frozenset(ERROR_FACTS).union(*(kind.facts for kind in SPAN_KINDS))
"""Every name that a fact may have."""
