"""Drafts into the ledger: idempotent, amended by their source, never undoing what people did."""

from pathlib import Path

import pytest

from bicameral.ledger.questions import answer_collision
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import ACTOR, CHARGE, Template
from tests.intake.shelf import Shelf, by_title, only, outcomes


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"pay.py": CHARGE})


@pytest.fixture
def shelf(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Shelf:
    checkout = template.copy(tmp_path / "shop", make_environment())
    return Shelf(checkout.repository, checkout.environment)


def test_the_same_folder_again_changes_nothing(shelf: Shelf) -> None:
    """Sessions begin with it; the revision must not move, or nothing is remembered."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL")
    shelf.write_adr("0002-redis", "Cache in Redis", more="\nSupersedes [1](0001-postgres.md)\n")
    assert outcomes(shelf.read()) == ["added", "added"]
    before = shelf.written()

    again = shelf.read()

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert shelf.written() == before


def test_a_changed_record_amends_its_decision_and_keeps_the_history(shelf: Shelf) -> None:
    """What it said before is in the audit."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL")
    first = only(shelf.read()).decision
    shelf.write_adr("0001-postgres", "Use PostgreSQL 18", decision="We will use version 18.")

    stored = only(shelf.read())

    assert (stored.outcome, stored.decision.id) == ("amended", first.id)
    assert stored.decision.content.title == "Use PostgreSQL 18"
    assert shelf.actions(first.id) == ["decision_added", "decision_amended"]


def test_a_changed_record_resets_no_signoff_verdict_or_binding(shelf: Shelf) -> None:
    """Correcting a spelling is no reason to sign and judge everything again."""
    shelf.write_adr("0001-charge", "Charges add one", status="Proposed")
    decision = only(shelf.read()).decision
    shelf.sign(decision, "ratified")
    shelf.bind(decision)
    shelf.judge(decision)
    shelf.write_adr("0001-charge", "Charges add one, always", status="Proposed")

    stored = only(shelf.read())

    assert (stored.outcome, stored.decision.signoff) == ("amended", "ratified")
    assert shelf.status(decision) == "reflected"


@pytest.mark.parametrize(
    ("before", "after", "signoff"),
    [
        ("Proposed", "Accepted", "ratified"),
        ("Accepted", "Superseded", "superseded"),
        ("Proposed", "Rejected", "rejected"),
        ("Accepted", "Deprecated", "superseded"),
    ],
)
def test_a_status_edited_in_the_file_is_followed(
    shelf: Shelf, before: str, after: str, signoff: str
) -> None:
    """The file is where that team signs."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status=before)
    shelf.read()
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status=after)

    assert only(shelf.read()).decision.signoff == signoff


def test_what_a_person_ratified_stays_though_the_file_says_proposed(shelf: Shelf) -> None:
    """Unchanged or amended: the file has said nothing new about it."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status="Proposed")
    decision = only(shelf.read()).decision
    shelf.sign(decision, "ratified")

    assert only(shelf.read()).decision.signoff == "ratified"
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status="Proposed", more="\nAgreed.\n")
    assert only(shelf.read()).decision.signoff == "ratified"


def test_a_file_that_takes_its_acceptance_back_is_noted_and_not_followed(shelf: Shelf) -> None:
    """Ratified is not undone by an edit; the audit shows that the two disagree."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status="Accepted")
    decision = only(shelf.read()).decision
    shelf.write_adr("0001-postgres", "Use PostgreSQL", status="Proposed")

    stored = only(shelf.read())

    assert (stored.outcome, stored.decision.signoff) == ("amended", "ratified")
    assert "source_disagrees" in shelf.actions(decision.id)
    before = shelf.written()
    shelf.read()
    assert shelf.written() == before, "said once"


def test_what_a_person_changed_stays_while_the_source_is_the_same(shelf: Shelf) -> None:
    """Else every session's first read would undo the team's corrections."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL")
    decision = only(shelf.read()).decision
    shelf.amend(decision, title="Use PostgreSQL for billing", feature_group="billing", level="L1")
    before = shelf.written()

    stored = only(shelf.read())

    assert stored.outcome == "unchanged"
    assert stored.decision.content.title == "Use PostgreSQL for billing"
    assert shelf.written() == before


def test_a_group_and_level_given_by_hand_stay_where_the_source_names_none(shelf: Shelf) -> None:
    """A changed text says nothing about where the decision belongs."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL")
    decision = only(shelf.read()).decision
    shelf.amend(decision, feature_group="billing", level="L1")
    shelf.write_adr("0001-postgres", "Use PostgreSQL 18")

    content = only(shelf.read()).decision.content

    assert (content.title, content.feature_group, content.level) == (
        ("Use PostgreSQL 18", "billing", "L1")
    )


def test_a_moved_folder_keeps_its_decisions(shelf: Shelf) -> None:
    """Bindings, verdicts and questions hang on them."""
    for number in range(1, 4):
        shelf.write_adr(f"000{number}-record", f"Decide thing {number}")
    before = {title: each.id for title, each in by_title(shelf.read()).items()}
    (shelf.repository.root / "docs/adr").rename(shelf.repository.root / "decisions")

    moved = shelf.read("decisions")

    assert outcomes(moved) == ["moved"] * 3
    assert {title: each.id for title, each in by_title(moved).items()} == before
    assert outcomes(shelf.read("decisions")) == ["unchanged"] * 3
    assert len(shelf.decisions()) == 3


def test_a_copied_record_is_another_decision(shelf: Shelf) -> None:
    """The first one is still where it was."""
    path = shelf.write_adr("0001-postgres", "Use PostgreSQL")
    shelf.read()
    text = (shelf.repository.root / path).read_text(encoding="utf-8")
    shelf.repository.write("services/docs/adr/0001-postgres.md", text)

    assert outcomes(shelf.read("docs/adr", "services/docs/adr")) == ["unchanged", "added"]


def test_a_record_that_swaps_names_with_another_is_not_lost(shelf: Shelf) -> None:
    """A path is a better key than a content that has moved on."""
    one = shelf.write_adr("0001-one", "Use PostgreSQL")
    two = shelf.write_adr("0002-two", "Cache in Redis")
    first = by_title(shelf.read())
    root = shelf.repository.root
    (root / one).rename(root / "kept.md")
    (root / two).rename(root / one)

    done = shelf.read()

    assert outcomes(done) == ["amended"]
    assert only(done).decision.id == first["Use PostgreSQL"].id
    assert len(shelf.decisions()) == 2


def test_duplicate_numbers_are_two_decisions(shelf: Shelf) -> None:
    """Two branches took the next number; both were merged."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL")
    shelf.write_adr("0001-redis", "Cache in Redis")
    shelf.write_adr("0002-later", "Log in JSON", more="\nSupersedes ADR-0001\n")

    done = shelf.read()

    assert outcomes(done) == ["added"] * 3
    assert {each.decision.signoff for each in done.stored} == {"ratified"}, "which one is unknown"
    assert ["more than one" in each.reason for each in done.unresolved] == [True]


class TestSupersession:
    """Who replaces whom, as the records say it."""

    @pytest.mark.parametrize("names", [("0001-new", "0002-old"), ("0002-new", "0001-old")])
    @pytest.mark.parametrize("told_by", ["new", "old"])
    def test_a_link_on_either_side_supersedes_the_old_one(
        self, shelf: Shelf, names: tuple[str, str], told_by: str
    ) -> None:
        """In whatever order the two are read."""
        new, old = names
        tells_new = f"\nSupersedes [old]({old}.md)\n" if told_by == "new" else ""
        status = f"Superseded by [new]({new}.md)" if told_by == "old" else "Accepted"
        shelf.write_adr(new, "Use PostgreSQL", more=tells_new)
        shelf.write_adr(old, "Use MySQL", status=status)

        found = by_title(shelf.read())

        assert found["Use MySQL"].signoff == "superseded"
        assert found["Use PostgreSQL"].signoff == "ratified"
        assert shelf.successors_of(found["Use MySQL"]) == [found["Use PostgreSQL"].id]

    def test_a_later_record_supersedes_an_earlier_one(self, shelf: Shelf) -> None:
        """The usual way: years lie between the two."""
        shelf.write_adr("0001-mysql", "Use MySQL")
        old = only(shelf.read()).decision
        shelf.write_adr("0002-postgres", "Use PostgreSQL", more="\nSupersedes ADR-0001\n")

        shelf.read()

        assert shelf.now(old).signoff == "superseded"

    def test_a_missing_target_supersedes_once_it_is_there(self, shelf: Shelf) -> None:
        """Read before the record it speaks of was merged."""
        shelf.write_adr("0002-postgres", "Use PostgreSQL", more="\nSupersedes ADR-0001\n")
        assert [each.reason for each in shelf.read().unresolved] != []
        shelf.write_adr("0001-mysql", "Use MySQL")

        found = by_title(shelf.read())

        assert found["Use MySQL"].signoff == "superseded"

    def test_a_record_that_says_it_is_superseded_is_whoever_did_it(self, shelf: Shelf) -> None:
        """Its successor may live in another repository."""
        shelf.write_adr("0001-mysql", "Use MySQL", status="Superseded by ADR-0099")

        done = shelf.read()

        assert only(done).decision.signoff == "superseded"
        assert len(done.unresolved) == 1

    def test_a_part_superseded_still_stands(self, shelf: Shelf) -> None:
        """The rest of it binds."""
        shelf.write_adr("0001-mysql", "Use MySQL")
        more = "\nPartially supersedes [1](0001-mysql.md)\n"
        shelf.write_adr("0002-postgres", "Use PostgreSQL", more=more)

        found = by_title(shelf.read())

        assert found["Use MySQL"].signoff == "ratified"
        assert shelf.successors_of(found["Use MySQL"]) == []

    def test_a_proposal_supersedes_only_when_it_is_accepted(self, shelf: Shelf) -> None:
        """Until then the old decision is what holds."""
        shelf.write_adr("0001-mysql", "Use MySQL")
        more = "\nSupersedes [1](0001-mysql.md)\n"
        shelf.write_adr("0002-postgres", "Use PostgreSQL", status="Proposed", more=more)
        assert by_title(shelf.read())["Use MySQL"].signoff == "ratified"
        shelf.write_adr("0002-postgres", "Use PostgreSQL", status="Accepted", more=more)

        assert by_title(shelf.read())["Use MySQL"].signoff == "superseded"

    def test_a_proposal_that_a_person_ratified_supersedes_too(self, shelf: Shelf) -> None:
        """The file need not say it again."""
        shelf.write_adr("0001-mysql", "Use MySQL")
        more = "\nSupersedes [1](0001-mysql.md)\n"
        shelf.write_adr("0002-postgres", "Use PostgreSQL", status="Proposed", more=more)
        shelf.sign(by_title(shelf.read())["Use PostgreSQL"], "ratified")

        assert by_title(shelf.read())["Use MySQL"].signoff == "superseded"

    def test_a_record_that_names_itself_supersedes_nothing(self, shelf: Shelf) -> None:
        """A copied template still has its own number in it."""
        shelf.write_adr("0001-mysql", "Use MySQL", more="\nSupersedes [1](0001-mysql.md)\n")

        assert only(shelf.read()).decision.signoff == "ratified"


def test_answers_to_a_collision_are_not_undone_by_reading_again(shelf: Shelf) -> None:
    """A person has settled it."""
    shelf.write_adr("0001-postgres", "Use PostgreSQL for billing")
    shelf.read()
    shelf.write_adr("0001-billing", "Use PostgreSQL for billing", folder="services/adr")
    second = only(shelf.read("services/adr"))
    assert (second.decision.signoff, bool(second.collides_with)) == ("collision_pending", True)
    [question] = shelf.waiting()
    with shelf.ledger.writing(ACTOR) as transaction:
        answer_collision(transaction, question, "keep_both")

    again = shelf.read("docs/adr", "services/adr")

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert {each.decision.signoff for each in again.stored} == {"ratified"}
    assert shelf.waiting() == []
