"""A refusal in the words of the command line: commands for tools, flags for arguments.

The tools word their errors for clients; a person has neither tools nor arguments to name.
"""

import re

from bicameral.cli.commands import COMMANDS, PROGRAM

# Names that mean nothing but an argument or a tool, wherever they come up.
_NAMES = {
    "decision_id": "ID",
    "feature_group": "--feature",
    "file_paths": "PATH",
    "link_commit": "link-commit",
    "next_cursor": "the --cursor",
    "preflight_id": "--preflight-id",
    "question_id": "QUESTION",
    "region_id": "--region",
    "superseded_by": "--by",
}
# Words of every day too: arguments only in quotes or where an argument is asked for.
_WORDS = ("cursor", "description", "level", "limit", "rationale", "title")

_END = r"(?!\.?[\w/:'-])"
_TOOL = re.compile(r"(?:\bcall )?(?<![\w./`-])(`?)bicameral\.([a-z_]+)\1" + _END)
_NAME = re.compile(rf"(?<![\w./:'-])({'|'.join(_NAMES)}){_END}")
_WORD = re.compile(
    r"(?:(?<=`)|(?<=needs )|(?<=with )|(?<=or )|(?<=take )|(?<=leave ))"
    rf"({'|'.join(_WORDS)}){_END}"
)


def in_command_words(text: str) -> str:
    """Return a message or next step of a tool as the command line says it."""
    text = _TOOL.sub(_command, text)
    text = _NAME.sub(lambda found: _NAMES[found[1]], text)
    return _WORD.sub(r"--\1", text)


def _command(found: re.Match[str]) -> str:
    name = found[2].replace("_", "-")
    if name not in COMMANDS:
        return found[0]
    return f"{'run ' if found[0].startswith('call ') else ''}`{PROGRAM} {name}`"
