"""Collisions: asked about when two decisions settle one subject, and only then."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from bicameral.intake.collisions import collides, find_collision, likeness
from bicameral.intake.direct import Given
from bicameral.intake.draft import Reading
from bicameral.ledger.domain import Content, Decision, SignOff, Source
from bicameral.ledger.questions import CollisionAnswer, answer_collision
from bicameral.ledger.text import terms_of
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import ACTOR, CHARGE, Template
from tests.intake.shelf import Shelf, drafts_of, only, outcomes

FIRST = "Store sessions in Redis"
SECOND = "Store user sessions in Redis"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"pay.py": CHARGE})


@pytest.fixture
def shelf(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Shelf:
    checkout = template.copy(tmp_path / "shop", make_environment())
    return Shelf(checkout.repository, checkout.environment)


def test_a_decision_on_a_settled_subject_waits_for_a_person(shelf: Shelf) -> None:
    """The answer names the other one; the question names both."""
    first = only(shelf.give(Given(FIRST))).decision

    stored = only(shelf.give(Given(SECOND)))

    assert (stored.decision.signoff, stored.collides_with) == ("collision_pending", first.id)
    [question] = shelf.waiting()
    assert (question.decision_id, question.other_decision_id) == (stored.decision.id, first.id)
    assert FIRST in question.text
    assert SECOND in question.text
    assert shelf.now(first).signoff == "proposed", "what stood goes on standing"


@pytest.mark.parametrize(
    ("answer", "new", "old"),
    [
        ("keep_both", "proposed", "proposed"),
        ("supersede_other", "proposed", "superseded"),
        ("reject_new", "rejected", "proposed"),
    ],
)
def test_the_persons_answer_settles_it(
    shelf: Shelf, answer: CollisionAnswer, new: SignOff, old: SignOff
) -> None:
    """And giving both again asks nothing more."""
    first = only(shelf.give(Given(FIRST))).decision
    second = only(shelf.give(Given(SECOND))).decision
    [question] = shelf.waiting()
    with shelf.ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, question, answer)

    assert outcomes(shelf.give(Given(FIRST), Given(SECOND))) == ["unchanged", "unchanged"]

    assert (shelf.now(second).signoff, shelf.now(first).signoff) == (new, old)
    assert shelf.waiting() == []


def test_two_given_together_are_asked_about_once(shelf: Shelf) -> None:
    """One collision is one question, about the later of the two."""
    done = shelf.give(Given(FIRST), Given("Log in JSON"), Given(SECOND))

    assert [each.decision.signoff for each in done.stored] == (
        ["proposed", "proposed", "collision_pending"]
    )
    assert len(shelf.waiting()) == 1


def test_documents_read_together_are_not_set_against_each_other(shelf: Shelf) -> None:
    """Whoever wrote them side by side knew of both."""
    shelf.write_adr("0001-redis", FIRST)
    shelf.write_adr("0002-redis", SECOND)

    assert {each.decision.signoff for each in shelf.read().stored} == {"ratified"}

    shelf.write_adr("0003-redis", "Store all sessions in Redis")
    assert {each.decision.signoff for each in shelf.read().stored} == {"ratified"}
    assert shelf.waiting() == []


def test_a_record_is_set_against_what_others_said(shelf: Shelf) -> None:
    """A ratified record collides as well; the answer puts it where its source says."""
    shelf.give(Given(FIRST))
    shelf.write_adr("0001-redis", SECOND)

    stored = only(shelf.read())

    assert stored.decision.signoff == "collision_pending"
    with shelf.ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, shelf.waiting()[0], "keep_both")
    assert shelf.now(stored.decision).signoff == "ratified"


@pytest.mark.parametrize("signoff", ["rejected", "superseded"])
def test_what_no_longer_stands_collides_with_nothing(shelf: Shelf, signoff: SignOff) -> None:
    """Deciding anew what was given up is the very point."""
    shelf.sign(only(shelf.give(Given(FIRST))).decision, signoff)

    assert only(shelf.give(Given(SECOND))).collides_with == ""


def test_other_subjects_do_not_collide(shelf: Shelf) -> None:
    """A false alarm makes a person wait, so it takes more than a shared word."""
    shelf.give(Given(FIRST))

    for title in ("Store invoices in PostgreSQL", "Redis is run by the platform team", "Use it"):
        assert only(shelf.give(Given(title))).collides_with == ""


def test_within_a_feature_less_likeness_is_enough(shelf: Shelf) -> None:
    """The group says that the two are about one thing."""
    apart, near = "Queue invoices in Redis streams", "Queue invoices in RabbitMQ"
    for group in ("", "billing"):
        shelf.give(Given(apart, ref=f"{group} first", feature_group=group))

    found = [
        only(shelf.give(Given(near, ref=f"{group} second", feature_group=group))).collides_with
        for group in ("search", "billing")
    ]

    assert [bool(each) for each in found] == [False, True]


def test_the_likest_is_asked_about(shelf: Shelf) -> None:
    """One question is enough; it should be the right one."""
    shelf.store(Reading(drafts_of(["Keep audit events for ninety days"])))
    nearest = only(shelf.give(Given("Keep billing audit events for ninety days"))).decision

    stored = only(shelf.give(Given("Keep billing audit events for ninety long days")))

    assert stored.collides_with == nearest.id


def test_a_title_without_a_telling_word_is_compared_with_nothing(shelf: Shelf) -> None:
    """`Use the new service` says nothing about its subject."""
    first = Given("Use the new service", description="For mail.", ref="first")
    second = Given("Use the new service", description="For payments.", ref="second")

    assert outcomes(shelf.give(first)) == outcomes(found := shelf.give(second)) == ["added"]

    assert only(found).collides_with == ""


def test_finding_is_symmetric_and_stable(shelf: Shelf) -> None:
    """Whichever of two is asked about, the other is the answer; and the same one each time."""
    shelf.store(Reading(drafts_of([FIRST, "Log in JSON", SECOND, "Deploy on Fridays"])))
    decisions = shelf.decisions()

    def found(decision: Decision) -> str:
        with shelf.ledger.reading() as connection:
            other = find_collision(connection, decision)
        return other.content.title if other else ""

    expected = {FIRST: SECOND, SECOND: FIRST, "Log in JSON": "", "Deploy on Fridays": ""}
    for _ in range(2):
        assert {each.content.title: found(each) for each in decisions} == expected


words = st.sampled_from("store session redis cache invoice user payment queue event audit".split())
titles = st.lists(words, max_size=6).map(" ".join)
groups = st.sampled_from(["", "billing", "search"])


def a_decision(title: str, group: str) -> Decision:
    return Decision(
        id=f"dec_{title}",
        number=1,
        repository_id="rep",
        content=Content(title=title, feature_group=group),
        source=Source(type="direct", ref=title),
        signoff="proposed",
        parent_id=None,
        created_at=0,
        updated_at=0,
    )


@settings(deadline=None, max_examples=200)
@for_any(one=titles, other=titles, group=groups, other_group=groups)
def test_colliding_is_symmetric(one: str, other: str, group: str, other_group: str) -> None:
    """It cannot depend on which of the two came first."""
    left, right = a_decision(one, group), a_decision(other, other_group)

    assert collides(left, right) == collides(right, left)
    assert likeness(frozenset(terms_of(one)), right) == likeness(frozenset(terms_of(other)), left)
    assert 0 <= likeness(frozenset(terms_of(one)), right) <= 1


@settings(deadline=None, max_examples=100)
@for_any(title=titles.filter(bool), group=groups, data=st.data())
def test_word_order_and_case_do_not_matter(title: str, group: str, data: st.DataObject) -> None:
    """Two people put the same thing differently."""
    decision = a_decision(title, group)
    shuffled = " ".join(data.draw(st.permutations(title.split())))
    content = replace(decision.content, title=shuffled.upper())

    assert collides(decision, replace(decision, content=content))
