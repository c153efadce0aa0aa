"""Sub-commands: their names and summaries, and the module that each one lives in.

The module of a sub-command is loaded when it is chosen.
"""

from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from bicameral.cli.execution import CommandModule


@dataclass(frozen=True, slots=True)
class SubCommand:
    """One sub-command and the module in this room that it lives in."""

    name: str
    module: str
    summary: str


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


def add_sub_commands(
    parser: ArgumentParser, sub_commands: Iterable[SubCommand], *, required: bool, help_text: str
) -> None:
    """Take one of the sub-commands, as `action`."""
    chosen = parser.add_subparsers(
        dest="action",
        metavar="ACTION",
        prog=parser.prog,
        parser_class=SubParser,
        required=required,
        help=help_text,
    )
    for each in sub_commands:
        sub = chosen.add_parser(
            each.name,
            module=each.module,
            help=each.summary,
            description=f"{each.summary[:1].upper()}{each.summary[1:]}.",
            formatter_class=parser.formatter_class,
            allow_abbrev=False,
        )
        _share_options(parser, sub)


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
