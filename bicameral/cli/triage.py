"""`triage`: its sub-commands, and an overview when none is named.

The module of a sub-command is loaded when it is chosen: labelling a row has no use for
charts, and nothing here for the ledger.
"""

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from bicameral.cli.execution import CommandModule, Work


@dataclass(frozen=True, slots=True)
class SubCommand:
    """One sub-command and the module in this room that it lives in."""

    name: str
    module: str
    summary: str


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


class SubParser(ArgumentParser):
    """The parser of one sub-command; it learns what the sub-command takes when it is chosen."""

    def __init__(self, *, module: str, **options: Any) -> None:
        super().__init__(**options)
        self._module = module
        self._is_filled = False

    def fill(self) -> None:
        """Let the sub-command's module add what it takes, once."""
        if not self._is_filled:
            self._is_filled = True
            load(self._module).configure(self)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse, as the parser of the command asks for."""
        self.fill()
        return super().parse_known_args(args, namespace)


def configure(parser: ArgumentParser) -> None:
    """Take a sub-command."""
    chosen = parser.add_subparsers(
        dest="action",
        metavar="ACTION",
        prog=parser.prog,
        parser_class=SubParser,
        help="none: an overview of what waits",
    )
    for each in SUB_COMMANDS.values():
        sub = chosen.add_parser(
            each.name,
            module=each.module,
            help=each.summary,
            description=f"{each.summary[:1].upper()}{each.summary[1:]}.",
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
        _share_options(parser, sub)


def run(work: Work, options: Namespace) -> int:
    """Do what the sub-command does."""
    return load(SUB_COMMANDS.get(options.action, OVERVIEW).module).run(work, options)


def load(module: str) -> CommandModule:
    """Return the module of a sub-command."""
    return cast(CommandModule, import_module(f"bicameral.cli.{module}"))


def _share_options(parser: ArgumentParser, sub: ArgumentParser) -> None:
    """Let `--json` and `--repo` stand behind the sub-command as well as before it."""
    place = parser._option_string_actions["--repo"]
    sub.add_argument(
        "--repo", metavar=place.metavar, type=place.type or str, default=SUPPRESS, help=place.help
    )
    said = parser._option_string_actions["--json"].help
    sub.add_argument("--json", action="store_true", default=SUPPRESS, help=said)
    sub.set_defaults(refuse=sub.error)
