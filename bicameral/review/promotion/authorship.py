"""Who works here: the names in a repository's history, its settings and the person's own.

Asked of git and of the environment each time, and kept nowhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from bicameral.environment import Environment
from bicameral.grounding.git import Git
from bicameral.grounding.identity import normalised_remote
from bicameral.grounding.repository import Repository
from bicameral.review.promotion.names import Known

# History can be long, and a person waits for this once in a promotion.
_TIMEOUT_SECONDS = 120.0
_TRAILERS = ("co-authored-by", "signed-off-by", "reviewed-by", "acked-by", "reported-by")
_IDENTITY = re.compile(r"\s*(?:\d+\t)?(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>")
_REMOTE = re.compile(r"[^\t]+\t(?P<url>.*) \((?:fetch|push)\)(?: \[[^\]]*\])?")
_SETTINGS = (
    r"^(user|author|committer|github|gitlab|sendemail)\..*(name|email|user|from|to|cc|login)$"
)
_USER_VARIABLES = ("USER", "USERNAME", "LOGNAME", "SUDO_USER")
_HOME_VARIABLES = ("HOME", "USERPROFILE")
_MACHINE_VARIABLES = ("HOSTNAME", "COMPUTERNAME", "USERDOMAIN")
# What many share says nothing about one.
_SHARED = frozenset(
    "github gitlab bitbucket codeberg sourceforge gitea gmail googlemail outlook hotmail live msn "
    "yahoo ymail icloud proton protonmail pm gmx web fastmail mail email aol yandex qq users "
    "noreply no-reply localhost localdomain local example invalid test git ssh com org net co ac "
    "edu gov io dev de uk fr nl eu us info biz me home null nul root bot".split()
)
_BOT = re.compile(r"\[bot\]|^GitHub$|^dependabot|^renovate|^github-actions", re.IGNORECASE)
_NUMBERED_HANDLE = re.compile(r"\d+\+(?P<handle>.+)")
_SHORTEST = 3


def read_names(repository: Repository, environment: Environment) -> list[Known]:
    """Return every name that is known here; raises `GitFailed` when git cannot tell."""
    git = Git(repository.root, environment.variables, timeout_seconds=_TIMEOUT_SECONDS)
    found = [
        *_people(_history(git)),
        *_people(_mailmap(repository.root)),
        *_configured(git),
        *_remotes(git.ask("remote", "--verbose").text()),
        *_person(environment.variables),
        Known(repository.root.name, "repository_name"),
    ]
    return list(dict.fromkeys(found))


def names_in_identity(line: str) -> Iterator[Known]:
    """Yield the names in `Name <address>`: the name, the address's user, and its domain."""
    identity = _IDENTITY.match(line)
    if identity is None or _BOT.search(identity["name"]):
        return
    yield Known(identity["name"], "person_name")
    yield from names_in_address(identity["email"])


def names_in_address(address: str) -> Iterator[Known]:
    """Yield the user of an e-mail address and the parts of its domain that say whose it is."""
    user, _, domain = address.rpartition("@")
    numbered = _NUMBERED_HANDLE.fullmatch(user)
    handle = numbered["handle"] if numbered else user
    if handle and handle.lower() not in _SHARED and not _BOT.search(handle):
        yield Known(handle, "person_name")
    for label in _telling(domain.split(".")[:-1]):
        yield Known(label, "organisation")


def names_in_remote(url: str) -> Iterator[Known]:
    """Yield host, owner and repository of a remote; of one on this machine its folder."""
    place = normalised_remote(url)
    if place is None:
        yield Known(PurePath(url).name.removesuffix(".git"), "repository_name")
        return
    host, _, path = place.partition("/")
    *owners, name = path.split("/")
    yield Known(name, "repository_name")
    for owner in owners:
        yield Known(owner, "organisation")
    for label in _telling(host.partition(":")[0].split(".")[:-1]):
        yield Known(label, "organisation")


def _history(git: Git) -> list[str]:
    if not git.ask("rev-list", "--all", "--max-count=1").output:
        return []  # asked for nothing at all, git would read from its input instead
    groups = [f"--group={each}" for each in ("author", "committer")]
    groups += [f"--group=trailer:{each}" for each in _TRAILERS]
    return git.ask("shortlog", "-s", "-n", "-e", *groups, "--all").text().splitlines()


def _mailmap(root: Path) -> list[str]:
    """Return the identities of the mail map, under which history shows none of the old names."""
    try:
        text = (root / ".mailmap").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line.partition("#")[0] for line in text.splitlines())
    return [found[0] for line in lines for found in _IDENTITY.finditer(line)]


def _people(identities: Iterable[str]) -> Iterator[Known]:
    for identity in identities:
        yield from names_in_identity(identity)


def _configured(git: Git) -> Iterator[Known]:
    listing = git.ask("config", "--null", "--get-regexp", _SETTINGS, expected=(0, 1)).text()
    for setting in listing.split("\0"):
        _, _, value = setting.partition("\n")
        if "@" in value:
            yield from names_in_address(value.strip(" <>"))
        elif value and not _BOT.search(value):
            yield Known(value, "person_name")


def _remotes(listing: str) -> Iterator[Known]:
    for line in listing.splitlines():
        if found := _REMOTE.fullmatch(line):
            yield from names_in_remote(found["url"])


def _person(variables: Mapping[str, str]) -> Iterator[Known]:
    users = [variables.get(name, "") for name in _USER_VARIABLES]
    users += [re.split(r"[\\/]", variables.get(n, "").rstrip("\\/"))[-1] for n in _HOME_VARIABLES]
    for user in users:
        if len(user) >= _SHORTEST and user.lower() not in _SHARED:
            yield Known(user, "person_name")
    for name in _MACHINE_VARIABLES:
        machine = variables.get(name, "").partition(".")[0]
        if len(machine) >= _SHORTEST and machine.lower() not in _SHARED:
            yield Known(machine, "host")


def _telling(labels: Iterable[str]) -> Iterator[str]:
    """Yield the labels of a domain that many do not share."""
    for label in labels:
        if len(label) >= _SHORTEST and label.lower() not in _SHARED:
            yield label
