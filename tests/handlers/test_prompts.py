"""The prompts a person may choose: texts that lead an agent through the tools."""

import pytest

from handlers.prompts import PROMPTS
from handlers.table import TOOLS
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_preflight_carries_the_task_and_the_files(make_bench: MakeBench, mode: str) -> None:
    """The person's own words reach the agent."""
    bench = make_bench(mode=mode)

    text = bench.prompt("preflight", topic="Retry payments", file_paths="src/payments.py")

    assert "Retry payments" in text
    assert "src/payments.py" in text
    assert "preflight_id" in text


def test_preflight_without_files_asks_for_them(bench: Bench) -> None:
    """The gate works best with both."""
    assert "Name the files" in bench.prompt("preflight", topic="Retry payments")
    assert "Name the files" in bench.prompt("preflight", topic="Retry", file_paths="  ")


def test_triage_leaves_the_answers_to_the_person(bench: Bench) -> None:
    """An agent that settles what waits for a person defeats its purpose."""
    text = bench.prompt("triage")

    assert "collision_pending" in text
    assert "context_pending" in text
    assert "Do not answer for me" in text


def test_prompts_name_only_tools_that_exist(bench: Bench) -> None:
    """A renamed tool must not leave a text behind."""
    known = {tool.name for tool in TOOLS}
    for prompt in PROMPTS:
        arguments = {each.name: "x" for each in prompt.arguments}
        words = bench.prompt(prompt.name, **arguments).replace(",", " ").split()
        named = {word.rstrip(".") for word in words if word.startswith("bicameral.")}
        assert named
        assert named <= known


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("preflight", {}, "`topic` is required"),
        ("preflight", {"topic": "x", "files": "y"}, "`files` is not known"),
        ("nothing", {}, "preflight, triage"),
    ],
)
def test_a_wrong_request_says_what_there_is(
    bench: Bench, name: str, arguments: dict[str, str], said: str
) -> None:
    """The client shows this to the person."""
    assert said in bench.refuse_prompt(name, **arguments).message


def test_a_prompt_reads_and_records_nothing(bench: Bench) -> None:
    """Showing a text is no preflight."""
    bench.prompt("triage")

    assert not bench.environment.home.exists()
