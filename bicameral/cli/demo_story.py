"""The demo's story: one change to a payments service, from the question to the record of it.

Every step is checked before the next one, against what the server really answered and
what really stands in the captured files.
"""

import json
from pathlib import Path
from typing import Any

from bicameral.cli.demo_account import Account
from bicameral.cli.demo_agent import Agent
from bicameral.cli.demo_code import (
    CARDS,
    CARDS_PATH,
    CARDS_WITHOUT_KEY,
    CHARGES_PATH,
    CHARGES_WITHOUT_CARDS,
    RECEIPT_PATH,
    SUBSCRIPTIONS,
    SUBSCRIPTIONS_PATH,
)
from bicameral.cli.demo_documents import FOLDER, RECORDS
from bicameral.cli.demo_project import Project
from bicameral.grounding.derived import INDEX_FOLDER

TOPIC = "Retry a card charge when the gateway times out"
OTHER_TOPIC = "Right-align the totals on the printed receipt"
SYMBOL = f"{CHARGES_PATH}::charge_card"
THREADED = ("bicameral.bind", "bicameral.link_commit", "bicameral.ratify", "bicameral.update")
EVENTS, ENGAGEMENTS = "preflight_events.jsonl", "engagements.jsonl"
# An answer that could not look at all imports in its time says so, and is not remembered.
MOST_ASKED_AGAIN = 20
LEDGER_FILES = frozenset({"ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"})


class Story:
    """One agent at work on the project, and what it learned on the way."""

    def __init__(self, agent: Agent, project: Project, account: Account) -> None:
        self._agent = agent
        self._project = project
        self._account = account
        self._ids: dict[str, str] = {}
        self.preflight_id = ""

    async def tell(self) -> str:
        """Go through the whole loop; return the `preflight_id` that runs through it."""
        await self._learn()
        await self._ask()
        await self._bind_and_judge()
        await self._stay_silent()
        await self._move()
        await self._drift()
        await self._sign_off()
        return self.preflight_id

    async def _step(self, title: str, tool: str, **arguments: Any) -> dict[str, Any]:
        answer = await self._agent.call(tool, **arguments)
        self._account.step(title, tool, arguments, answer)
        if tool in THREADED:
            same = answer["preflight_id"] == self.preflight_id
            self._account.prove(same, f"{tool} carries the preflight_id back")
        return answer

    def _decision(self, number: int) -> str:
        return self._ids[list(RECORDS)[number - 1]]

    async def _learn(self) -> None:
        read = await self._step("Read the decision records", "bicameral.ingest", paths=[FOLDER])
        self._ids = {each["source"]: each["decision_id"] for each in read["decisions"]}
        signoffs = {each["source"]: each["signoff"] for each in read["decisions"]}
        second, fifth = list(RECORDS)[1], list(RECORDS)[4]
        self._account.prove(
            read["added"] == len(RECORDS)
            and signoffs.get(second) == "superseded"
            and signoffs.get(fifth) == "proposed",
            f"all {len(RECORDS)} records are in the ledger, one superseded and one proposed",
        )

    async def _ask(self) -> None:
        answer = await self._step(
            "Before the change: what binds it?",
            "bicameral.preflight",
            topic=TOPIC,
            file_paths=[CHARGES_PATH],
        )
        shown = [each["id"] for each in answer.get("decisions", ())]
        self.preflight_id = self._account.marked = answer["preflight_id"] or ""
        self._account.prove(
            answer["fired"] and self._decision(3) in shown and self._decision(2) not in shown,
            "it fires with the decision on idempotency keys, and not with the superseded one",
        )
        self._account.prove(bool(self.preflight_id), f"its preflight_id is {self.preflight_id}")

    async def _bind_and_judge(self) -> None:
        answer = await self._step(
            "Bind the decision to the function",
            "bicameral.bind",
            bindings=[{"decision_id": self._decision(3), "selector": SYMBOL}],
            preflight_id=self.preflight_id,
        )
        [bound] = answer["bindings"]
        await self._judge("The code as it is follows the decision", "compliant", bound)

    async def _judge(self, title: str, verdict: str, region: dict[str, Any]) -> None:
        entry = {
            "decision_id": self._decision(3),
            "region_id": region["region_id"],
            "digest": region["digest"],
            "verdict": verdict,
        }
        answer = await self._step(
            title, "bicameral.resolve", verdicts=[entry], preflight_id=self.preflight_id
        )
        recorded = all(each["recorded"] for each in answer["outcomes"])
        self._account.prove(recorded, f"the verdict {verdict} is on record")

    async def _stay_silent(self) -> None:
        answer = await self._step(
            "Another task, on code that no decision binds",
            "bicameral.preflight",
            topic=OTHER_TOPIC,
            file_paths=[RECEIPT_PATH],
        )
        self._account.prove(not answer["fired"], f"it stays silent ({answer['reason']})")

    async def _move(self) -> None:
        moved = {CARDS_PATH: CARDS, CHARGES_PATH: CHARGES_WITHOUT_CARDS}
        self._project.commit("Give cards a module of their own", moved)
        answer = await self._step(
            "The function moves to another file",
            "bicameral.link_commit",
            commit="HEAD",
            preflight_id=self.preflight_id,
        )
        [touched] = answer["touched"]
        self._account.prove(
            (touched["change"], touched["recognised_by"]) == ("moved", "digest")
            and (touched["moved_from"], touched["path"]) == (SYMBOL, CARDS_PATH),
            f"it is recognised in {CARDS_PATH} by its digest",
        )
        self._account.prove(
            answer["verdicts_wanted"] == 0 and touched["verdict"] == "compliant",
            "the binding and its verdict went along, and nobody is asked",
        )

    async def _drift(self) -> None:
        self._project.commit("Retry charges", {CARDS_PATH: CARDS_WITHOUT_KEY})
        answer = await self._step(
            "The agent retries without the key, and commits",
            "bicameral.link_commit",
            commit="HEAD",
            preflight_id=self.preflight_id,
        )
        [touched] = answer["touched"]
        self._account.prove(
            touched["change"] == "changed" and touched["verdict_wanted"],
            "the commit is seen to change the bound function, and a verdict is wanted",
        )
        await self._judge("The verdict: the code moved away", "drifted", touched)
        answer = await self._step(
            "The next task on that file is told first",
            "bicameral.preflight",
            topic="Log each charge",
            file_paths=[CARDS_PATH],
        )
        first = answer["decisions"][0]
        self._account.prove(
            first["id"] == self._decision(3) and first["drifted"],
            "the drifted decision comes first, through the function that has moved",
        )
        await self._import()
        self._project.commit("Send the key again", {CARDS_PATH: CARDS})
        answer = await self._step(
            "The key is sent again",
            "bicameral.link_commit",
            commit="HEAD",
            preflight_id=self.preflight_id,
        )
        self._account.prove(
            answer["verdicts_wanted"] == 0 and answer["touched"][0]["verdict"] == "compliant",
            "this very code was judged before, so the verdict stands and nobody is asked",
        )

    async def _import(self) -> None:
        self._project.commit("Charge what is due", {SUBSCRIPTIONS_PATH: SUBSCRIPTIONS})
        asked = {"topic": "Leave out paused customers", "file_paths": [SUBSCRIPTIONS_PATH]}
        for _ in range(MOST_ASKED_AGAIN):
            answer = await self._agent.call("bicameral.preflight", **asked)
            if answer["fired"] or not answer["behind"]:
                break
        title = "A task on a file that imports the function"
        self._account.step(title, "bicameral.preflight", asked, answer)
        found = [each for each in answer["decisions"] if each["id"] == self._decision(3)]
        self._account.prove(
            bool(found) and found[0]["via"] == "import" and CARDS_PATH in found[0]["why"],
            f"the decision surfaces through the import of {CARDS_PATH}",
        )

    async def _sign_off(self) -> None:
        answer = await self._step(
            "The person ratifies a proposal (asked through the client)",
            "bicameral.ratify",
            decision_id=self._decision(5),
            action="ratify",
            preflight_id=self.preflight_id,
        )
        self._account.prove(
            answer["signoff"] == "ratified" and bool(self._agent.asked),
            f"the person was asked: {' '.join(self._agent.asked)}",
        )
        answer = await self._step(
            "The decision finds its feature group",
            "bicameral.update",
            decision_id=self._decision(3),
            action="regroup",
            feature_group="payments",
            preflight_id=self.preflight_id,
        )
        self._account.prove(answer["changed"], "the ledger holds the change")


def check_captured(home: Path, preflight_id: str, account: Account) -> None:
    """Prove that the files hold what the answers said, and no plain text."""
    # On a busy machine there is a row besides, that imports were not all looked at.
    found = rows_of(home / EVENTS, preflight_id)
    events = [each for each in found if each["event_type"] == "preflight"]
    engagements = rows_of(home / ENGAGEMENTS, preflight_id)
    account.rows(EVENTS, events)
    account.prove(len(events) == 1 and events[0]["fired"], "one row for that preflight")
    explicit = {row["tool"]: row for row in engagements if row["attribution"] == "explicit"}
    account.rows(ENGAGEMENTS, [explicit[tool] for tool in THREADED if tool in explicit])
    account.prove(set(THREADED) <= set(explicit), "one for each of the four tools, by the same id")
    written = b"".join((home / name).read_bytes() for name in (EVENTS, ENGAGEMENTS))
    plain = (TOPIC, CHARGES_PATH, "charge_card")
    account.prove(
        not any(text.encode() in written for text in plain),
        "no topic, path or name of code stands in them: hashes and ids only",
    )


def rows_of(path: Path, preflight_id: str) -> list[dict[str, Any]]:
    """Return the rows of a file that carry the id."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [row for line in lines if (row := json.loads(line)).get("preflight_id") == preflight_id]


async def tell_without_capture(agent: Agent, account: Account) -> None:
    """Ask the same of a server that captures nothing, which is how it comes."""
    await agent.call("bicameral.ingest", paths=[FOLDER])
    arguments = {"topic": TOPIC, "file_paths": [CHARGES_PATH]}
    answer = await agent.call("bicameral.preflight", **arguments)
    title = "The same with BICAMERAL_TELEMETRY unset, in another data home"
    account.step(title, "bicameral.preflight", arguments, answer)
    account.prove(answer["fired"] and answer["preflight_id"] is None, "it fires, without an id")


def check_nothing_captured(home: Path, account: Account) -> None:
    """Prove that a server that captures nothing leaves ledger and code index, nothing else."""
    found = {each.name for each in home.iterdir()}
    account.record["home_without_capture"] = sorted(found)
    account.prove(
        "ledger.sqlite3" in found and found <= {*LEDGER_FILES, INDEX_FOLDER},
        f"that data home holds ledger and code index, nothing else: {', '.join(sorted(found))}",
    )
