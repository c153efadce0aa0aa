"""Names known here: read from real git and from the environment of whoever promotes."""

from dataclasses import replace

import pytest

from bicameral.environment import Environment
from bicameral.grounding.repository import Repository as WorkingCopy
from bicameral.review.promotion.authorship import (
    names_in_address,
    names_in_identity,
    names_in_remote,
    read_names,
)
from bicameral.review.promotion.names import Known, NameFinder
from tests.conftest import GIT_VARIABLES, Repository
from tests.review.promotion.parts import Bench


def read(repository: Repository, environment: Environment, **variables: str) -> set[str]:
    outside = replace(environment, variables={**GIT_VARIABLES, **variables})
    copy = WorkingCopy.discover(repository.root, outside.variables)
    return {each.text for each in read_names(copy, outside)}


def test_authors_committers_and_trailers_are_known(bench: Bench) -> None:
    """Everybody whom the history names, in whatever part they had."""
    bench.repository.git(
        "-c",
        "user.name=Umberto Zwick",
        "-c",
        "user.email=uzwick@northwind-traders.com",
        "commit",
        "--quiet",
        "--allow-empty",
        "--author=Ottilie Blum <otti@blum.example>",
        "--message=Work\n\n"
        "Co-authored-by: Xaver Yuki <xy@flim.example>\nReviewed-by: Q Rex <qrex@a.io>",
    )
    found = read(bench.repository, bench.environment)
    people = {"Zelda Quux", "Umberto Zwick", "Ottilie Blum", "Xaver Yuki"}
    assert people | {"zquux", "uzwick", "otti", "qrex"} <= found
    assert {"northwind-traders", "blum", "flim"} <= found


def test_old_names_of_a_mail_map_are_known(bench: Bench) -> None:
    """History shows the new name only; the old one is in the file, and is nobody's business."""
    bench.repository.write(
        ".mailmap", "# people\nZelda Quux <zquux@northwind-traders.com> Former Nym <fnym@old.io>\n"
    )
    found = read(bench.repository, bench.environment)
    assert {"Former Nym", "fnym"} <= found


def test_settings_remotes_and_the_place_are_known(bench: Bench) -> None:
    """What git would say of the person and of the company."""
    bench.repository.git("config", "github.user", "zq-at-work")
    bench.repository.git("remote", "add", "local", "/srv/git/flamflim.git")
    found = read(bench.repository, bench.environment)
    assert {"zq-at-work", "Blorptech", "flimflam", "flamflim", "northwind"} <= found
    assert bench.repository.root.name in found


def test_the_person_and_the_machine_are_known(bench: Bench) -> None:
    """The name of the account stands in paths and in prompts."""
    variables = {"USER": "pdoe", "HOME": "/home/pat-doe", "HOSTNAME": "zq-laptop.local"}
    found = read(bench.repository, bench.environment, **variables)
    assert {"pdoe", "pat-doe", "zq-laptop"} <= found


def test_an_empty_repository_has_only_its_settings(
    repository: Repository, environment: Environment
) -> None:
    """Before the first commit there is no history to ask."""
    found = read(repository, environment)
    assert found >= {"Test", repository.root.name}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("    12\tZelda Quux <zquux@northwind.com>", {"Zelda Quux", "zquux", "northwind"}),
        ("1\tGitHub <noreply@github.com>", set()),
        ("1\tdependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", set()),
        ("1\tZQ <12345+zq-9@users.noreply.github.com>", {"ZQ", "zq-9"}),
        ("1\tZelda <zq@gmail.com>", {"Zelda", "zq"}),
        ("no identity", set()),
    ],
)
def test_an_identity_has_a_name_a_user_and_a_domain(line: str, names: set[str]) -> None:
    """What machines and public providers are called says nothing about anybody."""
    assert {each.text for each in names_in_identity(line)} == names


def test_a_domain_is_known_by_the_labels_that_are_its_own() -> None:
    """`co.uk` and `mail` are everybody's."""
    found = {each.text for each in names_in_address("ops@mail.blorp-tech.co.uk")}
    assert found == {"ops", "blorp-tech"}


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("git@github.com:blorp/flim.git", {"blorp", "flim"}),
        ("https://u:p@git.northwind.io:8443/group/sub/flim", {"northwind", "group", "sub", "flim"}),
        ("/srv/git/flim.git", {"flim"}),
    ],
)
def test_a_remote_names_host_owner_and_repository(url: str, names: set[str]) -> None:
    """Public hosts are left out, user and password are never taken for names."""
    assert {each.text for each in names_in_remote(url)} == names


def test_many_names_cost_no_more_time_than_the_text() -> None:
    """A history of ten thousand people must not make the scan slow: each word is one look-up."""
    finder = NameFinder(Known(f"Zork{n:05} Quib{n:05}", "person_name") for n in range(10_000))
    found = list(finder.find("retry " * 5_000 + "ask Zork00042 Quib00042"))
    assert max(each.end for each in found) == 30_000 + len("ask Zork00042 Quib00042")
