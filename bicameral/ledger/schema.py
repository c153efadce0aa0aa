"""The tables of the ledger, once, for SQLite and PostgreSQL alike.

Times are integers: milliseconds since the epoch, UTC. Lists and audit values are JSON text.
A change here needs a new step in `migrations.py`; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite fills only an INTEGER primary key by itself.
_Number = BigInteger().with_variant(Integer(), "sqlite")

schema_migrations = Table(
    "schema_migrations",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)

ledger_state = Table(
    "ledger_state",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

repositories = Table(
    "repositories",
    metadata,
    Column("id", String, primary_key=True),
    Column("decision_count", Integer, nullable=False, server_default="0"),
    Column("text_length", BigInteger, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
)

repository_keys = Table(
    "repository_keys",
    metadata,
    Column("key", String, primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("repository_id", ForeignKey("repositories.id"), primary_key=True),
    Column("branch", String, primary_key=True),
    Column("commit", String, nullable=False),
    Column("linked_at", BigInteger, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("rationale", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("source_type", String, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("source_excerpt", Text, nullable=False),
    Column("decided_on", String, nullable=False),
    Column("participants", Text, nullable=False),
    Column("stated_status", Text, nullable=False),
    Column("stated_signoff", String, nullable=False),
    Column("content_digest", String, nullable=False),
    Column("feature_group", String, nullable=False),
    Column("level", String, nullable=False),
    Column("signoff", String, nullable=False),
    Column("parent_id", ForeignKey("decisions.id")),
    Column("warnings", Text, nullable=False),
    Column("text_length", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("repository_id", "source_type", "source_ref", name="one_per_source"),
    Index("decisions_by_feature", "repository_id", "feature_group", "number"),
    Index("decisions_by_signoff", "repository_id", "signoff", "number"),
)

decision_links = Table(
    "decision_links",
    metadata,
    Column("from_id", ForeignKey("decisions.id"), primary_key=True),
    Column("to_id", ForeignKey("decisions.id"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("links_by_target", "to_id"),
)

regions = Table(
    "regions",
    metadata,
    Column("id", String, primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("selector", Text, nullable=False),
    UniqueConstraint("repository_id", "path", "kind", "selector", name="one_per_place"),
)

region_states = Table(
    "region_states",
    metadata,
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("branch", String, primary_key=True),
    Column("commit", String, nullable=False),
    Column("presence", String, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("end_line", Integer, nullable=False),
    Column("digest", String, nullable=False),
    Column("raw_digest", String, nullable=False),
    Column("backend", String, nullable=False),
    Column("capability", String, nullable=False),
    Column("fallback_reason", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

bindings = Table(
    "bindings",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("origin", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("bindings_by_region", "region_id"),
)

binding_removals = Table(
    "binding_removals",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("branch", String, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("digest", String, primary_key=True),
    Column("branch", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("commit", String, nullable=False),
    Column("session_id", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String, primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("other_decision_id", ForeignKey("decisions.id")),
    Column("answer", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Index("questions_waiting", "repository_id", "answered_at"),
)

bypasses = Table(
    "bypasses",
    metadata,
    Column("id", String, primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("session_id", String, nullable=False),
    Column("preflight_id", String),
    Column("created_at", BigInteger, nullable=False),
    Index("bypasses_by_decision", "decision_id", "created_at"),
)

terms = Table(
    "terms",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("term", String, nullable=False),
    Column("document_count", Integer, nullable=False),
    UniqueConstraint("repository_id", "term", name="one_per_term"),
)

postings = Table(
    "postings",
    metadata,
    Column("term_number", _Number, primary_key=True, autoincrement=False),
    Column("decision_number", _Number, primary_key=True, autoincrement=False),
    Column("in_title", SmallInteger, nullable=False),
    Column("in_body", SmallInteger, nullable=False),
    Index("postings_by_decision", "decision_number"),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("session_id", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("preflight_id", String),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("audit_by_subject", "subject", "number"),
)
