"""Contracts: whether the lines that the code writes are those that the registry tells of."""

from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Contracts, Surroundings
from bicameral.observe.doctor.trial import FAULT


def check_contracts(around: Surroundings) -> Finding:
    """Compare code and registry."""
    return judge_contracts(around.contracts())


def judge_contracts(contracts: Contracts) -> Finding:
    """Say what the code writes that nobody was told of, and what is told and never written."""
    if contracts.problems:
        return failed(
            "the code and the registry of events do not agree", *contracts.problems, mend=FAULT
        )
    return passed(
        "every field that the code writes is in the registry of events",
        f"{contracts.kinds} kinds of lines",
        kinds=contracts.kinds,
    )
