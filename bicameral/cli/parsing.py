"""Parsers: one for the chosen command only, with the options that all commands share."""

import os
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    BooleanOptionalAction,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Sequence
from pathlib import Path

from bicameral.cli.commands import PROGRAM, Command
from bicameral.cli.page import terminal_width
from bicameral.environment import Environment


def make_parser(name: str, summary: str, environment: Environment) -> ArgumentParser:
    """Return a parser with `--repo`; modules of commands add what they take."""
    width = terminal_width(environment.variables)
    parser = ArgumentParser(
        prog=f"{PROGRAM} {name}",
        description=f"{summary[:1].upper()}{summary[1:]}.",
        # With its width given, argparse need not import shutil to find it out.
        formatter_class=lambda prog: RawDescriptionHelpFormatter(prog, width=width),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--repo",
        metavar="PATH",
        type=lambda text: _folder(text, environment.cwd),
        help="a folder of the repository; other paths start there too (default: this folder)",
    )
    parser.add_argument(
        "--trace",
        action=BooleanOptionalAction,
        help="record what the calls do, and say it on stderr; or do not, whatever else says so",
    )
    return parser


def make_command_parser(command: Command, environment: Environment) -> ArgumentParser:
    """Return the parser of a command; `refuse` in the options ends it as wrong usage does."""
    parser = make_parser(command.name, command.summary, environment)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.set_defaults(refuse=parser.error)
    return parser


def parse_serve_options(words: Sequence[str], environment: Environment) -> Namespace:
    """Parse the options of `serve`."""
    parser = make_parser("serve", "Serve an MCP client on stdin and stdout", environment)
    parser.add_argument(
        "--tool-names",
        choices=("auto", "dotted", "underscored"),
        default="auto",
        help="how tools are listed; auto: with dots unless the client refuses them; "
        "calls may use either",
    )
    return parser.parse_args(words)


def add_choice(parser: ArgumentParser, name: str, choices: Sequence[str]) -> None:
    """Add a filter of fixed words, which are listed once instead of in every line of usage."""
    metavar = name.strip("-").upper()
    parser.add_argument(name, choices=choices, metavar=metavar, help=f"only: {', '.join(choices)}")


def add_preflight_id(parser: ArgumentParser) -> None:
    """Add the option that threads a preflight's id through a later command."""
    parser.add_argument("--preflight-id", metavar="ID", help="the preflight that led to this")


def add_paging(parser: ArgumentParser) -> None:
    """Add the options of commands that answer page by page."""
    parser.add_argument("--limit", type=int, metavar="N", help="most entries to show (1 to 50)")
    parser.add_argument("--cursor", metavar="TEXT", help="where the previous page ended")


def _folder(text: str, cwd: Path) -> Path:
    path = Path(os.path.normpath(cwd / text))
    if not path.is_dir():
        raise ArgumentTypeError(f"{text!r} is not a folder")
    return path
