"""The only place that runs git: one process per question, and no question runs a program.

Never a shell, a prompt, a pager, a hook or the network; the variables by which git can be
pointed at another repository are not passed on, so the folder alone decides.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bicameral.errors import GitFailed, NotARepository
from bicameral.tracing import span

TIMEOUT_SECONDS = 30.0

# A hostile repository may name programs in its configuration; none of them is run.
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "log.showSignature=false",
    "submodule.recurse=false",
)
_OPTIONS = ["--no-pager", "--literal-pathspecs", "--no-replace-objects"]
_OPTIONS += [word for setting in _SETTINGS for word in ("-c", setting)]

_KEPT = frozenset(
    {
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
_FIXED = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # A partial clone would fetch what it lacks; no protocol has this name.
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C",
    "LANGUAGE": "",
}
_ADVICE = re.compile(r"git config --global --add safe\.directory .+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said: its exit status, and its output as bytes."""

    status: int
    output: bytes
    complaint: str

    def text(self) -> str:
        """Return the output as text without the last line's ending.

        Bytes that are not UTF-8 become surrogates (`surrogateescape`), here and in every
        path this package returns, so that no name is lost.
        """
        return os.fsdecode(self.output).removesuffix("\n")


@dataclass(frozen=True, slots=True)
class Git:
    """Git, asked from one folder with one set of variables."""

    folder: Path
    variables: Mapping[str, str]
    timeout_seconds: float = TIMEOUT_SECONDS

    def ask(
        self, *arguments: str, standard_input: bytes = b"", expected: Sequence[int] = (0,)
    ) -> Answer:
        """Run one git command and return its answer.

        Raises `NotARepository` outside a work tree, and `GitFailed` when git is missing,
        too slow, or ends with a status that is not among the `expected`.
        """
        with span("grounding", "git", arguments[0]) as asked:
            answer = self._run(arguments, standard_input)
            asked.set_output({"output": answer.output}, **{"process.exit.code": answer.status})
            if answer.status not in expected:
                raise _failure(arguments, answer, self.folder)
            return answer

    def _run(self, arguments: Sequence[str], standard_input: bytes) -> Answer:
        try:
            done = subprocess.run(
                ["git", *_OPTIONS, *arguments],
                cwd=self.folder,
                env=safe_variables(self.variables),
                input=standard_input,
                capture_output=True,
                timeout=self.timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _too_slow(arguments, self.timeout_seconds) from error
        except (OSError, ValueError) as error:
            raise _not_started(self.folder, error) from error
        return Answer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def safe_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to run git with: none that point it elsewhere or make it ask."""
    passed = {k: v for k, v in variables.items() if k in _KEPT or not k.startswith("GIT_")}
    return passed | _FIXED


def _failure(arguments: Sequence[str], answer: Answer, folder: Path) -> GitFailed:
    complaint = answer.complaint
    if "dubious ownership" in complaint:
        return _unsafe(folder, complaint)
    if "not a git repository" in complaint:
        return NotARepository(
            f"{folder} is not inside a git repository",
            next_step="run it inside a repository, or make one with `git init`",
        )
    if "promisor remote" in complaint:
        return GitFailed(
            f"this clone is a partial one and lacks files that `git {arguments[0]}` has to read",
            next_step="check the commit out, which fetches its files, then call again",
        )
    if "must be run in a work tree" in complaint:
        return NotARepository(
            f"{folder} has no work tree: it is a bare repository or git's own folder",
            next_step="use a clone or a worktree that has the files checked out",
        )
    return GitFailed(
        f"`git {arguments[0]}` failed with status {answer.status}: {complaint or 'no message'}",
        next_step="run `git fsck` in the repository to see what is wrong with it",
    )


def _unsafe(folder: Path, complaint: str) -> GitFailed:
    advice = _ADVICE.search(complaint)
    command = advice[0].strip() if advice else f"git config --global --add safe.directory {folder}"
    return GitFailed(
        f"git refuses {folder} because another user owns it",
        next_step=f"if you trust it, run `{command}`",
    )


def _too_slow(arguments: Sequence[str], seconds: float) -> GitFailed:
    return GitFailed(
        f"`git {arguments[0]}` took longer than {seconds:g} s",
        next_step="try again, or run `git gc` in the repository",
    )


def _not_started(folder: Path, error: Exception) -> GitFailed:
    if not folder.is_dir():
        return NotARepository(
            f"{folder} is not a folder that can be entered",
            next_step="name an existing folder inside a git repository",
        )
    return GitFailed(
        f"git could not be started: {error}",
        next_step="install git and see that it is on the PATH",
    )
