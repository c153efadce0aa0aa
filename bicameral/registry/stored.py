"""What else is written: failures of hooks, refusals of commands, and files of state."""

from bicameral.capture.hook_failures import HOOK_FAILURES_FILE
from bicameral.capture.sessions import FOLDER, SUFFIX
from bicameral.govern.kinds import Field, Kind
from bicameral.registry.common import REPOSITORY_ID, SCHEMA, SESSION_ID, TS, kept
from bicameral.registry.shapes import HookFailureLine, RefusalDocument, SessionMarker
from bicameral.review.reconciliation.state import STATE_FILE, State
from bicameral.review.reconciliation.summary import SUMMARY_FILE, Summary

MARKERS = f"{FOLDER}/*{SUFFIX}"
_PLACES = "how far each file was read: its number, its length, digests of its first and last line"

STORED = (
    Kind(
        id="hook_failure",
        family="hook_failure",
        shape=HookFailureLine,
        fields=(
            TS,
            Field("hook", "S0", "code", "the hook that could not run"),
            Field("reason", "S1", "words", "why, in words of ours or the system's, without a path"),
            SCHEMA,
        ),
        transmission="local_only",
        retention=kept(HOOK_FAILURES_FILE),
        owner="bicameral.capture.hook_failures",
        description=(
            "A client's hook could not do what it is for. It is written also while capture "
            "is off, for a hook always tells its client that all is well."
        ),
        file=HOOK_FAILURES_FILE,
    ),
    Kind(
        id="error",
        family="error",
        shape=RefusalDocument,
        fields=(
            Field("error", "S0", "code", "the [code](errors.md) of the error"),
            Field("message", "S3", "text", "what happened; it may name what was asked for"),
            Field("next_step", "S3", "text", "what to do about it"),
        ),
        transmission="local_only",
        retention=None,
        owner="bicameral.cli.execution",
        description="A command with `--json` refused; the document is printed, and not kept.",
    ),
    Kind(
        id="session_marker",
        family="state",
        shape=SessionMarker,
        fields=(
            SESSION_ID,
            REPOSITORY_ID,
            Field("started_at", "S1", "stamp", "when the process began to serve it"),
        ),
        transmission="local_only",
        retention=kept(MARKERS),
        owner="bicameral.capture.sessions",
        description="The session that a running process serves.",
        file=MARKERS,
    ),
    Kind(
        id="reconciliation_state",
        family="state",
        shape=State,
        fields=(
            Field("events", "S1", "open", f"of the events, {_PLACES}"),
            Field("engagements", "S1", "open", f"of the engagements, {_PLACES}"),
            Field("events_until", "S1", "stamp", "the stamp of the last event that was read"),
            Field("engagements_until", "S1", "stamp", "the same of the engagements"),
            Field(
                "stretches",
                "S3",
                "text",
                "the captured rows of sessions not over yet; in raw mode with topics and paths",
            ),
            Field("written", "S1", "open", f"of the review file, {_PLACES}; its rows by class"),
            SCHEMA,
        ),
        transmission="local_only",
        retention=kept(STATE_FILE),
        owner="bicameral.review.reconciliation.state",
        description="Where the last reconciliation stopped.",
        file=STATE_FILE,
    ),
    Kind(
        id="reconciliation_summary",
        family="state",
        shape=Summary,
        fields=(
            Field("finished_at", "S1", "stamp", "when it ended"),
            Field("added", "S0", "number", "how many rows it added, by class"),
            Field("totals", "S0", "number", "how many rows there are, by class"),
            Field("open_sessions", "S0", "number", "how many sessions are not over"),
            Field("skipped_lines", "S0", "number", "how many lines could not be read"),
            Field("seconds", "S0", "number", "how long it took"),
            Field(
                "error", "S3", "text", "the code of the error and a sentence, which may name a file"
            ),
            SCHEMA,
        ),
        transmission="local_only",
        retention=kept(SUMMARY_FILE),
        owner="bicameral.review.reconciliation.summary",
        description="How the last reconciliation ended.",
        file=SUMMARY_FILE,
    ),
)
