"""Each skill, done step by step as it says: its calls to the real server, its commands typed."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.review.rows import LABELS_FILE
from bicameral.review.triage.queue import read_labels
from tests.cli.parts import BOUND_SECONDS, CODE_WITHOUT_KEY, Person
from tests.plugin.recorded import SESSION, recorded
from tests.plugin.skill_texts import skills
from tests.plugin.waiting import wait_for_summary
from tests.server.served import ENGAGEMENTS, EVENTS, Served, rows, variables_for

ON = {"BICAMERAL_TELEMETRY": "preflight", "CLAUDE_CODE_SESSION_ID": SESSION}
AGAIN = """\
---
status: accepted
---

# Send an idempotency key with every charge

## Decision Outcome

Chosen option: "The key is the cart's", because carts outlive orders.
"""


class Reader:
    """A model that follows a skill: it types what stands there, with what it has learnt."""

    def __init__(self, name: str, **learnt: str) -> None:
        self.skill = skills()[name]
        self.learnt = learnt

    def filled(self, text: str) -> str:
        """Put what was learnt in the place of what stands for it."""
        for word, value in self.learnt.items():
            text = text.replace(word, value)
        return text

    def type(self, line: str, person: Person) -> str:
        """Type one command as shown; it must succeed."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", self.filled(line)],
            cwd=person.repository.root,
            env=person.variables({"PATH": path}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOUND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout


def test_the_preflight_skill_leads_through_the_loop(reader: Person) -> None:
    """From the question to the person's answers, every call with the id of the preflight."""
    reader.repository.write("docs/more/adr/0009-again.md", AGAIN)
    assert "collides with" in reader.run_here("ingest", "docs/more").out
    reader.repository.write("src/payments.py", CODE_WITHOUT_KEY)
    reader.repository.commit("Drop the key")
    model = Reader("bicameral-preflight")
    with Served(reader.repository.root, variables_for(reader.home, **ON)) as served:
        for tool, text in model.skill.calls():
            answer = served.call(tool.removeprefix("bicameral."), **json.loads(model.filled(text)))
            learn(model.learnt, answer)
            assert answer["preflight_id"] == model.learnt["PREFLIGHT_ID"]
            entries = [*answer.get("bindings", ()), *answer.get("outcomes", ())]
            assert [each for each in entries if each.get("failure")] == []
    engaged = rows(reader.home, ENGAGEMENTS)
    used = {each["tool"] for each in engaged}
    assert used >= {f"bicameral.{each}" for each in ("bind", "resolve", "ratify", "update")}
    assert {each["preflight_id"] for each in engaged} == {model.learnt["PREFLIGHT_ID"]}
    assert {each["attribution"] for each in engaged} == {"explicit"}


def learn(learnt: dict[str, str], answer: Mapping[str, Any]) -> None:
    """Take from an answer what later steps need."""
    learnt.setdefault("PREFLIGHT_ID", str(answer["preflight_id"]))
    if answer.get("fired"):
        ratified = [each for each in answer["decisions"] if each["signoff"] == "ratified"]
        learnt["DECISION_ID"] = ratified[0]["id"]
        learnt["QUESTION_ID"] = answer["waiting"][0]["question_id"]
    for touched in answer.get("touched", ()):
        if touched["decision_id"] == learnt["DECISION_ID"]:
            learnt["REGION_ID"], learnt["DIGEST"] = touched["region_id"], touched["digest"]


@pytest.fixture
def suspect(reader: Person) -> Person:
    """Somebody whose session had a miss and a false fire, and is over."""
    missed = reader.ids()["Paginate listings by cursor"]
    agent = reader.elsewhere(reader.home, **ON)
    # The hook is a process with the real time; rows of half a year ago would be put aside.
    agent.environment = replace(agent.environment, time_ns=time.time_ns)
    assert agent.run_here("preflight", "Charges", "src/payments.py", "--json").answer()["fired"]
    asked = agent.run_here("preflight", "Return two", "src/other.py", "--json").answer()
    assert not asked["fired"]
    thread = ("--preflight-id", asked["preflight_id"])
    assert agent.run_here("bind", missed, "src/other.py::other", *thread).status == 0
    sent = recorded("session-end", reader.repository.root)
    assert reader.run("hook", "session-end", sent=sent, variables=ON).err == ""
    assert rows(reader.home, EVENTS, "session_ended")
    assert wait_for_summary(reader.home).error == ""
    return reader


def test_the_reconcile_skill_leads_from_the_rows_to_a_label(suspect: Person) -> None:
    """Everything that it tells to read is there; only the person's word is written down."""
    model = Reader("bicameral-reconcile", SESSION_ID=SESSION)
    labels = re.findall(r"^\| `(\w+)` \|", model.skill.body, re.MULTILINE)
    for line in model.skill.commands():
        out = model.type(line, suspect)
        if " telemetry " in line:
            model.learnt["HOME_FOLDER"] = json.loads(out)["home"]
        elif line.startswith("grep"):
            kinds = {json.loads(each).get("event_type") for each in out.splitlines()}
            assert kinds >= {"preflight", "session_ended", None}
        elif " triage list " in line:
            listed = json.loads(out)["rows"]
            assert {each["classification"] for each in listed} >= {"suspected_miss"}
            model.learnt |= {"REVIEW_ID": listed[0]["id"], "LABEL": labels[0], "NOTE": "it was"}
        elif " triage show " in line:
            shown = json.loads(out)
            assert shown["missed_ids"]
            assert shown["because"]
            assert all(each["words"] for each in shown["evidence"])
            assert [each["title"] for each in shown["decisions"]]
    said, skipped = read_labels(suspect.home / LABELS_FILE)
    [[label]] = said.values()
    assert (label.label, label.note, skipped) == ("real_miss", "it was", 0)
    assert "triage undo REVIEW_ID" in model.skill.body


def test_the_triage_skill_leads_from_the_queue_to_the_data_set(suspect: Person) -> None:
    """A label, its undoing, the statistics, and a row in the data set that all may read."""
    model = Reader(
        "bicameral-triage",
        LABEL="real_miss",
        NOTE="it should have been shown",
        TOPIC="Round the corners of listings",
        PATH="src/other.py",
    )
    model.learnt["FINDING=ACTION"] = "all=generalise"
    for line in model.skill.commands():
        if " promote " in line and "--confirm" not in line:
            # The skill shows how a label is taken back before it comes to promoting one.
            suspect.run_here("triage", "label", model.learnt["REVIEW_ID"], "real_miss")
        out = model.type(line, suspect)
        if " triage list " in line:
            model.learnt["REVIEW_ID"] = json.loads(out)["rows"][0]["id"]
        elif "--dry-run" in line:
            assert "nothing was written" in out
    data = suspect.repository.root / "tests" / "eval" / "real_dataset.jsonl"
    [row] = data.read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["label"] == "real_miss"
    actions = [each.action for each in read_labels(suspect.home / LABELS_FILE)[0].popitem()[1]]
    assert actions == ["label", "undo", "label", "promote"]
