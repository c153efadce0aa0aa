"""`telemetry prune-apply`: remove what is older than the policy keeps it, if that was said."""

from argparse import ArgumentParser, Namespace
from contextlib import closing

from bicameral.cli.execution import Work
from bicameral.cli.telemetry_removal import add_consent, answer_of, refuse, show
from bicameral.govern.retention import read_policy
from bicameral.ledger.database import open_ledger
from bicameral.ledger.domain import Actor
from bicameral.removal.pruning import apply_pruning, plan_pruning

COMMAND = "bicameral-mcp telemetry prune-apply"


def configure(parser: ArgumentParser) -> None:
    """Take the word that it is meant."""
    add_consent(parser)


def run(work: Work, options: Namespace) -> int:
    """Remove it and say what went, or refuse."""
    environment, policy = work.environment, read_policy()
    with closing(open_ledger(environment)) as ledger:
        if not options.i_understand:
            plan = plan_pruning(environment, ledger, policy)
            answer = {"as_of": plan.as_of, **answer_of(plan.parts, is_done=False)}
            return refuse(work, answer, COMMAND)
        actor = Actor(session_id="cli", tool="cli.telemetry.prune-apply")
        done = apply_pruning(environment, ledger, policy, actor=actor)
    work.show({"as_of": done.as_of, **answer_of(done.parts, is_done=True)}, show)
    return 0
