"""What code is read with: git, the repository under work, and a parser for each language."""

from pathlib import Path

from bicameral.errors import GitFailed, NotARepository
from bicameral.grounding.git import Git
from bicameral.grounding.languages import Language
from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Surroundings

# For each grammar a file with one symbol, `f`, so that it is not only found but reads.
SAMPLES = {
    "python": ("f.py", "def f():\n    return 1\n"),
    "javascript": ("f.js", "function f() { return 1; }\n"),
    "typescript": ("f.ts", "function f(): number { return 1; }\n"),
    "tsx": ("f.tsx", "function f() { return <p/>; }\n"),
    "go": ("f.go", "package p\n\nfunc f() {}\n"),
    "java": ("f.java", "class f {}\n"),
    "rust": ("f.rs", "fn f() {}\n"),
    "ruby": ("f.rb", "def f\n  1\nend\n"),
    "c-sharp": ("f.cs", "class f {}\n"),
    "c": ("f.c", "int f(void) { return 1; }\n"),
    "cpp": ("f.cpp", "class f {};\n"),
}


def check_git(around: Surroundings) -> Finding:
    """Ask git for its version."""
    folder = around.start if around.start.is_dir() else Path("/")
    try:
        said = Git(folder, around.environment.variables).ask("version").text()
    except GitFailed as error:
        return failed(
            "git does not answer, and without it no code can be read",
            error.message,
            mend="install git and see that `git --version` answers in the shell that starts "
            "the client",
        )
    return passed("git answers", said)


def check_repository(around: Surroundings) -> Finding:
    """Find the repository under work, and see that the data home is not in it."""
    from bicameral.grounding.repository import Repository  # noqa: PLC0415 - start-up time

    try:
        repository = Repository.discover(around.start, around.environment.variables)
    except NotARepository as error:
        return skipped(
            error.message, mend="bicameral-mcp doctor --repo PATH, with a folder of your repository"
        )
    except GitFailed as error:
        return failed("git refuses the repository", error.message, mend=error.next_step)
    home = around.environment.home.resolve()
    if home.is_relative_to(repository.root):
        return failed(
            "the data home lies in the repository under work, where it may be committed",
            f"the home is {home}",
            f"the repository is {repository.root}",
            mend="export BICAMERAL_HOME=FOLDER-ELSEWHERE, or unset it for ~/.bicameral",
        )
    head = repository.head()
    return passed(
        "git reads the repository",
        str(repository.root),
        f"HEAD is {head}" if head else "it has no commit yet",
    )


def check_parsers(around: Surroundings) -> Finding:  # noqa: ARG001 - every check has one signature
    """Read a file in every language that the table knows."""
    from bicameral.grounding.language_table import LANGUAGES  # noqa: PLC0415 - start-up time

    return judge_parsers([(each, unreadable(each)) for each in LANGUAGES])


def unreadable(language: Language) -> str:
    """Return why a language cannot be read, or nothing if it can."""
    from bicameral.grounding.sources import read_source  # noqa: PLC0415 - start-up time
    from bicameral.grounding.symbols import skeleton  # noqa: PLC0415
    from bicameral.grounding.syntax import parse  # noqa: PLC0415

    if language.name not in SAMPLES:
        return f"no sample is known for {language.name}"
    name, text = SAMPLES[language.name]
    found = skeleton(parse(name, read_source(text.encode())))
    if found.backing.fallback_reason:
        return found.backing.fallback_reason
    names = [each.name for each in found.symbols]
    return "" if names == ["f"] else f"{language.name}: it finds {names} in a file with one symbol"


def judge_parsers(languages: list[tuple[Language, str]]) -> Finding:
    """Say which languages can be read; those of an extra may be absent."""
    read = [language.name for language, why in languages if not why]
    lost = [why for language, why in languages if why and not language.extra]
    extra = [why for language, why in languages if why and language.extra]
    if lost:
        return failed(
            "a parser that always comes along is missing or does not work",
            *lost,
            mend="uv tool install --force bicameral-preflight",
        )
    return passed("every language of this installation is read", ", ".join(read), *extra)
