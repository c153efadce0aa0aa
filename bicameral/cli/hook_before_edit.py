"""`hook before-edit`: reminds a session, once, that nobody asked about the file it edits.

It never denies an edit. It rests on the captured rows, so without capture it is silent;
so it is where no decision was ever recorded, and where preflights are muted.
"""

import json

from bicameral.capture.reminders import remind_once
from bicameral.cli.hook_input import path_in_repository, read_edit
from bicameral.environment import Environment

MUTE_VARIABLE = "BICAMERAL_PREFLIGHT_MUTE"
LEDGER_URL_VARIABLE = "BICAMERAL_LEDGER_URL"
# Said here again, because the module that says it imports the database.
LEDGER_FILE = "ledger.sqlite3"
ON_WORDS = frozenset({"1", "on", "true", "yes"})
REMINDER = (
    "Bicameral: no preflight of this session covers the file that is about to change. "
    "Call bicameral.preflight with the task as topic and the files you expect to change; "
    "it answers with the team's decisions on them, or with fired: false. "
    "This reminder comes once a session."
)


def run(environment: Environment, sent: bytes) -> str:
    """Return the reminder as the client takes it before a tool runs, or ""."""
    if not _may_speak(environment):
        return ""
    edit = read_edit(sent)
    path = path_in_repository(edit, environment.variables)
    if path is None or not remind_once(
        environment, session_id=edit.session_id, file_path=path, tool=edit.tool
    ):
        return ""
    told = {"hookEventName": "PreToolUse", "additionalContext": REMINDER}
    return json.dumps({"hookSpecificOutput": told}) + "\n"


def _may_speak(environment: Environment) -> bool:
    if environment.variables.get(MUTE_VARIABLE, "").strip().lower() in ON_WORDS:
        return False
    has_url = bool(environment.variables.get(LEDGER_URL_VARIABLE))
    return has_url or (environment.home / LEDGER_FILE).exists()
