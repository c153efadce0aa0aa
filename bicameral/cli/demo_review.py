"""The demo's second half: a session that goes wrong in two ways, and what comes of its record.

An agent is shown a decision for nothing and misses another. The commands that follow are
run as a person runs them, and each of their answers is checked.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bicameral.cli.demo_account import Account, LoopBroken
from bicameral.cli.demo_agent import Agent
from bicameral.cli.demo_code import FEES, FEES_PATH, LOG_PATH, RECEIPT_PATH, RECEIPT_WITH_NAME
from bicameral.cli.demo_project import Project
from bicameral.review.dataset import REAL_DATASET

USELESS_TOPIC = "Print the name of the shop above the receipt"
MISSED_TOPIC = "Work out the shop's monthly fee in percent"
MASKED_CARDS = "Mask card numbers in logs"
PATIENCE_SECONDS = 120
DETECTOR = "detect_secrets"


async def go_wrong(agent: Agent, project: Project, account: Account) -> None:
    """Do two tasks: one decision surfaces and does not matter, one matters and does not."""
    arguments = {"topic": USELESS_TOPIC, "file_paths": [RECEIPT_PATH, LOG_PATH]}
    shown = await agent.call("bicameral.preflight", **arguments)
    account.step("Another session; one file too many is named", *_asked(arguments), shown)
    account.prove(
        [each["title"] for each in shown.get("decisions", ())] == [MASKED_CARDS],
        "a decision surfaces that the task has nothing to do with",
    )
    project.commit("Name the shop on receipts", {RECEIPT_PATH: RECEIPT_WITH_NAME})
    await agent.call("bicameral.link_commit", preflight_id=shown["preflight_id"])

    arguments = {"topic": MISSED_TOPIC, "file_paths": [FEES_PATH]}
    silent = await agent.call("bicameral.preflight", **arguments)
    account.step("A new file, in other words than the decision's", *_asked(arguments), silent)
    account.prove(not silent["fired"], f"silence ({silent['reason']}), though a decision applies")
    project.commit("Work out the monthly fee", {FEES_PATH: FEES})
    found = await agent.call("bicameral.search", query="amounts minor units")
    binding = {
        "decision_id": found["decisions"][0]["id"],
        "selector": f"{FEES_PATH}::monthly_fee",
    }
    sent = {"bindings": [binding], "preflight_id": silent["preflight_id"]}
    bound = await agent.call("bicameral.bind", **sent)
    account.step("The agent finds it by itself", "bicameral.bind", sent, bound)


def _asked(arguments: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return "bicameral.preflight", arguments


class Review:
    """A person at a prompt, in the project and with the data home of the sessions."""

    def __init__(
        self, project: Project, home: Path, variables: Mapping[str, str], account: Account
    ) -> None:
        self._project = project
        self._account = account
        kept = {k: v for k, v in variables.items() if not k.startswith(("BICAMERAL_", "CLAUDE"))}
        self._variables = {
            **kept,
            "BICAMERAL_HOME": str(home),
            "BICAMERAL_TELEMETRY": "preflight",
            "PYTHONIOENCODING": "utf-8",
        }

    def tell(self) -> None:
        """Go from the captured rows to a gate that could be better."""
        miss, false_fire = self._reconcile()
        self._triage("A person looks at the first: it should have surfaced", miss, "real_miss")
        self._triage("And at the second: it was of no use", false_fire, "real_false_fire")
        is_promoted = find_spec(DETECTOR) is not None
        if is_promoted:
            self._promote(miss)
        else:
            self._account.say("", "Promotion is left out: it needs bicameral-preflight[promote].")
        self._evaluate(is_promoted=is_promoted)
        self._calibrate()

    def _reconcile(self) -> tuple[str, str]:
        # A server or a hook may have done it before; what stands is the same either way.
        self._answer("reconcile")
        self._show("Both sessions are over: what is suspected?", "triage", "list")
        suspects = {each["classification"]: each["id"] for each in self._answer("triage", "list")}
        self._account.prove(
            set(suspects) == {"suspected_miss", "suspected_false_fire"},
            "the planted miss and the planted false fire are named",
        )
        found = self._show("Once more, with nothing new", "reconcile")
        self._account.prove("nothing new" in found, "a second run adds nothing")
        return suspects["suspected_miss"], suspects["suspected_false_fire"]

    def _triage(self, title: str, review_id: str, label: str) -> None:
        self._show(title, "triage", "label", review_id, label, "--by", "demo")

    def _promote(self, review_id: str) -> None:
        words = ("triage", "promote", review_id, "--topic", MISSED_TOPIC, "--path", FEES_PATH)
        self._refused("promotion_refused", "no row is promoted before it was looked at", *words)
        settled = ("--resolve", "all=replace", "--confirm", "--by", "demo")
        self._show("The row is promoted, redacted", *words, *settled)
        written = (self._project.root / REAL_DATASET).read_text(encoding="utf-8")
        self._account.prove(
            written.count("\n") == 1 and FEES_PATH not in written,
            f"{REAL_DATASET} holds one row, and the name of the file is not in it",
        )

    def _evaluate(self, *, is_promoted: bool) -> None:
        self._account.say(
            "",
            "The synthetic set that comes next is made of what is hard: most of its rows are",
            "misses and false fires of known kinds, and it is there to measure progress on them.",
        )
        found = self._show("How good is the preflight, on known answers?", "eval")
        real = "real: 1 row (labelled 1)" if is_promoted else "real: none yet"
        self._account.prove(
            "plain_hit" in found and real in found,
            "the rows of the data sets were asked of the real preflight",
        )

    def _calibrate(self) -> None:
        self._refused("too_few_labels", "one label is too few to fit a gate to", "calibrate")
        words = ("calibrate", "--data", "synthetic")
        found = self._show("With the synthetic rows there are enough", *words)
        self._account.prove(
            "nothing was written" in found, "a better gate is shown, and none is put in force"
        )

    def _show(self, title: str, *words: str) -> str:
        said = self._run(words)
        self._account.printed(title, shlex.join(["bicameral-mcp", *words]), said)
        return said

    def _answer(self, *words: str) -> Any:
        answer = json.loads(self._run((*words, "--json")))
        return answer.get("rows", answer)

    def _refused(self, code: str, what: str, *words: str) -> None:
        answer = json.loads(self._run((*words, "--json"), expected=1))
        self._account.prove(answer["error"] == code, what)

    def _run(self, words: Sequence[str], *, expected: int = 0) -> str:
        done = subprocess.run(
            # -P: a `server.py` in the folder must not be taken for ours.
            [sys.executable, "-P", "-m", "server", *words],
            cwd=self._project.root,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        if done.returncode != expected:
            raise LoopBroken(
                f"`bicameral-mcp {' '.join(words)}` ended with {done.returncode}: "
                f"{done.stderr.decode('utf-8', 'replace').strip()}",
                next_step="run the demo again, and report what it says if it stays so",
            )
        return done.stdout.decode("utf-8")
