"""The reference of the command line, made from the parsers that the command itself uses."""

from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from bicameral.cli import parsing
from bicameral.cli.commands import COMMANDS, GROUPS, PROGRAM, Command
from bicameral.cli.hook import HOOKS
from bicameral.environment import Environment

HEAD = Path(__file__).with_name("cli_head.md")


def commands_page() -> str:
    """Return `docs/reference/cli.md`."""
    parts = [HEAD.read_text(encoding="utf-8")]
    for group, commands in GROUPS.items():
        parts.append(f"# {group}\n")
        parts += [_section(command) for command in commands]
    return "\n".join(parts)


def parser_of(command: Command, *, cwd: Path = Path("/")) -> ArgumentParser:
    """Return the parser that the command itself uses."""
    environment = plain_environment(cwd)
    if command.name == "serve":
        return _parser_of_serve(environment)
    parser = parsing.make_command_parser(command, environment)
    import_module(f"bicameral.cli.{command.module}").configure(parser)
    return parser


def _parser_of_serve(environment: Environment) -> ArgumentParser:
    made: list[ArgumentParser] = []
    make = parsing.make_parser

    def keep(name: str, summary: str, environment: Environment) -> ArgumentParser:
        made.append(make(name, summary, environment))
        return made[-1]

    with patch.object(parsing, "make_parser", keep):
        parsing.parse_serve_options([], environment)
    return made[0]


def plain_environment(cwd: Path, variables: Mapping[str, str] | None = None) -> Environment:
    """Return an environment in which nothing is set and no time passes."""
    return Environment(
        home=cwd,
        cwd=cwd,
        variables=dict(variables or {"COLUMNS": "80"}),
        process_id=1,
        time_ns=lambda: 0,
        monotonic_ns=lambda: 0,
        random_bytes=bytes,
        warn=lambda text: None,
    )


def _section(command: Command) -> str:
    lines = [f"## {PROGRAM} {command.name}", "", f"{_capital(command.summary)}.", ""]
    usage = f"{PROGRAM} {command.name} {command.takes}".rstrip()
    if command.name == "hook":
        names = ", ".join(f"`{name}`" for name in HOOKS)
        lines += [f"`{usage}`, with the client's JSON on stdin; NAME is one of {names}."]
        lines += ["It exits with 0, and with 1 for another name."]
    else:
        parser = parser_of(command)
        lines += [f"`{usage} [OPTIONS]`", "", *_table(parser), *_sub_commands(parser)]
    return "\n".join([*lines, ""])


def _sub_commands(parser: ArgumentParser) -> Iterator[str]:
    """Yield a section for each sub-command, filled as it is when it is chosen."""
    for action in parser._actions:
        for name, each in action.choices.items() if isinstance(action.choices, dict) else ():
            each.fill()
            yield from ("", f"### {parser.prog} {name}", "", *_table(each))


def _table(parser: ArgumentParser) -> Iterator[str]:
    yield "| argument | takes | meaning |"
    yield "|---|---|---|"
    for action in parser._actions:
        if action.help != SUPPRESS and action.dest != "help":
            yield f"| `{_spelled(action)}` | {_takes(action)} | {_help(action)} |"


def _spelled(action: Action) -> str:
    return ", ".join(action.option_strings) or str(action.metavar or action.dest.upper())


def _takes(action: Action) -> str:
    if action.choices and not action.option_strings:
        return ", ".join(f"`{each}`" for each in action.choices)
    if action.nargs == 0:
        return ""
    many = {"+": "one or more", "*": "any number", "?": "optional"}.get(str(action.nargs), "")
    if not action.option_strings:
        return many or "required"
    if action.choices and not action.metavar:
        return ", ".join(f"`{each}`" for each in action.choices)
    return f"`{action.metavar or action.dest.upper()}`"


def _help(action: Action) -> str:
    return (action.help or "").replace("%%", "%").replace("|", "\\|")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


__all__ = ["COMMANDS", "commands_page", "parser_of", "plain_environment"]
