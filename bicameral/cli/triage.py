"""`triage`: its sub-commands, and an overview when none is named.

The module of a sub-command is loaded when it is chosen: labelling a row has no use for
charts, and nothing here for the ledger.
"""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.sub_commands import SubCommand, add_sub_commands, load

OVERVIEW = SubCommand("", "triage_overview", "")
SUB_COMMANDS = {
    each.name: each
    for each in (
        SubCommand("list", "triage_list", "list what is suspected, most urgent first"),
        SubCommand("show", "triage_show", "show one row with its evidence and its history"),
        SubCommand("next", "triage_next", "label one row after another, one key each"),
        SubCommand("label", "triage_label", "say what a row is"),
        SubCommand("undo", "triage_undo", "take back the label that stood last"),
        SubCommand("stats", "triage_stats", "see how often a suspicion was right, and on what"),
        SubCommand("promote", "promote", "write a labelled row to the data set, redacted"),
        SubCommand("export", "triage_export", "write the labelled rows, for scripts"),
    )
}


def configure(parser: ArgumentParser) -> None:
    """Take a sub-command."""
    add_sub_commands(
        parser,
        SUB_COMMANDS.values(),
        required=False,
        help_text="none: an overview of what waits",
    )


def run(work: Work, options: Namespace) -> int:
    """Do what the sub-command does."""
    return load(SUB_COMMANDS.get(options.action, OVERVIEW).module).run(work, options)
