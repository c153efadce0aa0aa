"""The fit: never worse than the default on rows it had not seen, and right where it is known."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.errors import TooFewLabels
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import gates_around
from bicameral.review.calibration.fitting import (
    SignTest,
    Tally,
    changes,
    fit,
    tally,
)
from bicameral.review.dataset import EvalRow
from tests.review.calibration.parts import (
    TWO_GATES,
    a_case,
    collected_from,
    fitted_to,
    proposed,
)
from tests.review.calibration.worlds import misses_by_share, noisy, world


@given(
    seed=st.integers(0, 10_000),
    ratio=st.sampled_from([0.5, 1, 2, 5]),
    present=st.sampled_from([Gate(), Gate(coverage=0.3, most=5), Gate(coverage=0.95, most=1)]),
)
@settings(max_examples=6, deadline=None)
def test_a_proposal_never_costs_more_on_held_out_folds_than_the_default_or_the_gate_in_force(
    seed: int, ratio: float, present: Gate
) -> None:
    """The promise of calibration; where it cannot be kept, the gate stays."""
    try:
        fitted = fitted_to(noisy(seed), present=present, ratio=ratio)
    except TooFewLabels:
        return
    cost = fitted.proposed.cost(fitted.ratio)
    assert cost <= fitted.default.cost(fitted.ratio)
    assert cost <= fitted.present.cost(fitted.ratio)
    assert (cost < fitted.present.cost(fitted.ratio)) == (fitted.verdict != "keep") or (
        fitted.fitted_gate == fitted.gates.present
    )


def test_most_of_the_random_worlds_have_labels_enough() -> None:
    """The property above would hold of nothing if every world were refused."""
    verdicts: list[str] = []
    for seed in range(4):
        try:
            verdicts.append(fitted_to(noisy(seed)).verdict)
        except TooFewLabels:
            verdicts.append("refused")
    assert verdicts.count("refused") <= 1
    assert {"keep", "fitted"} <= set(verdicts)


def test_the_figures_of_a_fold_are_those_of_a_gate_that_never_saw_its_rows() -> None:
    """Counted again the long way: fit on the other rows alone, then look at these."""
    rows = noisy(3)
    fitted = fitted_to(rows)
    gates = gates_around(Gate())
    for held in fitted.folds:
        held_out = {case.key for case in held.fold.cases}
        others = [case for case in fitted.cases if case.key not in held_out]
        alone = fit(others, gates, ratio=fitted.ratio, folds=2).fitted_gate
        assert gates.tried[alone] == gates.tried[held.fitted_gate]
        assert held.fitted == tally(held.fold.cases, alone)
    assert fitted.fitted == sum((held.fitted for held in fitted.folds), Tally())


def test_a_gate_is_not_chosen_by_the_rows_it_is_tried_on() -> None:
    """One family alone would tip the choice; where it is held out, it must not."""
    heavy = [a_case(f"w{n}", wanted=["d"], shown=[[], ["d"]], kin="x") for n in range(5)]
    others = [a_case(f"u{n}", unwanted=["d"], shown=[[], ["d"]]) for n in range(4)]
    fitted = fit([*heavy, *others], TWO_GATES, ratio=Fraction(1), folds=2)
    [with_heavy] = [each for each in fitted.folds if heavy[0] in each.fold.cases]
    assert fitted.fitted_gate == 1
    assert with_heavy.fitted_gate == 0
    assert with_heavy.fitted.misses == 5
    assert fitted.verdict == "keep"


PLANTED = {
    "what is wanted shares less": ([(3, 3, True, True), (2, 3, False, True)], Gate(coverage=0.4)),
    "what is unwanted shares more": ([(4, 1, True, True), (4, 2, False, True)], Gate(coverage=0.7)),
    "one word of two is enough": (
        [(1, 1, True, True), (2, 3, False, True)],
        Gate(lone_coverage=0.4),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_gate_is_found(name: str) -> None:
    """Each world was made so that one gate is right about all of it, and the default is not."""
    shapes, best = PLANTED[name]
    fitted = fitted_to(planted(shapes, seed=5))
    assert fitted.verdict == "fitted"
    assert proposed(fitted) == best
    assert fitted.fitted == Tally()
    assert fitted.present.cost(fitted.ratio) >= 25
    assert fitted.signs.probability < 0.001
    fresh = collected_from(planted(shapes, seed=99))
    assert tally(fresh.cases, fitted.proposed_gate) == Tally()


def planted(shapes: list[tuple[int, int, bool, bool]], *, seed: int) -> list[EvalRow]:
    made = world(seed)
    return [
        row
        for shared, unknown, is_wanted, in_title in shapes
        for row in made.rows(
            25, shared=shared, unknown=unknown, is_wanted=is_wanted, in_title=in_title
        )
    ]


def test_a_second_match_that_nobody_wants_is_cut_off() -> None:
    """The best match is wanted each time, and the one behind it never."""
    made = world(8)
    rows = []
    for _ in range(25):
        row = made.row(shared=4, unknown=0, is_wanted=True)
        [own] = row.decisions
        # Its double shares as many words, and comes after it: equal scores go by age.
        double = type(own)(key=f"{own.key}b", title=own.title, description=own.description + " too")
        rows.append(
            EvalRow(
                id=row.id,
                origin="synthetic",
                category="plain_hit",
                topic=row.topic,
                decisions=[own, double],
                expected=row.expected,
            )
        )
    fitted = fitted_to(rows)
    assert proposed(fitted) == Gate(most=1)
    assert (fitted.present, fitted.fitted) == (Tally(0, 25), Tally())


def test_a_gate_that_is_right_already_is_kept() -> None:
    """An answer like any other, and no error."""
    made = world(2)
    rows = made.rows(25, shared=4, unknown=1, is_wanted=True)
    rows += made.rows(25, shared=2, unknown=3, is_wanted=False)
    fitted = fitted_to(rows)
    assert fitted.verdict == "keep"
    assert proposed(fitted) == Gate()
    assert list(changes(fitted, to=fitted.proposed_gate)) == []


def test_the_default_is_proposed_where_it_is_the_best_of_the_three() -> None:
    """A gate that was fitted to other rows once may have become the worst choice."""
    cases = [
        # Wanted in the first half, unwanted in the second, and no fold can know which.
        a_case(f"{n}", wanted=["d"] * (n < 20), unwanted=["d"] * (n >= 20), shown=[["d"], []])
        for n in range(60)
    ]
    gates = type(TWO_GATES)((Gate(most=5), Gate()), present=0, default=1)
    fitted = fit(cases, gates, ratio=Fraction(1), folds=5)
    assert (fitted.present, fitted.default) == (Tally(0, 40), Tally(20, 0))
    assert fitted.verdict == "default"
    assert proposed(fitted) == Gate()
    assert fitted.proposed == fitted.default


def test_the_ratio_decides_where_a_miss_and_a_false_fire_are_weighed() -> None:
    """Thirty unwanted decisions have to be shown to show twenty wanted ones: worth it, or not."""
    cases = [a_case(f"w{n}", wanted=["d"], shown=[[], ["d"]]) for n in range(20)]
    cases += [a_case(f"u{n}", unwanted=["d"], shown=[[], ["d"]]) for n in range(30)]
    for ratio, verdict in (
        (Fraction(1), "keep"),
        (Fraction(3, 2), "keep"),
        (Fraction(2), "fitted"),
    ):
        assert fit(cases, TWO_GATES, ratio=ratio, folds=5).verdict == verdict


def test_the_same_rows_in_any_order_give_the_same_answer() -> None:
    """Who labels in another order must not get another gate."""
    rows = noisy(0)
    one = fitted_to(rows)
    for other in (fitted_to(rows[::-1]), fitted_to(rows[50:] + rows[:50])):
        assert other.proposed_gate == one.proposed_gate
        assert other.signs == one.signs
        assert [each.fitted for each in other.folds] == [each.fitted for each in one.folds]
        assert [case.id for case in other.cases] == [case.id for case in one.cases]


def test_two_data_sets_in_either_order_give_the_same_answer() -> None:
    """Each stands in a ledger of its own, as the evaluation seeds them."""
    first, second = misses_by_share(15, seed=1), noisy(4, rows=40)
    one, other = fitted_to(first, second), fitted_to(second, first)
    assert proposed(one) == proposed(other)
    assert one.fitted == other.fitted


def test_what_changes_sides_is_listed_with_whether_that_is_right() -> None:
    """A person decides about a gate by what it would have done."""
    better = a_case("a", wanted=["d1"], shown=[[], ["d1"]])
    worse = a_case("b", unwanted=["d2"], shown=[[], ["d2", "unlabelled"]])
    same = a_case("c", wanted=["d3"], shown=[["d3"], ["d3"]])
    fitted = fit([same, worse, better], TWO_GATES, ratio=Fraction(2), folds=2)
    found = [(each.case.key, each.decision_id, each.is_better) for each in changes(fitted, to=1)]
    assert found == [("a", "d1", True), ("b", "d2", False)]


@pytest.mark.parametrize(
    ("better", "worse", "probability"),
    [(0, 0, 1.0), (5, 0, 1 / 32), (0, 5, 1.0), (9, 1, 11 / 1024), (1, 1, 0.75)],
)
def test_the_sign_test_is_exact(better: int, worse: int, probability: float) -> None:
    """Values that can be checked by hand: tails of a fair coin."""
    assert SignTest(better, worse, alike=7).probability == probability


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_gives_a_probability(better: int, worse: int) -> None:
    """The two tails overlap in the middle value alone."""
    one = SignTest(better, worse, 0).probability
    other = SignTest(worse, better, 0).probability
    middle = comb(better + worse, better) / 2 ** (better + worse)
    assert 0 < one <= 1
    assert one + other == pytest.approx(1 + middle)
