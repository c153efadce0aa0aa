"""`trace`: what calls did, as trees or as figures, from the trace of this data home."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.sub_commands import SubCommand, add_sub_commands, load

SUB_COMMANDS = {
    each.name: each
    for each in (
        SubCommand("view", "trace_view", "show the last calls, each as a tree"),
        SubCommand("stats", "trace_stats", "show how long the parts take, and how often they fail"),
    )
}


def configure(parser: ArgumentParser) -> None:
    """Take a sub-command."""
    add_sub_commands(
        parser, SUB_COMMANDS.values(), required=True, help_text="what to show of the trace"
    )


def run(work: Work, options: Namespace) -> int:
    """Do what the sub-command does."""
    return load(SUB_COMMANDS[options.action].module).run(work, options)
