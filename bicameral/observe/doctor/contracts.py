"""Contracts: whether code, registry and pages say the same of what is written."""

from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Contracts, Surroundings
from bicameral.observe.doctor.trial import FAULT


def check_contracts(around: Surroundings) -> Finding:
    """Run the guards that have what they read here."""
    return judge_contracts(around.contracts())


def judge_contracts(contracts: Contracts) -> Finding:
    """Say what the code does that nobody was told of, and what is told and never done."""
    if contracts.problems:
        return failed(
            "the code, its registry and its pages do not agree", *contracts.problems, mend=FAULT
        )
    seen = [f"{contracts.kinds} kinds of lines", f"compared: {', '.join(contracts.compared)}"]
    if contracts.skipped:
        left = ", ".join(contracts.skipped)
        seen.append(f"no source tree beside this installation, so not compared: {left}")
    return passed(
        "what the code writes is what the registry and the pages say",
        *seen,
        kinds=contracts.kinds,
        guards=len(contracts.compared),
    )
