"""The whole loop over stdio with the SDK's own client, in both eras, and what it leaves."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult

from bicameral.capture.hashes import Hashes
from tests.conftest import Repository
from tests.server.conftest import Serve
from tests.server.served import COMMAND, ENGAGEMENTS, EVENTS, names, rows

PATH = "src/payments.py"
WITHOUT_KEY = "def charge_card(amount):\n    return gateway.post(amount)\n"
LEDGER = {"index", "ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"}

Call = Callable[..., Awaitable[dict[str, Any]]]


async def yes(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


async def work(call: Call, project: Repository) -> tuple[str, str]:
    """Do a task as an agent does; return the decision's id and the first preflight's."""
    [stored] = (await call("ingest", paths=["docs/adr"]))["decisions"]
    decision_id = stored["decision_id"]
    shown = await call("preflight", topic="Retry card charges with idempotency keys")
    assert [each["id"] for each in shown["decisions"]] == [decision_id]
    threaded = {"preflight_id": shown["preflight_id"]}

    entry = {"decision_id": decision_id, "selector": f"{PATH}::charge_card"}
    [bound] = (await call("bind", bindings=[entry], **threaded))["bindings"]
    await call("resolve", verdicts=[verdict(bound, "compliant")], **threaded)
    silent = await call("preflight", topic="Log what a card pays", file_paths=[PATH])
    assert (silent["fired"], silent["reason"]) == (False, "no_relevant_decisions")

    project.commit("drop the key", **{PATH: WITHOUT_KEY})
    linked = await call("link_commit", **threaded)
    [touched] = linked["touched"]
    assert (touched["change"], linked["verdicts_wanted"]) == ("changed", 1)
    [outcome] = (await call("resolve", verdicts=[verdict(touched, "drifted")], **threaded))[
        "outcomes"
    ]
    assert outcome["recorded"] is True

    again = await call("preflight", topic="Log what a card costs", file_paths=[PATH])
    assert again["decisions"][0]["drifted"] is True
    rejected = await call("ratify", decision_id=decision_id, action="reject", **threaded)
    assert (rejected["changed"], rejected["preflight_id"]) == (True, shown["preflight_id"])
    updated = await call("update", decision_id=decision_id, action="retire", **threaded)
    assert (updated["signoff"], updated["preflight_id"]) == ("superseded", shown["preflight_id"])
    return decision_id, shown["preflight_id"]


def verdict(bound: dict[str, Any], kind: str) -> dict[str, str]:
    names_of = ("decision_id", "region_id", "digest")
    return {name: bound[name] for name in names_of} | {"verdict": kind}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_loop_works_and_its_rows_tell_the_story(
    home: Path, project: Repository, mode: Literal["legacy", "auto"]
) -> None:
    """Preflight, bind, judge, silence, drift, verdict, reject, retire: one id throughout."""
    inherited = {name: os.environ[name] for name in os.environ if name.startswith("COVERAGE")}
    server = StdioServerParameters(
        command=sys.executable,
        args=list(COMMAND[1:]),
        cwd=project.root,
        env=inherited | {"BICAMERAL_HOME": str(home), "BICAMERAL_TELEMETRY": "preflight"},
    )

    async def run() -> tuple[str, str]:
        async with Client(server, mode=mode, elicitation_callback=yes) as client:

            async def call(tool: str, **arguments: Any) -> dict[str, Any]:
                with anyio.fail_after(60):
                    result = await client.call_tool(f"bicameral.{tool}", arguments)
                assert not result.is_error, result.content
                return dict(result.structured_content or {})

            assert len((await client.list_tools()).tools) == 10
            return await work(call, project)

    decision_id, preflight_id = anyio.run(run)
    check_events(home, decision_id, preflight_id)
    check_engagements(home, decision_id, preflight_id)


def check_events(home: Path, decision_id: str, preflight_id: str) -> None:
    """The preflights, within one session that began and ended."""
    events = rows(home, EVENTS)
    assert [row["event_type"] for row in events] == [
        "session_started",
        "preflight",
        "preflight",
        "preflight",
        "session_ended",
    ]
    [minted] = {row["session_id"] for row in events}
    assert minted.startswith("process-")
    shown = rows(home, EVENTS, "preflight")
    assert [row["reason"] for row in shown] == ["fired", "no_relevant_decisions", "fired"]
    assert [row["surfaced_ids"] for row in shown] == [[decision_id], [], [decision_id]]
    assert shown[0]["preflight_id"] == preflight_id
    assert len({UUID(row["preflight_id"]).version for row in shown}) == 1
    path_hash = Hashes((home / "salt").read_bytes()).hash_path(PATH)
    assert [row["path_hashes"] for row in shown] == [[], [path_hash], [path_hash]]


def check_engagements(home: Path, decision_id: str, preflight_id: str) -> None:
    """One row a call, on the decision, by the id that was threaded."""
    engaged = rows(home, ENGAGEMENTS)
    assert [row["tool"].removeprefix("bicameral.") for row in engaged] == [
        "ingest",
        "bind",
        "resolve",
        "link_commit",
        "resolve",
        "ratify",
        "update",
    ]
    assert {row["decision_id"] for row in engaged} == {decision_id}
    assert engaged[0]["preflight_id"] is None
    assert {row["preflight_id"] for row in engaged[1:]} == {preflight_id}
    assert {row["attribution"] for row in engaged[1:]} == {"explicit"}


def test_by_default_the_home_holds_ledger_and_code_index_and_nothing_else(
    serve: Serve, home: Path, project: Repository
) -> None:
    """And nothing at all before something was written: looking leaves no trace."""
    with serve(BICAMERAL_TELEMETRY="") as served:
        assert served.call("preflight", topic="Retry card charges", file_paths=[PATH]) == {
            "preflight_id": None,
            "fired": False,
            "reason": "no_matches",
        }
        served.call("history")
        served.call("search", query="charges")
        assert served.call("telemetry")["preflight_capture"] is False
        assert not home.exists()

        async def call(tool: str, **arguments: Any) -> dict[str, Any]:
            return served.call(tool, **arguments)

        anyio.run(work, call, project)
        files = {each for each in names(home) if not each.startswith("index/")}
        assert {"ledger.sqlite3"} <= files <= LEDGER
        assert served.hang_up() == 0
        assert served.stderr() == ""
    assert home.stat().st_mode & 0o777 == 0o700
