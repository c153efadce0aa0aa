"""Decisions in the ledger: added, amended, moved along their sign-off, and read.

A decision is found again by where it came from, so that reading the same source twice
adds nothing, and a changed source amends what is there and keeps its history in the audit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, insert, select, update

from bicameral.errors import NotFound
from bicameral.ledger import terms
from bicameral.ledger.batches import in_batches
from bicameral.ledger.domain import Content, Decision, SignOff, Source, body_of
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import decision_links, decisions
from bicameral.ledger.signoff import check_transition
from bicameral.ledger.transaction import Transaction

_CONTENT_COLUMNS = ("title", "description", "rationale", "search_text", "feature_group", "level")


def add_decision(
    transaction: Transaction,
    repository_id: str,
    content: Content,
    source: Source,
    *,
    signoff: SignOff = "proposed",
    parent_id: str | None = None,
) -> Decision:
    """Add a decision and index its text; the caller has checked that its source is new."""
    values = {
        "id": transaction.new_id("dec"),
        "repository_id": repository_id,
        **_content_values(content),
        **_source_values(source),
        "signoff": signoff,
        "parent_id": parent_id,
        "text_length": 0,
        "created_at": transaction.at,
        "updated_at": transaction.at,
    }
    statement = insert(decisions).values(**values).returning(decisions.c.number)
    number = transaction.connection.scalar(statement)
    decision = _from_mapping({**values, "number": number})
    terms.index_decisions(transaction, [decision])
    transaction.record(
        "decision_added", decision.id, after={"title": content.title, "signoff": signoff}
    )
    return decision


def amend_decision(
    transaction: Transaction, decision: Decision, content: Content, source: Source
) -> bool:
    """Replace what a decision says; sign-off, bindings and verdicts stay. True if changed."""
    current = get_decision(transaction.connection, decision.id)
    before = {**_content_values(current.content), **_source_values(current.source)}
    after = {**_content_values(content), **_source_values(source)}
    changed = {name for name in after if before[name] != after[name]}
    if not changed:
        return False
    transaction.connection.execute(
        update(decisions).filter_by(id=decision.id).values(**after, updated_at=transaction.at)
    )
    terms.index_decisions(transaction, [get_decision(transaction.connection, decision.id)])
    transaction.record(
        "decision_amended",
        decision.id,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return True


def set_signoff(transaction: Transaction, decision: Decision, wanted: SignOff) -> bool:
    """Move a decision's sign-off. True if it moved; raises `TransitionRefused`."""
    # As it stands now: the caller may have read it before another process moved it.
    current = get_decision(transaction.connection, decision.id).signoff
    if not check_transition(decision.id, current, wanted):
        return False
    transaction.connection.execute(
        update(decisions)
        .filter_by(id=decision.id)
        .values(signoff=wanted, updated_at=transaction.at)
    )
    transaction.record(
        f"signoff_{wanted}",
        decision.id,
        before={"signoff": current},
        after={"signoff": wanted},
    )
    return True


def set_parent(transaction: Transaction, decision: Decision, parent_id: str | None) -> None:
    """Hang a decision under another one, or under none."""
    before = get_decision(transaction.connection, decision.id).parent_id
    if before == parent_id:
        return
    transaction.connection.execute(
        update(decisions).filter_by(id=decision.id).values(parent_id=parent_id)
    )
    transaction.record(
        "decision_moved",
        decision.id,
        before={"parent_id": before},
        after={"parent_id": parent_id},
    )


def add_link(transaction: Transaction, from_id: str, to_id: str, kind: str) -> bool:
    """Record that one decision `supersedes` or `partly_supersedes` another. True if new."""
    link = {"from_id": from_id, "to_id": to_id, "kind": kind}
    connection = transaction.connection
    if connection.execute(select(decision_links.c.kind).filter_by(**link)).first():
        return False
    connection.execute(insert(decision_links).values(**link, created_at=transaction.at))
    transaction.record(f"decision_{kind}", from_id, after={"of": to_id})
    return True


def successors(connection: Connection, decision_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return, per decision, the ids of those that supersede it as a whole."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        select(decision_links.c.to_id, decision_links.c.from_id)
        .where(decision_links.c.to_id.in_(decision_ids), decision_links.c.kind == "supersedes")
        .order_by(decision_links.c.from_id)
    )
    for old, new in rows:
        found.setdefault(old, []).append(new)
    return found


def get_decision(connection: Connection, decision_id: str) -> Decision:
    """Return one decision; raises `NotFound`."""
    found = get_decisions(connection, [decision_id])
    if not found:
        raise NotFound(
            f"no decision has the id {decision_id[:80]!r}",
            next_step="find the id with bicameral.search or bicameral.history",
        )
    return found[decision_id]


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BY_IDS = Prepared(select(decisions).where(decisions.c.id.in_(_IDS)))
_TITLES = Prepared(
    select(decisions.c.id, decisions.c.title).where(
        decisions.c.id.in_(_IDS), decisions.c.signoff.not_in(("superseded", "rejected"))
    )
)
_TEXTS = Prepared(
    select(
        *(decisions.c.id, decisions.c.title),
        *(decisions.c.search_text, decisions.c.description, decisions.c.rationale),
    ).where(decisions.c.id.in_(_IDS))
)
_RECORDS = (
    select(decisions.c.id, decisions.c.source_ref)
    .where(decisions.c.repository_id == bindparam("repository"), decisions.c.source_type == "adr")
    .limit(bindparam("most"))
)


def get_decisions(connection: Connection, ids: Iterable[str]) -> dict[str, Decision]:
    """Return the decisions with these ids; unknown ids are left out."""
    return {
        row.id: _from_row(row)
        for batch in in_batches(ids)
        for row in _BY_IDS.rows(connection, {"ids": batch})
    }


def titles_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of those of these decisions that stand."""
    return {
        row.id: row.title
        for batch in in_batches(ids)
        for row in _TITLES.rows(connection, {"ids": batch})
    }


def texts_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the texts of these decisions, title and all, as the search reads them."""
    return {
        row.id: f"{row.title}\n{body_of(row.search_text, row.description, row.rationale)}"
        for batch in in_batches(ids)
        for row in _TEXTS.rows(connection, {"ids": batch})
    }


def records_of(connection: Connection, repository_id: str, *, most: int) -> dict[str, str]:
    """Return the source refs of the decisions that were read from records, by decision."""
    rows = connection.execute(_RECORDS, {"repository": repository_id, "most": most})
    return {row.id: row.source_ref for row in rows}


def find_by_source(
    connection: Connection, repository_id: str, refs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Decision]:
    """Return the decisions that came from these (source type, source ref) pairs."""
    wanted = set(refs)
    found: dict[tuple[str, str], Decision] = {}
    for batch in in_batches(ref for _, ref in refs):
        rows = connection.execute(
            select(decisions).where(
                decisions.c.repository_id == repository_id,
                # Both types in so many words: the index asks for the type before the ref.
                decisions.c.source_type.in_(sorted({kind for kind, _ in wanted})),
                decisions.c.source_ref.in_(batch),
            )
        )
        found |= {(row.source_type, row.source_ref): _from_row(row) for row in rows}
    return {key: decision for key, decision in found.items() if key in wanted}


def find_by_content(
    connection: Connection, repository_id: str, digests: Sequence[str]
) -> dict[str, Decision]:
    """Return, per content digest, the newest decision whose source had that content."""
    found: dict[str, Decision] = {}
    for batch in in_batches(digests):
        rows = connection.execute(
            select(decisions)
            .where(
                decisions.c.repository_id == repository_id, decisions.c.content_digest.in_(batch)
            )
            .order_by(decisions.c.number)
        )
        found |= {row.content_digest: _from_row(row) for row in rows}
    return found


def _from_row(row: Row[Any]) -> Decision:
    return _from_mapping(dict(row._mapping))


def _from_mapping(row: Mapping[str, Any]) -> Decision:
    return Decision(
        id=row["id"],
        number=row["number"],
        repository_id=row["repository_id"],
        content=Content(
            **{name: row[name] for name in _CONTENT_COLUMNS},
            warnings=tuple(json.loads(row["warnings"])),
        ),
        source=Source(
            type=row["source_type"],
            ref=row["source_ref"],
            excerpt=row["source_excerpt"],
            decided_on=row["decided_on"],
            participants=tuple(json.loads(row["participants"])),
            stated_status=row["stated_status"],
            stated_signoff=row["stated_signoff"],
            content_digest=row["content_digest"],
        ),
        signoff=row["signoff"],
        parent_id=row["parent_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _content_values(content: Content) -> dict[str, Any]:
    values = {name: getattr(content, name) for name in _CONTENT_COLUMNS}
    return values | {"warnings": json.dumps(content.warnings, ensure_ascii=False)}


def _source_values(source: Source) -> dict[str, Any]:
    return {
        "source_type": source.type,
        "source_ref": source.ref,
        "source_excerpt": source.excerpt,
        "decided_on": source.decided_on,
        "participants": json.dumps(source.participants, ensure_ascii=False),
        "stated_status": source.stated_status,
        "stated_signoff": source.stated_signoff,
        "content_digest": source.content_digest,
    }
