"""Fields that lines of several kinds have, and how long logs are kept."""

from bicameral.govern.kinds import Field, Retention
from bicameral.govern.retention import read_policy

TS = Field("ts", "S1", "stamp", "when the row was written: UTC, ISO 8601, to the microsecond")
SCHEMA = Field("schema", "S0", "number", "the version of the row's form: 1")
SESSION_ID = Field(
    "session_id",
    "S1",
    "client",
    "the session, as the client names it; of a name that is not opaque, a keyed digest",
)
REPOSITORY_ID = Field(
    "repository_id",
    "S1",
    "id",
    "the ledger's opaque id of the repository; null where it is not known yet",
)
TOPIC_HASH = Field("topic_hash", "S1", "hash", "the hash of the topic, as given")
PATH_HASHES = Field("path_hashes", "S1", "hash", "the hash of each path")
TOPIC = Field("topic", "S3", "text", "raw mode only: the topic")
FILE_PATHS = Field("file_paths", "S2", "path", "raw mode only: the paths")

_POLICY = read_policy()


def kept(file: str) -> Retention:
    """Return how long the lines of a file are kept, as the policy says; `KeyError` if silent."""
    return _POLICY.file(file).retention
