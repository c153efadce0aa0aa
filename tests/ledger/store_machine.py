"""Any order of writes to the store, each compared with what the model makes of it."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, func, select

from bicameral.errors import NotFound, TransitionRefused
from bicameral.ledger import schema
from bicameral.ledger.bindings import (
    add_binding,
    decisions_on,
    ensure_region,
    groundings_of,
    regions_on,
)
from bicameral.ledger.bypasses import last_bypass, record_bypass
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import (
    add_decision,
    add_link,
    amend_decision,
    find_by_source,
    get_decision,
    get_decisions,
    set_parent,
    set_signoff,
)
from bicameral.ledger.domain import MAIN, REMOVED, Content, Presence, Region, SignOff, Source, View
from bicameral.ledger.questions import (
    answer_collision,
    answer_context,
    ask,
    get_question,
    questions_of,
    waiting_questions,
)
from bicameral.ledger.repositories import ensure_repository
from bicameral.ledger.states import keep_states, set_state
from bicameral.ledger.status import decision_status
from bicameral.ledger.transaction import Transaction, revision
from bicameral.ledger.verdicts import Verdict, promote_verdicts, record_verdict
from tests.conftest import Clock
from tests.ledger.model import BRANCHES, HOUR_MS, MOVES, Asked, Given, Held, Model, Pair
from tests.ledger.parts import ACTOR, KEYS, STATE
from tests.ledger.recount import assert_statistics_are_exact

SIGNOFFS: list[SignOff] = list(MOVES)  # type: ignore[arg-type]
branches = st.sampled_from(BRANCHES)
PLACES = [("src/a.py", "charge"), ("src/b.py", ""), ("src/a.py", "refund")]
places_in_code = st.sampled_from(PLACES)
notes = st.sampled_from(["", "seen"])
texts = st.lists(
    st.sampled_from("postgres billing outbox kafka the service retry_policy 日本語".split()),
    max_size=6,
).map(" ".join)
contents = st.builds(
    Content, title=texts, description=texts, feature_group=st.sampled_from(["", "g"])
)
sources = st.builds(
    Source,
    type=st.just("adr"),
    ref=st.sampled_from(["0001.md", "0002.md", "0003.md"]),
    excerpt=st.sampled_from(["", "because"]),
    participants=st.sampled_from([(), ("ada", "bob")]),
    stated_signoff=st.sampled_from(["proposed", "ratified"]),
)
verdict_kinds = st.sampled_from(["compliant", "drifted", "partial", "not_relevant"])
choices = st.integers(min_value=0, max_value=7)


class Store(RuleBasedStateMachine):
    """Each rule is one write; the invariants look at the store from every branch."""

    open_ledger: Callable[[Clock], Ledger]

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.ledger = type(self).open_ledger(self.clock)
        self.model = Model()
        self.regions: dict[tuple[str, str], Region] = {}
        self.turn = 0
        with self.ledger.writing(ACTOR) as transaction:
            self.repository_id = ensure_repository(transaction, KEYS)
        with self.ledger.reading() as connection:
            self.revision = revision(connection)
            self.audit = audit_rows(connection)
        self.begin()

    def begin(self) -> None:
        """Start where it gets interesting: two decisions, bound to two regions."""
        for number in (1, 2):
            self.ingest(Content(title=f"billing {number}"), Source("adr", f"000{number}.md"))
        for place in PLACES[:2]:
            self.see_region(place, MAIN, "d1", "c1")
        for choice, place in ((0, PLACES[0]), (1, PLACES[0]), (1, PLACES[1])):
            self.bind(choice, place, "explicit", MAIN)

    def teardown(self) -> None:
        self.ledger.close()

    def write(self, act: Callable[[Transaction], Any], expected: Any, after: Model) -> None:
        """Run one write; compare its answer and whether the revision moved with the model's."""
        self.clock.advance(seconds=1)
        self.turn += 1
        if isinstance(expected, type):
            with pytest.raises(expected), self.ledger.writing(ACTOR) as transaction:
                act(transaction)
            after = self.model
        else:
            with self.ledger.writing(ACTOR) as transaction:
                answer = act(transaction)
            assert expected is None or answer == expected
        moved = self.model.recorded() != after.recorded()
        self.model = after
        with self.ledger.reading() as connection:
            current, rows = revision(connection), audit_rows(connection)
        assert (current != self.revision) == moved
        assert rows[: len(self.audit)] == self.audit, "the audit only grows"
        assert (len(rows) > len(self.audit)) == moved
        self.revision, self.audit = current, rows

    def changed(self) -> Model:
        return copy.deepcopy(self.model)

    def a_decision(self, choice: int) -> str:
        known = sorted(self.model.decisions)
        return known[choice % len(known)]

    def a_binding(self, choice: int) -> Pair:
        known = sorted(self.model.bindings)
        return known[choice % len(known)]

    @rule(content=contents, source=sources)
    def ingest(self, content: Content, source: Source) -> None:
        """The same source again amends what is there, and only what it says itself."""
        after = self.changed()
        known = [id_ for id_, held in after.decisions.items() if held.source.ref == source.ref]
        made: list[str] = []

        def act(transaction: Transaction) -> None:
            connection = transaction.connection
            key = (source.type, source.ref)
            existing = find_by_source(connection, self.repository_id, [key]).get(key)
            assert [existing.id] * bool(existing) == known if existing else not known
            if existing is None:
                made.append(add_decision(transaction, self.repository_id, content, source).id)
            else:
                amend_decision(transaction, existing, content, source)

        if known:
            held = after.decisions[known[0]]
            held.content, held.source = content, source
            self.write(act, None, after)
        else:
            placeholder = Held(content, source, "proposed")
            after.decisions["new"] = placeholder
            self.write(act, None, after)
            self.model.decisions[made[0]] = self.model.decisions.pop("new")

    @rule(choice=choices, wanted=st.sampled_from(SIGNOFFS))
    def sign_off(self, choice: int, wanted: SignOff) -> None:
        decision = self.a_decision(choice)
        after = self.changed()
        moved = after.move(decision, wanted)
        self.write(
            lambda t: set_signoff(t, get_decision(t.connection, decision), wanted),
            TransitionRefused if moved is None else moved,
            after,
        )

    @rule(choice=choices, other=choices)
    def hang_under(self, choice: int, other: int) -> None:
        decision, parent = self.a_decision(choice), self.a_decision(other)
        after = self.changed()
        after.decisions[decision].parent = parent
        self.write(
            lambda t: set_parent(t, get_decision(t.connection, decision), parent), None, after
        )

    @rule(choice=choices, other=choices, kind=st.sampled_from(["supersedes", "partly_supersedes"]))
    def link(self, choice: int, other: int, kind: str) -> None:
        one, two = self.a_decision(choice), self.a_decision(other)
        after = self.changed()
        after.links.add((one, two, kind))
        is_new = (one, two, kind) not in self.model.links
        self.write(lambda t: add_link(t, one, two, kind), is_new, after)

    @rule(
        place=places_in_code,
        branch=branches,
        digest=st.sampled_from(["d1", "d2", "d3", REMOVED]),
        commit=st.sampled_from(["c1", "c2"]),
    )
    def see_region(self, place: Any, branch: str, digest: str, commit: str) -> None:
        presence: Presence = "removed" if digest == REMOVED else "present"
        state = replace(STATE, branch=branch, digest=digest, presence=presence, commit=commit)

        def act(transaction: Transaction) -> bool:
            path, selector = place
            region = ensure_region(transaction, self.repository_id, path, "symbol", selector)
            assert self.regions.setdefault(place, region) == region
            return set_state(transaction, region, state)

        after = self.changed()
        known = self.regions.get(place)
        seen = after.see(known.id if known else "new", state)
        self.write(act, seen, after)
        if known is None:
            states = self.model.states
            states[self.regions[place].id, branch] = states.pop(("new", branch))

    @rule(branch=st.sampled_from(["feature", "spike"]), kept=st.sets(places_in_code))
    def keep(self, branch: str, kept: set[tuple[str, str]]) -> None:
        """A branch forgets what main shows too, but for the regions it still differs in."""
        after = self.changed()
        ids = {self.regions[place].id for place in kept if place in self.regions}
        view = View(self.repository_id, branch)
        self.write(lambda t: keep_states(t, view, ids), after.keep(branch, ids), after)

    @rule(
        choice=choices,
        place=places_in_code,
        origin=st.sampled_from(["explicit", "inferred"]),
        branch=branches,
    )
    def bind(self, choice: int, place: tuple[str, str], origin: Any, branch: str) -> None:
        if place not in self.regions:
            return
        decision = self.a_decision(choice)
        region = self.regions[place]
        after = self.changed()
        after.bind((decision, region.id), origin, branch)
        changes = after.recorded() != self.model.recorded()
        self.write(lambda t: add_binding(t, decision, region, origin, branch), changes, after)

    @rule(choice=choices, origin=st.sampled_from(["explicit", "inferred"]), branch=branches)
    def bind_again(self, choice: int, origin: Any, branch: str) -> None:
        decision, region_id = self.a_binding(choice)
        place = next(place for place, each in self.regions.items() if each.id == region_id)
        self.bind(sorted(self.model.decisions).index(decision), place, origin, branch)

    @rule(choice=choices, branch=branches, kind=verdict_kinds, note=notes)
    def judge(self, choice: int, branch: str, kind: Any, note: str) -> None:
        """Judge the digest that the code has."""
        pair = self.a_binding(choice)
        state = self.model.shown(pair, branch)
        self.judge_digest(pair, branch, kind, state.digest if state else "d1", note)

    @rule(choice=choices, branch=branches, kind=verdict_kinds, digest=st.sampled_from(["d1", "d2"]))
    def judge_some_digest(self, choice: int, branch: str, kind: Any, digest: str) -> None:
        self.judge_digest(self.a_binding(choice), branch, kind, digest, "")

    def judge_digest(self, pair: Pair, branch: str, kind: Any, digest: str, note: str) -> None:
        after = self.changed()
        refusal = after.judge(pair, branch, digest, Given(kind, note, self.turn))
        expected = refusal or after.recorded() != self.model.recorded()
        verdict = Verdict(pair[0], pair[1], digest, kind, note)
        view = View(self.repository_id, branch)
        self.write(lambda t: record_verdict(t, view, verdict, commit="c1"), expected, after)

    @precondition(lambda self: any(key[3] != MAIN for key in self.model.verdicts))
    @rule(choice=choices)
    def promote(self, choice: int) -> None:
        """On main, the newest verdict stands, wherever it was given."""
        waiting = sorted(key for key in self.model.verdicts if key[3] != MAIN)
        _, region, digest, _ = waiting[choice % len(waiting)]
        after = self.changed()
        count = after.promote(region, digest, self.turn)
        self.write(lambda t: promote_verdicts(t, region, digest), count, after)

    @rule(choice=choices, minutes=st.sampled_from([0, 30, 60]))
    def bypass(self, choice: int, minutes: int) -> None:
        decision = self.a_decision(choice)
        self.clock.advance(seconds=60 * minutes)
        now = self.clock() // 1_000_000 + 1_000
        after = self.changed()
        is_due = now - after.bypassed.get(decision, 0) >= HOUR_MS
        if is_due:
            after.bypassed[decision] = now
        self.write(lambda t: record_bypass(t, decision, "hotfix"), is_due, after)

    @rule(choice=choices, other=choices, kind=st.sampled_from(["collision", "context"]))
    def put_question(self, choice: int, other: int, kind: Any) -> None:
        decision = self.a_decision(choice)
        against = self.a_decision(other) if kind == "collision" else None
        after = self.changed()
        moved = after.move(decision, f"{kind}_pending")  # type: ignore[arg-type]
        made: list[str] = []

        def act(transaction: Transaction) -> None:
            current = get_decision(transaction.connection, decision)
            asked = ask(transaction, current, kind, "which?", other_decision_id=against)
            made.append(asked.id)

        after.questions["new"] = Asked(decision, kind, against)
        self.write(act, TransitionRefused if moved is None else None, after)
        if "new" in self.model.questions:
            self.model.questions[made[0]] = self.model.questions.pop("new")

    @precondition(lambda self: self.model.questions)
    @rule(choice=choices, answer=st.sampled_from(["keep_both", "supersede_other", "reject_new"]))
    def answer(self, choice: int, answer: Any) -> None:
        question_id = sorted(self.model.questions)[choice % len(self.model.questions)]
        after = self.changed()
        is_collision = after.questions[question_id].kind == "collision"
        allowed = after.answer(question_id, answer)

        def act(transaction: Transaction) -> None:
            found = get_question(transaction.connection, question_id)
            (answer_collision if is_collision else answer_context)(transaction, found, answer)

        self.write(act, None if allowed else TransitionRefused, after)

    @rule(content=contents)
    def fail_half_way(self, content: Content) -> None:
        """A write that raises leaves nothing of itself."""

        def act(transaction: Transaction) -> None:
            source = Source(type="direct", ref="never")
            add_decision(transaction, self.repository_id, content, source)
            raise NotFound("half-way", next_step="none")

        self.write(act, NotFound, self.changed())

    @invariant()
    def every_branch_sees_what_the_model_says(self) -> None:
        with self.ledger.reading() as connection:
            self.compare_decisions(connection)
            for branch in BRANCHES:
                self.compare_branch(connection, View(self.repository_id, branch))
            self.compare_questions(connection)
            assert_statistics_are_exact(connection)

    def compare_decisions(self, connection: Connection) -> None:
        found = get_decisions(connection, self.model.decisions)
        assert {
            each.id: Held(each.content, each.source, each.signoff, each.parent_id)
            for each in found.values()
        } == self.model.decisions
        assert connection.scalar(select(func.count()).select_from(schema.decisions)) == len(found)
        links = connection.execute(select(schema.decision_links)).all()
        assert {(row.from_id, row.to_id, row.kind) for row in links} == self.model.links
        for decision, moment in self.model.bypassed.items():
            assert last_bypass(connection, decision) == moment

    def compare_branch(self, connection: Connection, view: View) -> None:
        groundings = groundings_of(connection, view, self.model.decisions)
        by_region = {region.id: place for place, region in self.regions.items()}
        expected: dict[str, list[str]] = {}
        for decision, found in groundings.items():
            pairs = [pair for pair in self.model.bindings if pair[0] == decision]
            seen = {pair: state for pair in pairs if (state := self.model.shown(pair, view.branch))}
            assert {(g.decision_id, g.region.id): g.state for g in found} == seen
            for grounding in found:
                pair = (decision, grounding.region.id)
                given = self.model.verdicts_on(pair, view.branch)
                assert grounding.origin == self.model.bindings[pair]
                assert grounding.verdict == given.get(grounding.state.digest)
                assert grounding.was_compliant == self.model.once_complied(pair, view.branch)
            assert decision_status(found) == self.model.status(decision, view.branch)
            for _, region in seen:
                expected.setdefault(by_region[region][0], []).append(decision)
        paths = ["src/a.py", "src/b.py", "src/none.py"]
        assert decisions_on(connection, view, paths, most=99) == {
            path: sorted(set(ids)) for path, ids in expected.items()
        }
        bound = {region for _, region in self.model.bindings}
        assert {region.id: state for region, state in regions_on(connection, view, paths)} == {
            region: self.model.state_on(region, view.branch) for region in bound
        }

    def compare_questions(self, connection: Connection) -> None:
        waiting = waiting_questions(connection, self.repository_id, most=99)
        asked = questions_of(connection, list(self.model.decisions))
        assert {
            each.id: Asked(each.decision_id, each.kind, each.other_decision_id, each.answer)
            for each in asked
        } == self.model.questions
        assert [each.id for each in waiting] == sorted(
            key for key, question in self.model.questions.items() if question.answer is None
        )


def audit_rows(connection: Connection) -> list[tuple[Any, ...]]:
    rows = connection.execute(select(schema.audit).order_by(schema.audit.c.number))
    return [tuple(row) for row in rows]
