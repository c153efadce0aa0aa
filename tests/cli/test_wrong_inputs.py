"""Wrong inputs of every kind: the exit status tells them apart, the words say what to do."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.cli.commands import COMMANDS
from bicameral.cli.translation import in_command_words
from tests.cli.parts import Person

NOT_TRIED = {"demo"}  # it takes seconds; its wrong usage is tried with the demo
WORDS = [
    *sorted(COMMANDS.keys() - NOT_TRIED),
    *("status", "HEAD", "src/payments.py", "docs/adr", "docs/*.md", ".", "..", "--", "a..b"),
    *("dec_x", "compliant", "amend", "supersede", "ratified", "0", "-1", "99999999999999999999"),
    *("--json", "--help", "--version", "--limit", "--cursor", "--status", "--repo", "--by"),
    *("--feature", "--title", "--preflight-id", "--region", "--tool-names", "--reject", ""),
]
# What a process can be given: any text but NUL, and bytes that are no text. No slashes:
# `export` takes a name for a new file.
ODD = st.text(
    st.characters(exclude_characters="\x00/\\", exclude_categories=["Cs"])
    | st.sampled_from(["\udc80", "\udcff", "\x1b", "\u202e"]),
    max_size=20,
)


@pytest.mark.parametrize(
    "words",
    [
        ("histroy",),
        ("history", "--no-such-option"),
        ("history", "--status", "fine"),
        ("history", "--limit", "many"),
        ("bind", "dec_1"),
        ("update", "dec_1", "explode"),
        ("telemetry", "delete"),
        ("search",),
        ("preflight", "a topic", "--repo", "no-such-folder"),
        ("serve", "--tool-names", "shouted"),
        ("--port", "80"),
        ("export", "--json"),
        ("demo", "--docs", "docs"),
    ],
)
def test_wrong_usage_ends_with_2(person: Person, words: tuple[str, ...]) -> None:
    """Scripts tell a typing error from a refusal by the status; stdout stays empty."""
    ended = person.run_here(*words)
    assert (ended.status, ended.out) == (2, "")
    assert "error: " in ended.err


def test_a_preflight_without_words_lacks_its_topic_alone(person: Person) -> None:
    """The files are optional; to ask for them sends people looking."""
    said = person.run_here("preflight").err.splitlines()[-1]
    assert said.endswith("the following arguments are required: TOPIC")


def test_a_misspelt_command_is_guessed(person: Person) -> None:
    """The nearest name is mostly what was meant."""
    assert "did you mean history?" in person.run_here("histroy").err
    assert "see `bicameral-mcp --help`" in person.run_here("xyzzy").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("history", "--limit", "51"), "`--limit` must be 50 or less"),
        (("history", "--cursor", "x"), "'x' is not a cursor"),
        (("search", "x" * 1_001), "`query` may have 1000 character(s) at most"),
        (("preflight", "x", "../outside.py"), "leads out of the repository"),
        (("link-commit", "HEAD..HEAD..HEAD"), "error: "),
        (("link-commit", "no-such-branch"), "names no commit"),
        (("ingest", "../outside"), "outside the repository"),
        (("update", "dec_1", "amend"), "the action amend needs --title"),
        (("ratify", "dec_1"), "dec_1"),
        (("answer", "que_1", "yes"), "que_1"),
        (("resolve", "dec_1", "compliant"), "dec_1"),
        (("import", "src/payments.py"), "an import does not mix ledgers"),
    ],
)
def test_a_refusal_ends_with_1_and_names_its_reason(
    reader: Person, words: tuple[str, ...], said: str
) -> None:
    """The message is the tool's own, and the next step is one that a person can take."""
    ended = reader.run_here(*words)
    shown = " ".join((ended.out + ended.err).split())
    assert ended.status == 1
    assert said in shown
    assert "next: " in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("history", "dec_none"),
            "find the id with `bicameral-mcp search` or `bicameral-mcp history`",
        ),
        (("history", "--cursor", "x"), "pass the --cursor of the previous page, or leave --cursor"),
        (("update", "dec_1", "supersede"), "run `bicameral-mcp update` again with --by"),
        (("update", "dec_1", "regroup"), "run `bicameral-mcp update` again with --feature"),
        (("answer", "que_1", "yes"), "take the QUESTION from a preflight or history answer"),
    ],
)
def test_next_steps_name_commands_and_flags(
    reader: Person, words: tuple[str, ...], said: str
) -> None:
    """Nobody can call a tool from a terminal; a program gets the tool's own words."""
    ended = reader.run_here(*words)
    shown = " ".join((ended.out + ended.err).split())
    assert said in shown
    assert not re.search(r"bicameral\.|_cursor|superseded_by|feature_group", shown)
    assert said not in reader.run_here(*words, "--json").out


@pytest.mark.parametrize(
    "text",
    [
        "src/feature_group.py is not a file",
        "'superseded_by' names no commit",
        "bicameral.toml is not a document",
        "give the decision a title in words; the time limit is over",
    ],
)
def test_what_only_looks_like_an_argument_stays(text: str) -> None:
    """Names of files and words of every day are not the tools' own."""
    assert in_command_words(text) == text


def test_next_steps_are_wrapped_and_messages_are_not(reader: Person) -> None:
    """A message is copied as a whole to look it up; advice is read."""
    repository = str(reader.repository.root)
    narrow = reader.elsewhere(reader.home, COLUMNS="40")
    ended = narrow.run_here("history", "dec_" + "x" * 60, "--repo", repository)
    message, *advice = ended.err.splitlines()
    assert len(message) > 60
    assert advice[0].startswith("next: ")
    assert len(advice) > 1
    assert max(map(len, advice)) <= 40


def test_arguments_out_of_bounds_lead_to_the_help_of_the_command(reader: Person) -> None:
    """A person has no tool to call again."""
    refusal = reader.run_here("link-commit", "--limit", "0", "--json").answer()
    assert refusal["next_step"] == "see `bicameral-mcp link-commit --help`"


def test_a_place_without_a_repository_is_refused(person: Person, tmp_path: Path) -> None:
    """The tools work on a repository; elsewhere they say so."""
    ended = person.run_here("ingest", "docs", "--repo", str(tmp_path))
    assert ended.status == 1
    assert "not inside a git repository" in ended.err


def test_an_import_that_is_no_export_is_refused(person: Person) -> None:
    """Another file named by mistake changes nothing."""
    assert "error: line 1 of the import" in person.run_here("import", "src/payments.py").err
    (person.repository.root / "picture").write_bytes(b"\xff\xfe\x00")
    ended = person.run_here("import", "picture")
    assert "picture is not UTF-8 text; nothing was imported" in ended.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_used_is_refused(person: Person) -> None:
    """The place and the way out are named."""
    person.home.mkdir(mode=0o500)
    assert person.run_here("ingest", "docs/adr").status == 1


def test_a_damaged_ledger_is_refused_and_left_alone(reader: Person) -> None:
    """What cannot be read may still be rescued, unless it is overwritten."""
    ledger = reader.home / "ledger.sqlite3"
    for beside in reader.home.glob("ledger.sqlite3-*"):
        beside.unlink()
    ledger.write_bytes(b"not a ledger" * 500)
    ended = reader.run_here("history", "--json")
    assert ended.status == 1
    assert ended.answer()["error"] == "ledger_corrupt"
    assert ledger.read_bytes() == b"not a ledger" * 500


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    words=st.builds(
        lambda first, rest: [*first, *rest],
        st.lists(st.sampled_from(sorted(COMMANDS.keys() - NOT_TRIED)), min_size=1, max_size=1)
        | st.just([]),
        st.lists(st.sampled_from(WORDS) | ODD, max_size=4),
    )
)
def test_no_arguments_end_with_a_traceback(reader: Person, words: list[str]) -> None:
    """Whatever is typed is answered, refused, or wrong usage."""
    assert reader.run_here(*words).status in {0, 1, 2}
