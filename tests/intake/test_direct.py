"""Decisions given directly: found again by where they were made, or by their words."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from bicameral.errors import InputRefused
from bicameral.intake.direct import Given, draft_of
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import CHARGE, Template
from tests.intake.shelf import Shelf, only, outcomes

MEETING = "standup 2026-11-20"
POSTGRES = Given(
    "Use PostgreSQL for billing",
    description="One database for money.",
    rationale="Transactions.",
    ref=MEETING,
    participants=("Architecture",),
    decided_on=date(2026, 11, 20),
)
REDIS = Given("Cache sessions in Redis", ref=MEETING)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"pay.py": CHARGE})


@pytest.fixture
def shelf(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Shelf:
    checkout = template.copy(tmp_path / "shop", make_environment())
    return Shelf(checkout.repository, checkout.environment)


def test_it_is_proposed_and_keeps_what_was_said_of_it(shelf: Shelf) -> None:
    """Saying is not signing."""
    decision = only(shelf.give(POSTGRES)).decision

    assert decision.signoff == "proposed"
    assert (decision.content.title, decision.content.description, decision.content.rationale) == (
        (POSTGRES.title, POSTGRES.description, POSTGRES.rationale)
    )
    source = decision.source
    assert (source.type, source.ref, source.decided_on, source.participants) == (
        ("direct", MEETING, "2026-11-20", ("Architecture",))
    )


@pytest.mark.parametrize("given", [POSTGRES, replace(POSTGRES, ref="")])
def test_giving_it_again_adds_nothing(shelf: Shelf, given: Given) -> None:
    """By its place, or by its words where it has none."""
    shelf.give(given)
    before = shelf.written()

    assert outcomes(shelf.give(given)) == ["unchanged"]

    assert shelf.written() == before


def test_giving_it_twice_in_one_call_adds_it_once(shelf: Shelf) -> None:
    """Lists are put together from several places."""
    done = shelf.give(REDIS, POSTGRES, REDIS)

    assert outcomes(done) == ["added", "added", "unchanged"]
    assert len(shelf.decisions()) == 2
    assert shelf.waiting() == []


def test_one_meeting_decides_more_than_one_thing(shelf: Shelf) -> None:
    """The second decision of a meeting must not replace the first."""
    everything = (POSTGRES, REDIS, Given("Log in JSON", ref=MEETING))
    done = outcomes(shelf.give(*everything[:2])) + outcomes(shelf.give(everything[2]))

    assert done == ["added"] * 3
    assert [each.source.ref for each in shelf.decisions()] == [
        MEETING,
        f"{MEETING}#cache-sessions-in-redis",
        f"{MEETING}#log-in-json",
    ]
    for order in (everything, everything[::-1]):
        assert outcomes(shelf.give(*order)) == ["unchanged"] * 3


def test_a_title_that_a_person_changed_is_still_the_same_decision(shelf: Shelf) -> None:
    """What was given is compared with what was given."""
    decision = only(shelf.give(POSTGRES)).decision
    shelf.amend(decision, title="Use PostgreSQL 18 for billing")

    stored = only(shelf.give(POSTGRES))

    assert (stored.outcome, stored.decision.id) == ("unchanged", decision.id)
    assert stored.decision.content.title == "Use PostgreSQL 18 for billing"


def test_the_same_place_and_title_with_other_words_amends(shelf: Shelf) -> None:
    """Said again more precisely; it is still the one decision."""
    first = only(shelf.give(POSTGRES)).decision

    stored = only(shelf.give(replace(POSTGRES, description="Two databases, after all.")))

    assert (stored.outcome, stored.decision.id) == ("amended", first.id)
    assert stored.decision.content.description == "Two databases, after all."


def test_the_same_words_with_another_group_regroup(shelf: Shelf) -> None:
    """The caller says something new, if not in words."""
    first = only(shelf.give(POSTGRES)).decision

    stored = only(shelf.give(replace(POSTGRES, feature_group="billing", level="L1")))

    assert (stored.outcome, stored.decision.id) == ("amended", first.id)
    assert (stored.decision.content.feature_group, stored.decision.content.level) == (
        ("billing", "L1")
    )


def test_words_that_are_given_a_place_later_stay_one_decision(shelf: Shelf) -> None:
    """Said in a conversation first, then with the link to it."""
    first = only(shelf.give(replace(POSTGRES, ref=""))).decision

    stored = only(shelf.give(replace(POSTGRES, ref="https://git.example.invalid/pull/12")))

    assert (stored.outcome, stored.decision.id) == ("moved", first.id)
    assert len(shelf.decisions()) == 1


def test_two_places_in_one_call_do_not_take_one_decision_from_each_other(shelf: Shelf) -> None:
    """Else each call would move it, and the revision with it."""
    both = (POSTGRES, replace(POSTGRES, ref="another meeting"))
    shelf.give(POSTGRES)
    shelf.give(*both)
    before = shelf.written()

    assert outcomes(shelf.give(*both)) == ["unchanged", "unchanged"]

    assert shelf.written() == before


def test_words_given_two_places_at_once_are_two_decisions(shelf: Shelf) -> None:
    """One of them is what was there before; which one does not change from call to call."""
    first = only(shelf.give(replace(POSTGRES, ref=""))).decision
    both = (replace(POSTGRES, ref="here"), replace(POSTGRES, ref="there"))

    done = shelf.give(*both)

    assert outcomes(done) == ["moved", "added"]
    assert done.stored[0].decision.id == first.id
    assert outcomes(shelf.give(*both)) == ["unchanged", "unchanged"]


def test_a_place_too_long_for_a_file_name_is_no_file(shelf: Shelf) -> None:
    """Places are looked at as files, since records move."""
    far = replace(POSTGRES, ref="https://" + "x" * 400)
    first = only(shelf.give(far)).decision

    assert only(shelf.give(replace(POSTGRES, ref=""))).decision.id == first.id


def test_what_it_supersedes_goes_when_it_is_ratified(shelf: Shelf) -> None:
    """And asks nobody whether the two collide: it says what it replaces."""
    path = shelf.write_adr("0001-kafka", "Keep billing events for ninety days in Kafka")
    old = only(shelf.read()).decision
    title = "Keep billing events for ninety days in Redis"
    assert only(shelf.give(Given(title, ref="silent about it"))).collides_with == old.id
    shelf.sign(shelf.decisions()[-1], "rejected")
    new = Given(title, description="At last.", ref=MEETING, supersedes=(path, MEETING))

    stored = only(shelf.give(new))
    assert (stored.decision.signoff, stored.collides_with) == ("proposed", "")
    assert shelf.now(old).signoff == "ratified"
    shelf.sign(stored.decision, "ratified")
    shelf.give(new)

    assert shelf.now(old).signoff == "superseded"
    assert shelf.successors_of(old) == [stored.decision.id]
    assert shelf.now(stored.decision).signoff == "ratified", "nothing supersedes itself"


@pytest.mark.parametrize("place", ["title", "description", "rationale", "ref", "feature_group"])
def test_text_that_no_ledger_holds_is_refused_and_nothing_stored(shelf: Shelf, place: str) -> None:
    """A clean error, and of the whole call nothing is left."""
    for broken in ("a\0b is decided", "a \ud800 is decided"):
        with pytest.raises(InputRefused, match="cannot hold"):
            shelf.give(REDIS, replace(POSTGRES, **{place: broken}))  # type: ignore[arg-type]

    assert shelf.decisions() == []
    assert shelf.written() == (0, 0)


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@settings(deadline=None, max_examples=100)
@for_any(title=texts, description=texts, rationale=texts, ref=texts)
def test_a_draft_is_a_function_of_what_was_given(
    title: str, description: str, rationale: str, ref: str
) -> None:
    """Any text is taken as it is, and the key depends on nothing else."""
    given = Given(title, description=description, rationale=rationale, ref=ref)
    draft = draft_of(given)

    assert draft == draft_of(given)
    assert (draft.title, draft.description, draft.rationale) == (title, description, rationale)
    assert draft.source_ref == ref or draft.source_ref.startswith("direct:")
    assert draft.signoff == "proposed"
