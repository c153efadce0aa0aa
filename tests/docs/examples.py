"""An example call of every tool, and the errors that each can refuse with."""

from typing import Any

DECISION = "dec_01M7Z0K4WSEXAMP0000000000A"
REGION = "reg_01M7Z0K4WSEXAMP0000000000B"
DIGEST = "0e597e89d41c4278db0a346fd614216e"

EXAMPLES: dict[str, dict[str, Any]] = {
    "bicameral.preflight": {
        "topic": "retry failed charges when the gateway times out",
        "file_paths": ["src/payments.py"],
    },
    "bicameral.bind": {
        "bindings": [{"decision_id": DECISION, "selector": "src/payments.py::charge_card"}]
    },
    "bicameral.link_commit": {"commit": "HEAD"},
    "bicameral.resolve": {
        "verdicts": [
            {
                "decision_id": DECISION,
                "region_id": REGION,
                "digest": DIGEST,
                "verdict": "compliant",
                "note": "the key is the order's id",
            }
        ]
    },
    "bicameral.ratify": {"decision_id": DECISION, "action": "ratify"},
    "bicameral.update": {
        "decision_id": DECISION,
        "action": "regroup",
        "feature_group": "payments",
    },
    "bicameral.ingest": {"paths": ["docs/adr"]},
    "bicameral.history": {"status": "drifted", "limit": 5},
    "bicameral.search": {"query": "idempotency key"},
    "bicameral.telemetry": {},
}

LEDGER = ("home_unusable", "ledger_unavailable", "ledger_busy", "ledger_corrupt", "ledger_too_new")
EVERY_TOOL_REFUSES = ("input_refused", "internal_error")
# A tool that takes batches gives such a code in the entry's `failure`, and goes on.
REFUSALS: dict[str, tuple[str, ...]] = {
    "bicameral.preflight": ("path_outside_repository", "not_a_repository", "git_failed", *LEDGER),
    "bicameral.bind": (
        "not_found",
        "selector_unknown",
        "selector_ambiguous",
        "path_outside_repository",
        "not_a_repository",
        "git_failed",
        *LEDGER,
    ),
    "bicameral.link_commit": ("not_a_repository", "git_failed", *LEDGER),
    "bicameral.resolve": (
        "not_found",
        "transition_refused",
        "not_a_repository",
        "git_failed",
        *LEDGER,
    ),
    "bicameral.ratify": ("not_found", "transition_refused", "person_not_asked", *LEDGER),
    "bicameral.update": ("not_found", *LEDGER),
    "bicameral.ingest": (
        "ingest_refused",
        "path_outside_repository",
        "not_a_repository",
        "git_failed",
        *LEDGER,
    ),
    "bicameral.history": ("not_found", "not_a_repository", "git_failed", *LEDGER),
    "bicameral.search": ("not_a_repository", "git_failed", *LEDGER),
}
