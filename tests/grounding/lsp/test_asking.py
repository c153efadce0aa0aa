"""Language servers as grounding asks them: lazily, within budgets, and with all of it told."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.environment import Environment
from bicameral.grounding.lsp.asking import DEFINITION, DOCUMENT_SYMBOL, Document, LanguageServers
from bicameral.grounding.lsp.budget import Budget, Limits
from bicameral.grounding.lsp.conversations import Unanswered
from bicameral.grounding.lsp.positions import Position
from bicameral.grounding.lsp.results import Target
from bicameral.grounding.sources import read_source
from bicameral.metering import Meter, metered
from tests.grounding.lsp.parts import (
    HANDSHAKE,
    PATIENT,
    Listener,
    Script,
    configured,
    has_ended,
    location,
    servers,
    table,
)

PLANTED = "planted_secret_name"
CODE = f"x = '😀'; {PLANTED}()\n"
DOCUMENT = Document("src/pay.py", read_source(CODE.encode()))
OFFSET = CODE.encode().index(PLANTED.encode())
DID_OPEN = ["expect", "textDocument/didOpen"]

Ask = Callable[..., tuple[LanguageServers, Script]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "repository" / "src").mkdir(parents=True)
    (tmp_path / "repository" / "src" / "pay.py").write_text(CODE, encoding="utf-8")
    return tmp_path / "repository"


@pytest.fixture
def scripted(tmp_path: Path, environment: Environment) -> Iterator[Ask]:
    """Have a script for Python; nothing is started by that."""
    opened: list[LanguageServers] = []

    def make(
        steps: Sequence[Sequence[Any]], limits: Limits = PATIENT
    ) -> tuple[LanguageServers, Script]:
        script = Script(tmp_path / "script", steps)
        configured(environment.home, table(python=script.command))
        opened.append(servers(environment, limits))
        return opened[-1], script

    yield make
    for each in opened:
        each.close()


def answering(*results: object) -> list[list[Any]]:
    """Return a script that answers definitions, one after the other."""
    steps = [*HANDSHAKE, DID_OPEN]
    for result in results:
        steps += [["expect", DEFINITION], ["result", result]]
    return steps


def define(asked: LanguageServers, root: Path, budget: Budget | None = None) -> Any:
    return asked.definitions(root, DOCUMENT, [OFFSET], budget or asked.budget())


def refusal(asked: LanguageServers, root: Path, budget: Budget | None = None) -> Unanswered:
    with pytest.raises(Unanswered) as caught:
        define(asked, root, budget)
    return caught.value


def test_a_definition_is_asked_for_where_the_name_stands(scripted: Ask, root: Path) -> None:
    """In the units that were agreed on, of the text as it is now."""
    target = root / "src" / "core.py"
    asked, script = scripted(answering(location(target, 3, 4)))

    defined = define(asked, root)

    assert defined.targets == ((Target(target.as_uri(), Position(3, 4)),),)
    assert defined.encoding == "utf-8"
    [opened] = script.received("textDocument/didOpen")
    assert opened["params"]["textDocument"] == {
        "uri": (root / "src/pay.py").as_uri(),
        "languageId": "python",
        "version": 1,
        "text": CODE,
    }
    [question] = script.received(DEFINITION)
    assert question["params"]["position"] == {"line": 0, "character": OFFSET}


def test_a_server_that_says_nothing_of_units_counts_in_utf_16(scripted: Ask, root: Path) -> None:
    """The protocol's own rule: the emoji before the name is two units and not four bytes."""
    steps = answering([])
    steps[1] = ["result", {"capabilities": {}}]
    asked, script = scripted(steps)

    assert define(asked, root).encoding == "utf-16"
    [question] = script.received(DEFINITION)
    assert question["params"]["position"]["character"] == OFFSET - 2


def test_nothing_is_started_before_something_is_asked(scripted: Ask, root: Path) -> None:
    """A server that nobody needs costs nothing."""
    asked, script = scripted(answering([]))
    asked.budget()

    assert not script.was_started


def test_one_process_answers_all_questions_and_ends_with_the_workspace(
    scripted: Ask, root: Path
) -> None:
    """Started once, told when a file is done with, ended when it is closed."""
    asked, script = scripted([*answering([]), *answering([])[3:]])
    define(asked, root)
    first = script.process_id
    define(asked, root)

    assert script.process_id == first
    assert len(script.received("initialize")) == 1
    asked.close()
    assert has_ended(first)
    assert len(script.received("textDocument/didClose")) == 2


def test_files_that_changed_are_told_of_before_the_next_question(scripted: Ask, root: Path) -> None:
    """The server does not look itself, and would lead to where code was."""
    asked, script = scripted([*answering([]), *answering([])[3:], ["expect", "end"]])
    core, new, old = (root / "src" / f"{name}.py" for name in ("core", "new", "old"))
    old.write_text("d\n", encoding="utf-8")
    core.write_text("a\n", encoding="utf-8")
    before = ["src/core.py", "src/old.py"]
    asked.definitions(root, DOCUMENT, [OFFSET], asked.budget(), nearby=before)
    core.write_text("a\nb\n", encoding="utf-8")
    new.write_text("c\n", encoding="utf-8")
    old.unlink()

    nearby = ["src/core.py", "src/new.py", "src/none.py"]
    asked.definitions(root, DOCUMENT, [OFFSET], asked.budget(), nearby=nearby)

    [told] = script.received("workspace/didChangeWatchedFiles")
    assert told["params"]["changes"] == [
        {"uri": core.as_uri(), "type": 2},
        {"uri": new.as_uri(), "type": 1},
        {"uri": old.as_uri(), "type": 3},
    ]


def test_an_outline_is_asked_for(scripted: Ask, root: Path) -> None:
    """A second source for files that the syntax tree cannot read."""
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 0}}
    result = [{"name": "charge", "range": span}]
    asked, _ = scripted([*HANDSHAKE, ["expect", DOCUMENT_SYMBOL], ["result", result]])

    server, [outlined] = asked.outline(root, DOCUMENT, asked.budget())

    assert (outlined.qualified_name, outlined.first_line, outlined.last_line) == ("charge", 1, 3)
    assert server.startswith("python")


@pytest.mark.parametrize(
    ("steps", "limits", "method", "waited_ms"),
    [
        ([["expect", "initialize"]], Limits(start=0.4, answer=20.0, call=60.0), "initialize", 400),
        # Ready after one answer, so that a slow start cannot be what is told of.
        (answering([]), Limits(start=20.0, answer=0.2, call=60.0), DEFINITION, 200),
    ],
)
def test_a_timeout_is_told_and_nobody_waits_for_that_server_again(
    scripted: Ask,
    root: Path,
    steps: Sequence[Sequence[Any]],
    limits: Limits,
    method: str,
    waited_ms: float,
) -> None:
    """No retry: the second question is refused at once, by a server that is gone."""
    asked, script = scripted(steps, limits)
    meter = Meter()
    with Listener() as listener, metered(meter):
        if method == DEFINITION:
            define(asked, root)
        first = refusal(asked, root)
        second = refusal(asked, root)

    assert first.capability == "degraded"
    assert second.capability == "unavailable"
    assert "not asked again" in second.reason
    assert listener.facts("lsp.timeout") == [
        {"method": method, "timeout_ms": waited_ms, "fallback_to": "tree-sitter"}
    ]
    assert meter.counts["lsp_timeout_count"] == 1
    assert meter.counts["lsp_spawn_count"] == 1
    if script.was_started:
        assert has_ended(script.process_id)


def test_a_call_whose_budget_is_spent_asks_nothing_and_gives_nobody_up(
    scripted: Ask, root: Path
) -> None:
    """A hundred bindings in one call may not wait a hundred times; the next call may ask again."""
    asked, script = scripted(answering([]))
    spent = Budget(lambda: 0, 0.0)

    refused = refusal(asked, root, spent)

    assert "time of this call" in refused.reason
    assert script.received(DEFINITION) == []
    assert define(asked, root).targets == ((),)


def test_waiting_is_charged_to_the_budget() -> None:
    """Only the waiting: what the syntax tree takes is not the server's doing."""
    clock = iter([0, 2_000_000_000])
    budget = Budget(lambda: next(clock), 3.0)

    with budget.spending():
        pass

    assert budget.left_seconds == 1.0


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([["exit"]], "ended by itself"),
        ([["raw", "Oops\n"]], "no header"),
        (answering({"uri": 7}), "not a place"),
        ([*HANDSHAKE, ["expect", DEFINITION], ["error", -32603]], "refused"),
    ],
)
def test_a_server_that_fails_is_named_with_the_reason(
    scripted: Ask, root: Path, steps: Sequence[Sequence[Any]], said: str
) -> None:
    """No silent fallback: whoever reads it can mend it."""
    asked, _ = scripted(steps)

    refused = refusal(asked, root)

    assert said in refused.reason
    assert refused.reason.startswith(refused.server)
    assert refused.capability == "degraded"


@pytest.mark.parametrize(
    ("settings", "path", "said"),
    [
        ("[lsp]\npython = []\n", "src/pay.py", "switched off in config.toml"),
        ("[lsp\n", "src/pay.py", "switched off in config.toml"),
        ("[lsp]\n", "src/pay.zig", "no language server for zig is installed"),
        ("", "notes.txt", "no language server is known for files like notes.txt"),
    ],
)
def test_where_there_is_no_server_it_is_said_why(
    environment: Environment, root: Path, settings: str, path: str, said: str
) -> None:
    """Unavailable is not the same as degraded."""
    configured(environment.home, settings)
    asked = servers(environment)

    with pytest.raises(Unanswered) as caught:
        asked.definitions(root, replace(DOCUMENT, path=path), [0], asked.budget())

    assert said in caught.value.reason
    assert caught.value.capability == "unavailable"


def test_what_is_amiss_in_the_settings_is_warned_of_once(
    environment: Environment, root: Path, warnings_shown: list[str]
) -> None:
    """In the words of the file, by its place."""
    configured(environment.home, '[lsp]\npython = "ty"\n')
    asked = servers(environment)

    refusal(asked, root)
    refusal(asked, root)

    [warning] = warnings_shown
    assert "config.toml: `lsp.python` is not a list of words" in warning


# What is told, one test for each kind of row.


def told(scripted: Ask, root: Path, steps: Sequence[Sequence[Any]]) -> tuple[Listener, Meter]:
    asked, _ = scripted(steps)
    listener, meter = Listener(), Meter()
    with listener, metered(meter):
        define(asked, root)
    return listener, meter


def test_a_spawn_is_told_without_the_name_of_a_program_of_ones_own(
    scripted: Ask, root: Path
) -> None:
    """Names of our table are codes; what a person calls their program is theirs."""
    listener, meter = told(scripted, root, answering([]))

    assert listener.facts("lsp.spawn") == [{"server": "configured"}]
    assert meter.counts["lsp_spawn_count"] == 1


def test_the_handshake_is_told(scripted: Ask, root: Path) -> None:
    """Between a spawn and the first answer one sees what took so long."""
    listener, _ = told(scripted, root, answering([]))

    assert listener.facts("lsp.initialize") == [{}]
    assert next(name for name, _ in listener.heard) == "lsp.spawn"


def test_readiness_is_told_with_its_way(scripted: Ask, root: Path) -> None:
    """Once, by the call that waited for it."""
    listener, meter = told(scripted, root, answering([]))

    assert listener.facts("lsp.ready") == [{"ready_via": "request"}]
    assert meter.counts["lsp_ready_count"] == 1


def test_diagnostics_are_told_by_their_number(scripted: Ask, root: Path) -> None:
    """What they say is about people's code, and stands nowhere."""
    published = {
        "method": "textDocument/publishDiagnostics",
        "params": {"uri": "file:///x.py", "diagnostics": [{"message": PLANTED}]},
    }
    steps = [*HANDSHAKE, DID_OPEN, ["send", published], ["expect", DEFINITION], ["result", None]]
    listener, _ = told(scripted, root, steps)

    assert listener.facts("lsp.diagnostics") == [{"diag_count": 1}]
    assert listener.facts("lsp.ready") == [{"ready_via": "diagnostics"}]


def test_a_definition_is_told_by_whether_it_was_found(scripted: Ask, root: Path) -> None:
    """Where it leads is nobody's business."""
    asked, _ = scripted(answering(location(root / "src/core.py", 0, 0), None))
    with Listener() as listener:
        asked.definitions(root, DOCUMENT, [OFFSET, OFFSET], asked.budget())

    assert listener.facts("lsp.definition") == [{"resolved": True}, {"resolved": False}]


def test_nothing_planted_is_told(scripted: Ask, root: Path) -> None:
    """Neither code nor a folder of the person's is in any row."""
    listener, _ = told(scripted, root, answering(location(root / PLANTED / "core.py", 0, 0)))

    heard = json.dumps(listener.heard)
    assert len(listener.heard) >= 4
    assert PLANTED not in heard
    assert str(root.parent) not in heard
    assert str(os.getpid()) not in heard
