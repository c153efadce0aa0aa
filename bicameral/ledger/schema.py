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
    Table,
    UniqueConstraint,
    text,
)

from bicameral.ledger.columns import key, long_key, prose

metadata = MetaData()

# SQLite fills only an INTEGER primary key by itself.
_Number = BigInteger().with_variant(Integer(), "sqlite")

schema_migrations = Table(
    "schema_migrations",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", key(), nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)

ledger_state = Table(
    "ledger_state",
    metadata,
    Column("name", key(), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

repositories = Table(
    "repositories",
    metadata,
    Column("id", key(), primary_key=True),
    Column("decision_count", Integer, nullable=False, server_default="0"),
    Column("text_length", BigInteger, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
)

repository_keys = Table(
    "repository_keys",
    metadata,
    Column("key", long_key(), primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("repository_id", ForeignKey("repositories.id"), primary_key=True),
    Column("branch", key(), primary_key=True),
    Column("commit", key(), nullable=False),
    Column("base", key(), nullable=False),
    Column("linked_at", BigInteger, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", key(), nullable=False, unique=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("source_type", key(), nullable=False),
    Column("decided_on", key(), nullable=False),
    Column("stated_signoff", key(), nullable=False),
    Column("content_digest", key(), nullable=False),
    Column("feature_group", key(), nullable=False),
    Column("level", key(), nullable=False),
    Column("signoff", key(), nullable=False),
    Column("parent_id", ForeignKey("decisions.id")),
    Column("text_length", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("source_ref", long_key(), nullable=False),
    # Long texts last: SQLite walks through a row to reach what stands behind them.
    Column("title", prose(), nullable=False),
    Column("description", prose(), nullable=False),
    Column("rationale", prose(), nullable=False),
    Column("search_text", prose(), nullable=False),
    Column("source_excerpt", prose(), nullable=False),
    Column("participants", prose(), nullable=False),
    Column("stated_status", prose(), nullable=False),
    Column("warnings", prose(), nullable=False),
    UniqueConstraint("repository_id", "source_type", "source_ref", name="one_per_source"),
    Index("decisions_in_order", "repository_id", "number"),
    Index("decisions_by_feature", "repository_id", "feature_group", "number"),
    Index("decisions_by_content", "repository_id", "content_digest"),
    Index("decisions_by_signoff", "repository_id", "signoff", "number"),
)

decision_links = Table(
    "decision_links",
    metadata,
    Column("from_id", ForeignKey("decisions.id"), primary_key=True),
    Column("to_id", ForeignKey("decisions.id"), primary_key=True),
    Column("kind", key(), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("links_by_target", "to_id"),
)

regions = Table(
    "regions",
    metadata,
    Column("id", key(), primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("path", long_key(), nullable=False),
    Column("kind", key(), nullable=False),
    Column("selector", key(), nullable=False),
    UniqueConstraint("repository_id", "path", "kind", "selector", name="one_per_place"),
)

region_states = Table(
    "region_states",
    metadata,
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("branch", key(), primary_key=True),
    Column("commit", key(), nullable=False),
    Column("presence", key(), nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("end_line", Integer, nullable=False),
    Column("digest", key(), nullable=False),
    Column("raw_digest", key(), nullable=False),
    Column("backend", key(), nullable=False),
    Column("capability", key(), nullable=False),
    Column("fallback_reason", prose(), nullable=False),
    Column("copies", Integer, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    # Empty where the region stands where it was bound: few rows are in the index below.
    Column("path", long_key(), nullable=False, server_default=""),
    Column("selector", key(), nullable=False, server_default=""),
    Column("evidence", prose(), nullable=False, server_default=""),
    Index(
        "states_elsewhere",
        "path",
        sqlite_where=text("path <> ''"),
    ),
    Index(
        "states_on_branches",
        "branch",
        "region_id",
        sqlite_where=text("branch <> ''"),
    ),
)

bindings = Table(
    "bindings",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("origin", key(), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("bindings_by_region", "region_id"),
)

binding_removals = Table(
    "binding_removals",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("branch", key(), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("decision_id", ForeignKey("decisions.id"), primary_key=True),
    Column("region_id", ForeignKey("regions.id"), primary_key=True),
    Column("digest", key(), primary_key=True),
    Column("branch", key(), primary_key=True),
    Column("verdict", key(), nullable=False),
    Column("note", prose(), nullable=False),
    Column("commit", key(), nullable=False),
    Column("session_id", prose(), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("verdicts_by_region", "region_id", "digest"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", key(), primary_key=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("kind", key(), nullable=False),
    Column("text", prose(), nullable=False),
    Column("other_decision_id", ForeignKey("decisions.id")),
    Column("answer", prose()),
    Column("created_at", BigInteger, nullable=False),
    Column("answered_at", BigInteger),
    Index("questions_waiting", "repository_id", "answered_at", "id"),
    Index("questions_by_decision", "decision_id"),
)

bypasses = Table(
    "bypasses",
    metadata,
    Column("id", key(), primary_key=True),
    Column("decision_id", ForeignKey("decisions.id"), nullable=False),
    Column("reason", prose(), nullable=False),
    Column("session_id", prose(), nullable=False),
    Column("preflight_id", prose()),
    Column("created_at", BigInteger, nullable=False),
    Index("bypasses_by_decision", "decision_id", "created_at"),
)

terms = Table(
    "terms",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("repository_id", ForeignKey("repositories.id"), nullable=False),
    Column("term", key(), nullable=False),
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
    Column("session_id", prose(), nullable=False),
    Column("tool", prose(), nullable=False),
    Column("preflight_id", prose()),
    Column("action", prose(), nullable=False),
    Column("subject", long_key(), nullable=False),
    Column("before", prose(), nullable=False),
    Column("after", prose(), nullable=False),
    Index("audit_by_subject", "subject", "number"),
)


def prepare_for_postgresql() -> None:
    """Give the indexes of a part of a table their condition on PostgreSQL too.

    Said in the tables, it would load that dialect where nobody has such a server: 2 MB.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if (where := index.dialect_kwargs.get("sqlite_where")) is not None:
                index.dialect_kwargs["postgresql_where"] = where
