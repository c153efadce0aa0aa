"""A person's `config.toml`, changed by a command: only what was asked for, or nothing at all."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.policy import POLICY_FILE, read_policy
from bicameral.cli.policy_edit import Change, changed, write_policy
from bicameral.cli.setup.settings import NotEditable
from bicameral.errors import SettingsRefused

CONSENT = {"at": "2026-03-05T09:30:00.000000Z", "version": "0.1.0", "disclosure": "ab12"}
ON = Change({"preflight": True, "raw": False}, {"consent": CONSENT})
OFF = Change({"relay": False, "preflight": False, "raw": False}, {"consent": None})
MINE = """\
# Agreed with the team on Monday.
[lsp]
python = ["ty", "server"]  # pinned

[telemetry]
# hashed only
raw = true   # for now
note = "kept"

[tracing]
enabled = true
"""


def test_switches_and_tables_are_put_and_everything_else_stays() -> None:
    """Comments, other keys, other tables and their order are a person's own."""
    after = changed(MINE, ON)
    assert after == MINE.replace("raw = true ", "raw = false ").replace(
        'note = "kept"\n', 'note = "kept"\npreflight = true\n'
    ) + (
        '\n[consent]\nat = "2026-03-05T09:30:00.000000Z"\nversion = "0.1.0"\ndisclosure = "ab12"\n'
    )


def test_the_same_change_twice_is_one() -> None:
    """A command that is run again must not let the file grow."""
    once = changed(MINE, ON)
    assert changed(once, ON) == once


def test_a_table_that_is_taken_away_leaves_no_trace() -> None:
    """A consent that was taken back must not look like one."""
    assert changed(changed("", ON), OFF) == (
        "[telemetry]\npreflight = false\nraw = false\nrelay = false\n"
    )


def test_an_empty_file_is_filled() -> None:
    """Most people begin without one."""
    assert changed("", Change({"preflight": True})) == "[telemetry]\npreflight = true\n"


def test_the_ends_of_lines_stay_as_they_are() -> None:
    """A file from Windows is not turned into a mixture."""
    after = changed(MINE.replace("\n", "\r\n"), ON)
    assert "\n" not in after.replace("\r\n", "")
    assert tomllib.loads(after)["consent"] == CONSENT


@pytest.mark.parametrize(
    "text",
    [
        "telemetry = true\n",
        "telemetry = { preflight = true }\n",
        "telemetry.preflight = true\n",
        "[telemetry]\npreflight = '''\ntrue'''\n",
        "[telemetry\n",
        "consent = 3\n",
        'text = """\n[telemetry]\npreflight = true\n"""\ntelemetry.raw = true\n',
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    """A person can change it by hand; a machine that guesses cannot be trusted."""
    with pytest.raises(NotEditable):
        changed(text, ON)


def test_a_header_within_a_string_is_no_header() -> None:
    """What looks like a table in a text of several lines is text."""
    text = 'text = """\n[telemetry]\npreflight = true\n"""\n'
    after = changed(text, Change({"preflight": False}))
    assert after == text + "\n[telemetry]\npreflight = false\n"


_names = st.sampled_from(["preflight", "raw", "relay", "note", "a-b"])
_values = st.one_of(st.booleans(), st.integers(), st.text("ab '\"#[]=\n", max_size=6))


def _written(tables: dict[str, dict[str, object]]) -> str:
    lines: list[str] = []
    for name, entries in tables.items():
        lines.append(f"[{name}]  # {len(lines)}")
        for key, value in entries.items():
            lines.append(f"{key} = {_toml(value)}  # about {key}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(f"\\u{ord(each):04x}" for each in value) + '"'
    return str(value)


@given(
    st.dictionaries(
        st.sampled_from(["telemetry", "lsp", "consent", "tracing", "mine"]),
        st.dictionaries(_names, _values, max_size=4),
        max_size=5,
    ),
    st.sampled_from([ON, OFF]),
)
def test_any_file_says_afterwards_what_was_asked_and_the_rest_as_before(
    tables: dict[str, dict[str, object]], change: Change
) -> None:
    """The law of the editor, over any tables in any order."""
    text = _written(tables)
    after = changed(text, change)
    expected: dict[str, object] = {k: v for k, v in tables.items() if k not in change.tables}
    expected["telemetry"] = {**tables.get("telemetry", {}), **change.switches}
    expected |= {name: each for name, each in change.tables.items() if each is not None}
    assert tomllib.loads(after) == expected
    kept = [line for line in text.splitlines() if "# about note" in line]
    gone = "consent" in tables and "note" in tables["consent"]
    assert len([line for line in after.splitlines() if "# about note" in line]) >= len(kept) - gone


def test_the_file_is_for_its_owner_alone_and_keeps_a_mode_that_it_had(tmp_path: Path) -> None:
    """New ones are 0600; what a person chose stays."""
    path = write_policy(tmp_path / "home", ON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    write_policy(tmp_path / "home", OFF)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_to_a_persons_own_files_stays_a_link(tmp_path: Path) -> None:
    """Settings are often kept in a repository of their own."""
    (tmp_path / "home").mkdir(mode=0o700)
    real = tmp_path / "dotfiles.toml"
    real.write_text(MINE, encoding="utf-8")
    (tmp_path / "home" / POLICY_FILE).symlink_to(real)
    write_policy(tmp_path / "home", ON)
    assert (tmp_path / "home" / POLICY_FILE).is_symlink()
    assert tomllib.loads(real.read_text(encoding="utf-8"))["consent"] == CONSENT


def test_a_file_that_is_refused_is_left_and_the_way_by_hand_is_said(tmp_path: Path) -> None:
    """Nothing half-written, and no guess."""
    (tmp_path / POLICY_FILE).write_text("telemetry = true\n", encoding="utf-8")
    with pytest.raises(SettingsRefused, match="left as it is") as refused:
        write_policy(tmp_path, Change({"preflight": True}))
    assert "preflight = true" in refused.value.next_step
    assert (tmp_path / POLICY_FILE).read_text(encoding="utf-8") == "telemetry = true\n"


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    """The reader of the policy and its writer agree, without a warning."""
    heard: list[str] = []
    write_policy(tmp_path, ON)
    policy = read_policy(tmp_path, heard.append)
    assert heard == []
    assert (policy.says("telemetry.preflight"), policy.says("telemetry.raw")) == (True, False)
    assert policy.tables["consent"] == CONSENT
