"""What switches tracing on, and what wins where two say different things."""

import pytest

from bicameral.observe.switch import TracingSwitch, read_switch


@pytest.mark.parametrize(
    ("option", "variable", "policy", "enabled", "source"),
    [
        (None, None, None, False, "default"),
        (None, None, True, True, "config.toml"),
        (None, None, False, False, "config.toml"),
        (None, "1", None, True, "BICAMERAL_TRACE"),
        (None, "on", False, True, "BICAMERAL_TRACE"),
        (None, " TRUE ", False, True, "BICAMERAL_TRACE"),
        (None, "yes", None, True, "BICAMERAL_TRACE"),
        (None, "0", True, False, "BICAMERAL_TRACE"),
        (None, "off", True, False, "BICAMERAL_TRACE"),
        (None, "no", None, False, "BICAMERAL_TRACE"),
        (None, "false", True, False, "BICAMERAL_TRACE"),
        (None, "", True, True, "config.toml"),
        (None, "  ", None, False, "default"),
        (True, None, None, True, "--trace"),
        (True, "0", False, True, "--trace"),
        (False, "1", True, False, "--no-trace"),
        (False, None, None, False, "--no-trace"),
    ],
)
def test_the_command_line_goes_before_the_variable_and_that_before_the_file(
    option: bool | None, variable: str | None, policy: bool | None, enabled: bool, source: str
) -> None:
    """An explicit off that stands higher wins over an on below it."""
    variables = {} if variable is None else {"BICAMERAL_TRACE": variable}
    warned: list[str] = []
    found = read_switch(variables, warned.append, option=option, policy=policy)
    assert found == TracingSwitch(enabled, source)
    assert warned == []


def test_a_word_nobody_knows_means_off_and_is_warned_about() -> None:
    """Whoever wrote it may have meant just that, and must not be recorded by a slip."""
    warned: list[str] = []
    variables = {"BICAMERAL_TRACE": "mute"}
    found = read_switch(variables, warned.append, option=None, policy=True)
    assert found == TracingSwitch(enabled=False, source="BICAMERAL_TRACE")
    [said] = warned
    assert "BICAMERAL_TRACE: 'mute' is not known" in said
