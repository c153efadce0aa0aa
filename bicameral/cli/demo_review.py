"""The demo's second half: a session that goes wrong in two ways, and what comes of its record.

An agent is shown a decision for nothing and misses another. The commands that follow are
run as a person runs them, and each of their answers is checked.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from bicameral.cli.demo_account import Account
from bicameral.cli.demo_agent import Agent
from bicameral.cli.demo_code import FEES, FEES_PATH, LOG_PATH, RECEIPT_PATH, RECEIPT_WITH_NAME
from bicameral.cli.demo_project import Project
from bicameral.cli.demo_prompt import Prompt
from bicameral.review.dataset import REAL_DATASET

USELESS_TOPIC = "Print the name of the shop above the receipt"
MISSED_TOPIC = "Work out the shop's monthly fee in percent"
MASKED_CARDS = "Mask card numbers in logs"
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
    """What a person does with the record, one command after the other."""

    def __init__(self, project: Project, prompt: Prompt, account: Account) -> None:
        self._project = project
        self._prompt = prompt
        self._account = account

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
        self._prompt.answer("reconcile")
        self._prompt.show("Both sessions are over: what is suspected?", "triage", "list")
        suspects = {
            each["classification"]: each["id"] for each in self._prompt.answer("triage", "list")
        }
        self._account.prove(
            set(suspects) == {"suspected_miss", "suspected_false_fire"},
            "the planted miss and the planted false fire are named",
        )
        found = self._prompt.show("Once more, with nothing new", "reconcile")
        self._account.prove("nothing new" in found, "a second run adds nothing")
        return suspects["suspected_miss"], suspects["suspected_false_fire"]

    def _triage(self, title: str, review_id: str, label: str) -> None:
        self._prompt.show(title, "triage", "label", review_id, label, "--by", "demo")

    def _promote(self, review_id: str) -> None:
        words = ("triage", "promote", review_id, "--topic", MISSED_TOPIC, "--path", FEES_PATH)
        self._prompt.refused(
            "promotion_refused", "no row is promoted before it was looked at", *words
        )
        settled = ("--resolve", "all=replace", "--confirm", "--by", "demo")
        self._prompt.show("The row is promoted, redacted", *words, *settled)
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
        found = self._prompt.show("How good is the preflight, on known answers?", "eval")
        real = "real: 1 row (labelled 1)" if is_promoted else "real: none yet"
        self._account.prove(
            "plain_hit" in found and real in found,
            "the rows of the data sets were asked of the real preflight",
        )

    def _calibrate(self) -> None:
        self._prompt.refused("too_few_labels", "one label is too few to fit a gate to", "calibrate")
        words = ("calibrate", "--data", "synthetic")
        found = self._prompt.show("With the synthetic rows there are enough", *words)
        self._account.prove(
            "nothing was written" in found, "a better gate is shown, and none is put in force"
        )
