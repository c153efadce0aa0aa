"""Prompts a person may choose: run a preflight, settle what waits."""

from collections.abc import Mapping

from bicameral.serving.tool import Call, Prompt, PromptArgument
from handlers.services import Services


def render_preflight(services: Services, call: Call, variables: Mapping[str, str]) -> str:
    """Ask the agent to check a task against the team's decisions first."""
    paths = variables.get("file_paths", "").strip()
    named = f" Files: {paths}." if paths else " Name the files you expect to change."
    return (
        f"Before you change anything for this task: {variables['topic']}\n\n"
        f"Call bicameral.preflight with that topic and the files.{named} "
        "If it fires, tell me in a sentence each which decisions bind the change and what "
        "follows from them, keep its preflight_id and pass it to later bicameral calls. "
        "If it does not fire, say nothing about it and go on."
    )


def render_triage(services: Services, call: Call, variables: Mapping[str, str]) -> str:
    """Ask the agent to lay what waits before the person."""
    return (
        "Show me what waits for a person: call bicameral.history with signoff "
        "collision_pending, then context_pending. For each decision, read it with its "
        "decision_id, put the question to me in plain words with both decisions side by side, "
        "and record my answer with bicameral.resolve. Do not answer for me."
    )


PROMPTS = (
    Prompt(
        name="preflight",
        title="Check a task against the team's decisions",
        description="Run a preflight before changing code.",
        render=render_preflight,
        arguments=(
            PromptArgument("topic", "What is about to change, in a sentence.", required=True),
            PromptArgument("file_paths", "Files expected to change, separated by spaces."),
        ),
    ),
    Prompt(
        name="triage",
        title="Settle what waits for a person",
        description="Go through collisions and questions with the agent's help.",
        render=render_triage,
    ),
)
