"""`hook after-edit`: a file was edited, which is evidence for decisions that were missed."""

from bicameral.capture.edits import record_edit
from bicameral.cli.hook_input import path_in_repository, read_edit
from bicameral.environment import Environment


def run(environment: Environment, sent: bytes) -> str:
    """Record the edit; one outside of the repository binds no decision and leaves no row."""
    edit = read_edit(sent)
    path = path_in_repository(edit, environment.variables)
    if path is not None:
        record_edit(environment, session_id=edit.session_id, file_path=path, tool=edit.tool)
    return ""
