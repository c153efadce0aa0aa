"""The tables of the sample server: one small tool for each thing that must be right."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bicameral import __version__
from bicameral.errors import NotFound
from bicameral.serving.tool import (
    Call,
    Identity,
    Prompt,
    PromptArgument,
    Question,
    Refusal,
    Resource,
    ResourceTemplate,
    Tables,
    Tool,
)


@dataclass(frozen=True, slots=True)
class Services:
    """What every row is handed; the journal is where slow tools say that they began."""

    journal: Path | None

    def note(self, text: str) -> None:
        if self.journal:
            with self.journal.open("a", encoding="utf-8") as stream:
                stream.write(text + "\n")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Place(Strict):
    path: str = Field(description="Relative to the repository root.", min_length=1)
    line: int | None = Field(default=None, ge=1)


class EchoArguments(Strict):
    topic: str = Field(description="What is about to change.", min_length=1, max_length=200)
    file_paths: list[str] = Field(default=[], max_length=3)
    mode: Literal["quiet", "loud"] = "quiet"
    places: list[Place] = []
    limit: int = Field(default=5, ge=1, le=50)
    preflight_id: str | None = Field(default=None, description="From an earlier preflight.")
    session_id: str | None = None


class EchoAnswer(BaseModel):
    topic: str
    session_id: str
    client_name: str | None
    preflight_id: str | None


class Nothing(Strict):
    pass


class Word(BaseModel):
    word: str


class RatifyArguments(Strict):
    decision_id: str
    preflight_id: str | None = None


class Confirmation(BaseModel):
    confirm: bool = Field(description="Ratify this decision?")
    note: str | None = None


class WaitArguments(Strict):
    release: str = Field(description="A FIFO; the call ends when it was read.")


def echo(services: Services, call: Call, arguments: EchoArguments) -> EchoAnswer:
    if arguments.topic == "missing":
        raise NotFound("no decision has this topic", next_step="ingest one first")
    if arguments.topic == "crash":
        raise ZeroDivisionError("a private detail")
    return EchoAnswer(
        topic=arguments.topic,
        session_id=call.session_id,
        client_name=call.client_name,
        preflight_id=arguments.preflight_id,
    )


def shout(services: Services, call: Call, arguments: Nothing) -> Word:
    print("a stray print")
    subprocess.run([sys.executable, "-c", "print('a stray child')"], check=True)
    return Word(word=f"stdin has {len(sys.stdin.read())} characters")


def damaged(services: Services, call: Call, arguments: Nothing) -> Word:
    return Word(word="caf\udce9")


def wait(services: Services, call: Call, arguments: WaitArguments) -> Word:
    services.note("wait began")
    return Word(word=Path(arguments.release).read_text(encoding="utf-8"))


def ask_to_ratify(services: Services, call: Call, arguments: RatifyArguments) -> Question | None:
    if arguments.decision_id == "settled":
        return None
    return Question(f"Ratify {arguments.decision_id}?", Confirmation)


def ratify(services: Services, call: Call, arguments: RatifyArguments) -> Word:
    services.note("ratify ran")
    match call.answer_of_person:
        case Confirmation(confirm=confirmed, note=note):
            return Word(word=f"confirmed: {confirmed}, note: {note}")
        case Refusal() as refusal:
            return Word(word=refusal.value)
        case _:
            return Word(word="not asked")


def read_decision(services: Services, call: Call, variables: Mapping[str, str]) -> str:
    if variables["id"] == "crash":
        raise ZeroDivisionError("a private detail")
    if variables["id"] != "dec_1":
        raise NotFound("no decision has this id", next_step="search for it")
    return f'{{"id":"dec_1","session":"{call.session_id}"}}'


def render_preflight(services: Services, call: Call, sent: Mapping[str, str]) -> str:
    return f"Check {sent['topic']} first."


def make_tables(journal: Path | None = None) -> Tables[Services]:
    def tool(name: str, arguments: Any, answer: Any, run: Any, ask: Any = None) -> Any:
        return Tool(
            name=f"bicameral.{name}",
            title=name.title(),
            description=f"Does {name}.",
            arguments=arguments,
            answer=answer,
            run=run,
            read_only=name != "ratify",
            destructive=False,
            idempotent=True,
            ask=ask,
        )

    return Tables(
        identity=Identity("bicameral", __version__, "Bicameral", "Call preflight first."),
        services=Services(journal),
        tools=(
            tool("echo", EchoArguments, EchoAnswer, echo),
            tool("shout", Nothing, Word, shout),
            tool("damaged", Nothing, Word, damaged),
            tool("wait", WaitArguments, Word, wait),
            tool("ratify", RatifyArguments, Word, ratify, ask_to_ratify),
        ),
        resources=(
            Resource(
                "bicameral://features",
                "features",
                "Features",
                "All features.",
                lambda services, call: "[]",
            ),
        ),
        templates=(
            ResourceTemplate(
                "bicameral://decisions/{id}", "decision", "Decision", "One decision.", read_decision
            ),
        ),
        prompts=(
            Prompt(
                "preflight",
                "Preflight",
                "Check before a change.",
                render_preflight,
                (PromptArgument("topic", "What is about to change.", required=True),),
            ),
        ),
    )
