"""Language servers: which program would be asked for each language; none is started."""

from bicameral.capture.policy import read_policy
from bicameral.errors import GitFailed
from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Surroundings

_CANNOT = "that cannot be started from there"
_MEND = "mend [lsp] in config.toml of the data home, or take it out: the known servers serve then"


def check_language_servers(around: Surroundings) -> Finding:
    """Look for the server of each language as a selector would."""
    from bicameral.grounding.lsp.programs import (  # noqa: PLC0415 - start-up time
        Places,
        Program,
        program_for,
    )
    from bicameral.grounding.lsp.servers import LANGUAGES  # noqa: PLC0415
    from bicameral.grounding.lsp.settings import read_settings  # noqa: PLC0415
    from bicameral.grounding.repository import Repository  # noqa: PLC0415

    variables = around.environment.variables
    policy = read_policy(around.environment.home, lambda _warning: None)
    settings, warnings = read_settings(policy.tables.get("lsp"))
    try:
        root = Repository.discover(around.start, variables).root
    except GitFailed:
        root = around.start
    places = Places.of(root, variables)
    answers = {each: program_for(each, settings, places) for each in sorted(LANGUAGES)}
    found = {k: v.command[0] for k, v in answers.items() if isinstance(v, Program)}
    refused = {k: v for k, v in answers.items() if isinstance(v, str)}
    return judge_servers(found, refused, list(warnings))


def judge_servers(found: dict[str, str], refused: dict[str, str], amiss: list[str]) -> Finding:
    """Say which server would be asked. `refused` has why there is none for a language."""
    seen = [f"{language}: {program}" for language, program in found.items()]
    lost = [why for why in refused.values() if _CANNOT in why]
    waiting = [why for why in refused.values() if "may run programs" in why]
    if amiss or lost:
        return failed(
            "a language server that config.toml asks for cannot be used",
            *amiss,
            *lost,
            *seen,
            mend=_MEND,
        )
    if not found:
        return skipped(
            "no language server is in use; the syntax tree serves without one",
            *waiting,
            mend="uv tool install 'bicameral-preflight[lsp]', for Python",
        )
    return passed(f"a language server is in use for {', '.join(found)}", *seen, *waiting)
