"""What `doctor` is given of the rooms above its checks: clients, the command, the tools."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bicameral.cli.execution import Work
from bicameral.cli.hook import HOOKS
from bicameral.environment import Environment
from bicameral.errors import SettingsRefused
from bicameral.observe.doctor.surroundings import (
    ClientEntry,
    Clients,
    Contracts,
    Reconciled,
    Start,
    Surroundings,
    Tools,
)

# A trial is no session of anybody's.
_SESSION = "doctor"
_BOUND_SECONDS = 15.0
# What Claude Code fills in, and for plugins alone.
_PLUGIN_ROOT = "${CLAUDE_PLUGIN_ROOT}"
# Nothing of the person's own reaches the server that is started to see that it starts.
_ISOLATED = {"BICAMERAL_TELEMETRY": "off", "BICAMERAL_LEDGER_URL": "", "BICAMERAL_TRACE": "0"}


def surroundings_of(work: Work) -> Surroundings:
    """Return what the checks may look at from here."""
    return Surroundings(
        environment=work.environment,
        start=work.start,
        clients=lambda: read_clients(work),
        start_server=lambda: _start_server(work),
        plugin_folder=_plugin_folder,
        hooks=tuple(HOOKS),
        last_reconciliation=lambda: _last_reconciliation(work.environment),
        contracts=_contracts,
        open_tools=lambda environment, folder: _open_tools(work, environment, folder),
    )


def read_clients(work: Work) -> Clients:
    """Read what starts us in the settings of the clients that setup knows; runs nothing."""
    from bicameral.cli.setup.clients import CLIENTS, SCOPES, signs_of  # noqa: PLC0415 - start-up

    variables = work.environment.variables
    found, entries, unreadable = [], [], []
    for client in CLIENTS.values():
        try:
            if signs_of(client, variables, sys.platform):
                found.append(client.title)
            for scope in SCOPES:
                entries += _entries(work, client.name, scope)
        except (SettingsRefused, ValueError) as error:
            unreadable.append(f"{client.title}: {error}")
    return Clients(tuple(found), tuple(entries), tuple(unreadable))


def _entries(work: Work, name: str, scope: str) -> list[ClientEntry]:
    """Return the entry of a client's scope, if one starts us; raises `ValueError` if unreadable."""
    from bicameral.cli.setup.clients import CLIENTS, settings_path  # noqa: PLC0415 - start-up time
    from bicameral.cli.setup.files import read_settings  # noqa: PLC0415
    from bicameral.cli.setup.overview import project_around  # noqa: PLC0415
    from bicameral.cli.setup.plan import is_ours  # noqa: PLC0415

    client, variables = CLIENTS[name], work.environment.variables
    path = settings_path(
        client,
        "project" if scope == "project" else "user",
        project=project_around(work.start),
        variables=variables,
        platform=sys.platform,
    )
    entry = client.settings.entry(read_settings(path).text)
    # A plugin's own file, as in this project's repository, sets nothing up on this machine.
    if entry is None or not is_ours(entry) or _PLUGIN_ROOT in str(entry["command"]):
        return []
    given = entry.get("env", {})
    named = given.items() if isinstance(given, dict) else ()
    return [
        ClientEntry(
            client.title,
            client.name,
            path,
            str(entry["command"]),
            {str(key): str(value) for key, value in named},
            # A program of the desktop may be started without a shell, and Codex passes only
            # what its entry names.
            passes_shell=not client.is_desktop and client.name != "codex",
            has_shell_path=not client.is_desktop,
        )
    ]


def _start_server(work: Work) -> Start:
    from bicameral.cli.setup.handshake import try_command  # noqa: PLC0415 - start-up time
    from bicameral.cli.setup.program import installed_script  # noqa: PLC0415

    script = str(installed_script())
    tried = try_command(
        work.environment, [script], _ISOLATED, cwd=work.start, bound_seconds=_BOUND_SECONDS
    )
    return Start(script, tried.tools, tried.milliseconds, tried.problem)


def _contracts() -> Contracts:
    from bicameral.cli.guards import ROOT, facts_of  # noqa: PLC0415 - start-up time
    from bicameral.govern.guards.contracts import run_guards  # noqa: PLC0415

    facts = facts_of(ROOT)
    outcomes = run_guards(facts)
    return Contracts(
        kinds=len(list(facts.registry)),
        compared=tuple(each.guard for each in outcomes if each.status != "SKIP"),
        skipped=tuple(each.guard for each in outcomes if each.status == "SKIP"),
        problems=tuple(f"{each.guard}: {told}" for each in outcomes for told in each.problems),
    )


def _plugin_folder() -> Path | None:
    from bicameral.cli.setup.program import plugin_folder  # noqa: PLC0415 - start-up time

    return plugin_folder()


def _last_reconciliation(environment: Environment) -> Reconciled | None:
    from bicameral.review.reconciliation.summary import read_summary  # noqa: PLC0415 - start-up

    summary = read_summary(environment.home)
    if summary is None:
        return None
    suspects = ("suspected_miss", "suspected_false_fire")
    return Reconciled(
        summary.finished_at,
        summary.error,
        summary.skipped_lines,
        sum(summary.totals.get(each, 0) for each in suspects),
    )


@contextmanager
def _open_tools(work: Work, environment: Environment, folder: Path) -> Iterator[Tools]:
    desk = work.connect(
        environment,
        start=folder,
        session_id=_SESSION,
        ends_session=True,
        progress=lambda _step, _done, _total: None,
    )
    try:
        yield desk
    finally:
        desk.close()
