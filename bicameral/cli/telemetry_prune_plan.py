"""`telemetry prune-plan`: what is older than the policy keeps it; nothing is changed."""

from argparse import ArgumentParser, Namespace
from contextlib import closing

from bicameral.cli.execution import Work
from bicameral.cli.telemetry_removal import answer_of, show
from bicameral.govern.retention import read_policy
from bicameral.ledger.database import open_ledger
from bicameral.removal.pruning import plan_pruning


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Look, and show it."""
    with closing(open_ledger(work.environment)) as ledger:
        plan = plan_pruning(work.environment, ledger, read_policy())
    work.show({"as_of": plan.as_of, **answer_of(plan.parts, is_done=False)}, show)
    return 0
