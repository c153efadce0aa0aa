"""The gathering of rows, taken up again in the middle: a state holds all that it knows."""

from collections.abc import Callable, Collection

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.review.reconciliation.captured import EngagementRow, EventRow
from bicameral.review.reconciliation.classify import classify
from bicameral.review.reconciliation.evidence import Followed
from bicameral.review.reconciliation.stretches import Gathering, Stretch
from tests.review.reconciliation.parts import stamp

Step = Callable[[Gathering], None]
SESSIONS = st.sampled_from(["s1", "s2", "s3"])
IDS = st.sampled_from(["p1", "p2", "p3", None])
TIMES = st.integers(min_value=0, max_value=100)


def event(at: int, session: str, kind: str, preflight_id: str | None = None) -> Step:
    row = EventRow(stamp(at), session, kind, preflight_id=preflight_id)
    return lambda gathering: gathering.take_events([row])


def engagement(at: int, session: str, preflight_id: str | None) -> Step:
    row = EngagementRow(stamp(at), session, "bind", "dec_1", preflight_id, attribution="explicit")
    return lambda gathering: gathering.take_engagements([row])


STEPS = st.lists(
    st.one_of(
        st.builds(event, TIMES, SESSIONS, st.just("preflight"), IDS),
        st.builds(
            event, TIMES, SESSIONS, st.sampled_from(["edit_observed", "session_ended", "other"])
        ),
        st.builds(engagement, TIMES, SESSIONS, IDS),
        st.builds(stamp, TIMES),  # both logs were read up to here
    ),
    max_size=20,
)


def restored(gathering: Gathering) -> Gathering:
    """Return what the next process makes of the state that this one leaves."""
    content = msgspec.json.encode(gathering.stretches())
    return Gathering(msgspec.json.decode(content, type=list[Stretch]))


def run(steps: Collection[Step | str], *, is_interrupted: bool) -> list[bytes]:
    gathering = Gathering()
    given_out: list[Stretch] = []
    for step in steps:
        if isinstance(step, str):
            given_out += gathering.pop_ready(step)
        else:
            step(gathering)
        if is_interrupted:
            gathering = restored(gathering)
    given_out += gathering.pop_ready("~")
    given_out += gathering.pop_silent("~", alive=(), gone=())
    # Numbers only order what is open at the same time; they begin anew with the state.
    return [msgspec.json.encode(msgspec.structs.replace(each, number=0)) for each in given_out]


@settings(deadline=None, max_examples=200)
@given(steps=STEPS)
def test_a_gathering_taken_up_from_its_state_gives_out_the_same(steps: list[Step | str]) -> None:
    """However often a run is stopped: the same sessions, in the same order, with the same rows."""
    assert run(steps, is_interrupted=True) == run(steps, is_interrupted=False)


def test_a_call_read_before_its_preflight_reaches_it_in_another_session() -> None:
    """A log that is ahead does not lose the join; an own call is not counted twice."""
    gathering = Gathering()
    for step in (
        engagement(20, "terminal", "p1"),
        engagement(21, "s1", "p1"),
        event(10, "s1", "preflight", "p1"),
    ):
        step(gathering)
    [stretch] = [each for each in gathering.stretches() if each.session_id == "s1"]
    assert [row.session_id for row in stretch.foreign] == ["terminal"]
    assert [row.session_id for row in stretch.engagements] == ["s1"]


def test_an_id_that_sessions_share_leads_to_the_oldest_that_is_open() -> None:
    """The first session ends; the id leads to the second from then on."""
    gathering = Gathering()
    event(1, "s1", "preflight", "shared")(gathering)
    event(2, "s2", "preflight", "shared")(gathering)
    engagement(2, "terminal", "shared")(gathering)
    event(3, "s1", "session_ended")(gathering)
    [first] = gathering.pop_ready("~")
    assert len(first.foreign) == 1
    engagement(4, "terminal", "shared")(gathering)
    [stretch] = [each for each in gathering.stretches() if each.session_id == "s2"]
    assert len(stretch.foreign) == 1


def test_what_asks_the_ledger_cannot_be_judged_without_it() -> None:
    """A slip in the program must not become a row."""
    preflight = EventRow(stamp(1), "s1", "preflight")
    call = EngagementRow(stamp(2), "s1", "bind", "dec_1")
    with pytest.raises(ValueError, match="the ledger has to be asked"):
        classify(Followed(preflight, None, True, engagements=(call,)), None)
