"""What an upload leaves here: batches that wait, receipts, reasons, and how far it got."""

from bicameral.govern.kinds import Field, Kind
from bicameral.govern.spool.batch import Batch
from bicameral.govern.spool.folder import (
    DEAD,
    FOLDER,
    PENDING,
    REASON,
    SENT,
    Reason,
    Receipt,
)
from bicameral.govern.spool.state import SPOOL_STATE_FILE, SpoolState
from bicameral.registry.common import SCHEMA, kept

BATCHES = f"{FOLDER}/{PENDING}/*.json"
RECEIPTS = f"{FOLDER}/{SENT}/*.json"
REASONS = f"{FOLDER}/{DEAD}/*{REASON}"
STATE = f"{FOLDER}/{SPOOL_STATE_FILE}"

RELAYED = (
    Kind(
        id="spool_batch",
        family="relay",
        shape=Batch,
        fields=(
            SCHEMA,
            Field(
                "rows",
                "S1",
                "open",
                "the rows",
                within=(
                    Field("id", "S1", "hash", "a keyed digest of the line it was made from"),
                    Field("kind", "S0", "code", "which kind of line it is"),
                    Field("row", "S1", "open", "its fields, as that kind says what may be sent"),
                ),
            ),
        ),
        transmission="approved_upload",
        retention=kept(BATCHES),
        owner="bicameral.govern.spool.enqueue",
        description=(
            "Rows that wait to be sent, exactly as they would be: the body of one request. "
            "`telemetry enqueue` writes it, and `telemetry upload` alone sends it."
        ),
        file=BATCHES,
    ),
    Kind(
        id="spool_receipt",
        family="relay",
        shape=Receipt,
        fields=(
            Field("sent_at", "S1", "stamp", "when the other side took the batch"),
            Field("status", "S0", "number", "the status that it answered"),
            Field("rows", "S1", "hash", "the ids of the rows, so that none is sent again"),
        ),
        transmission="local_only",
        retention=kept(RECEIPTS),
        owner="bicameral.govern.spool.folder",
        description="A batch was sent; the batch itself is removed then.",
        file=RECEIPTS,
    ),
    Kind(
        id="spool_reason",
        family="relay",
        shape=Reason,
        fields=(
            Field("moved_at", "S1", "stamp", "when it was put aside"),
            Field("reason", "S1", "words", "what is wrong with it, in words of ours"),
        ),
        transmission="local_only",
        retention=kept(REASONS),
        owner="bicameral.govern.spool.folder",
        description="Why the file beside it cannot be sent.",
        file=REASONS,
    ),
    Kind(
        id="spool_state",
        family="relay",
        shape=SpoolState,
        fields=(
            SCHEMA,
            Field(
                "places",
                "S1",
                "open",
                "how far each file of each log was read: its number, its length, digests",
            ),
            Field("staged", "S1", "code", "the batches that were queued last"),
            Field("queued", "S0", "number", "how many rows were ever queued"),
            Field("sent", "S0", "number", "how many were sent"),
            Field("refused", "S0", "number", "how many may not be sent, by why"),
            Field("dropped", "S0", "number", "how many queued ones were given up, by why"),
            Field("retry_at", "S1", "stamp", "when the other side wants to be asked again"),
        ),
        transmission="local_only",
        retention=kept(STATE),
        owner="bicameral.govern.spool.state",
        description="How far the logs were queued, and what became of their rows.",
        file=STATE,
    ),
)
