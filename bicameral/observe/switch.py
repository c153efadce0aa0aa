"""The switch of tracing: off, unless a person says otherwise, and who said it.

The command line goes before the variable and the variable before `config.toml`; an off that
stands higher wins over an on below it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

VARIABLE = "BICAMERAL_TRACE"
OFF_WORDS = frozenset({"0", "off", "false", "no"})
ON_WORDS = frozenset({"1", "on", "true", "yes"})


@dataclass(frozen=True, slots=True)
class TracingSwitch:
    """Whether spans are recorded, and what decided it.

    `source` is `--trace`, `--no-trace`, `BICAMERAL_TRACE`, `config.toml` or `default`.
    """

    enabled: bool
    source: str


def read_switch(
    variables: Mapping[str, str],
    warn: Callable[[str], None],
    *,
    option: bool | None,
    policy: bool | None,
) -> TracingSwitch:
    """Decide. `option` is what the command line says and `policy` what `config.toml` says.

    None of them is one that says nothing. `warn` is given a line for a word nobody knows.
    """
    if option is not None:
        return TracingSwitch(option, "--trace" if option else "--no-trace")
    word = variables.get(VARIABLE, "").strip().lower()
    if word:
        if word not in ON_WORDS | OFF_WORDS:
            warn(f"{VARIABLE}: {word[:40]!a} is not known, so tracing is off; use 1 or 0")
        return TracingSwitch(word in ON_WORDS, VARIABLE)
    if policy is not None:
        return TracingSwitch(policy, "config.toml")
    return TracingSwitch(enabled=False, source="default")
