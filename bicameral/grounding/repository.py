"""A git repository as one value: where it is, and what can be asked of its history.

Works in worktrees, submodules, shallow clones, with a detached HEAD and before the first
commit. Paths are relative to the root, with `/`; bytes that are not UTF-8 are surrogates.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bicameral.errors import GitFailed, InputRefused
from bicameral.grounding.changes import Change, parse_changes
from bicameral.grounding.git import Git
from bicameral.grounding.head import HeadState, HeadWatch
from bicameral.grounding.identity import chosen_remote, keys_from
from bicameral.grounding.objects import batch_request, parse_batch
from bicameral.grounding.revisions import CommitRange, checked_ref, split_range
from bicameral.grounding.signals import note_read
from bicameral.metering import count

MAIN_NAMES = ("main", "master", "trunk", "develop")
# Git knows the empty tree without storing it; its id depends on the hash in use.
_EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_FULL_ID = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Repository:
    """One working copy: `root` is its top folder, resolved; `git_dir` its own git folder,
    `common_dir` the one it shares with its worktrees.
    """

    root: Path
    git_dir: Path
    common_dir: Path
    git: Git = field(repr=False)
    _head: HeadWatch = field(repr=False, compare=False)

    @classmethod
    def discover(cls, path: Path, variables: Mapping[str, str]) -> Self:
        """Find the repository around a folder or file.

        Raises `NotARepository` outside of one or in a bare one, `GitFailed` when git is
        missing or refuses.
        """
        folder = path if path.is_dir() else path.parent
        asked = Git(folder, variables)
        answer = asked.ask(
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-dir",
            "--git-common-dir",
        )
        places = [Path(line) for line in answer.text().split("\n")]
        if len(places) != 3:  # noqa: PLR2004  # three were asked for
            raise GitFailed(
                f"the path of the repository around {folder} holds a line break",
                next_step="move the repository to a folder without one",
            )
        root, git_dir, common_dir = places[0].resolve(), places[1], places[2]
        git = Git(root, variables)
        return cls(root, git_dir, common_dir, git, HeadWatch(git, git_dir, common_dir))

    @property
    def is_shallow(self) -> bool:
        """Tell whether history was cut off when this was cloned."""
        return (self.common_dir / "shallow").is_file()

    def head_state(self) -> HeadState:
        """Return commit and branch of HEAD together, as they were at one moment."""
        return self._head.state()

    def head(self) -> str | None:
        """Return the full commit id of HEAD; None before the first commit."""
        return self._head.state().commit

    def branch(self) -> str | None:
        """Return the short name of the branch in HEAD; None when detached."""
        return self._head.state().branch

    def main_branch(self) -> str:
        """Return the short name of the branch that the team merges into.

        What origin/HEAD says; else main, master, trunk or develop, here or at origin;
        else the only branch; else the configured default for new repositories.
        """
        listing = self.git.ask(
            "for-each-ref", "--format=%(refname)%00%(symref)", "refs/heads", "refs/remotes/origin"
        ).text()
        refs = dict(line.split("\0") for line in listing.splitlines())
        return _main_among(refs) or self._default_branch()

    def is_on_main(self, commit: str) -> bool:
        """Tell whether a commit is part of the main branch, here or at origin."""
        name = self.main_branch()
        answer = self.git.ask(
            *("for-each-ref", "--count=1", f"--contains={checked_ref(commit)}"),
            *(f"refs/heads/{name}", f"refs/remotes/origin/{name}"),
            expected=(0, 129),
        )
        return answer.status == 0 and bool(answer.output)

    def main_tips(self) -> frozenset[str]:
        """Return the newest commits of the main branch, here and at origin, as far as known."""
        name = self.main_branch()
        refs = (f"refs/heads/{name}", f"refs/remotes/origin/{name}")
        listing = self.git.ask("for-each-ref", "--format=%(objectname)", *refs).text()
        return frozenset(listing.split())

    def has_commit(self, commit: str) -> bool:
        """Tell whether a commit is known here; one rewritten or made elsewhere may not be."""
        return self._commit_or_none(checked_ref(commit)) is not None

    def resolve(self, ref: str) -> str:
        """Return the full id of the commit a ref names; raises `InputRefused` for none."""
        commit = self._commit_or_none(checked_ref(ref))
        if commit is None:
            if self.head() is None:
                raise InputRefused(
                    "nothing is committed yet on this branch",
                    next_step="commit first, then call again",
                )
            raise InputRefused(
                f"{ref!r} names no commit in this repository",
                next_step="list what there is with `git log --oneline` or `git branch --all`",
            )
        return commit

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Tell whether the first commit is part of the second one's history, or the same."""
        refs = (self._id_of(ancestor), self._id_of(descendant))
        return self.git.ask("merge-base", "--is-ancestor", *refs, expected=(0, 1)).status == 0

    def commit_range(self, spec: str) -> CommitRange:
        """Read `A..B`, or one ref as the change from its first parent to itself.

        The first commit, and the oldest one of a shallow clone, start at the empty tree.
        """
        base, tip = split_range(spec)
        commit = self.resolve(tip)
        if base is not None:
            return CommitRange(self.resolve(base), commit)
        return CommitRange(self._commit_or_none(f"{commit}^1"), commit)

    def changes(self, base: str | None, tip: str) -> list[Change]:
        """Return what differs between two commits' trees, renames found (-M).

        A `base` of None is the empty tree. Trees are compared, so a merge needs no rule.
        Where git cannot read what it would compare, as in a partial clone, only files that
        were not changed on the way are known as renamed.
        """
        newer = self._id_of(tip)
        older = _EMPTY_TREES[len(newer)] if base is None else self._id_of(base)
        try:
            return self._differing(older, newer, "-M")
        except GitFailed:
            return self._differing(older, newer, "-M100%")

    def _differing(self, older: str, newer: str, renames: str) -> list[Change]:
        answer = self.git.ask(
            *("diff-tree", "-r", "-z", renames, "--name-status", "--no-ext-diff", "--no-textconv"),
            *("--end-of-options", older, newer, "--"),
        )
        return parse_changes(answer.output)

    def read_files(self, commit: str, paths: Iterable[str]) -> dict[str, bytes | None]:
        """Return the content of each path at a commit; None where there is no file.

        One process for all of them. A symbolic link's content is the path it leads to.
        """
        wanted = list(dict.fromkeys(paths))
        if not wanted:
            return {}
        request = batch_request(self._id_of(commit), wanted)
        answer = self.git.ask("cat-file", *request.options, standard_input=request.content)
        found = dict(zip(wanted, parse_batch(answer.output, request.names), strict=True))
        count("file_read_raw_bytes_total", sum(map(len, filter(None, found.values()))))
        for path, content in found.items():
            note_read(path, "raw", len(content or b""))
        return found

    def tracked_paths(self) -> tuple[str, ...]:
        """Return every path in the index, in git's order."""
        listing = self.git.ask("ls-files", "-z", "--cached").output
        return tuple(dict.fromkeys(os.fsdecode(name) for name in listing.split(b"\0") if name))

    def visible_paths(self) -> tuple[str, ...]:
        """Return every path that is tracked, or new and not ignored."""
        listing = self.git.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return tuple(dict.fromkeys(map(os.fsdecode, filter(None, listing.output.split(b"\0")))))

    def is_ignored(self, path: str) -> bool:
        """Tell whether git leaves a file out on purpose: an installed library, a build."""
        listing = ("ls-files", "--cached", "--others", "--exclude-standard", "--", path)
        return not self.git.ask(*listing).output

    def identity_keys(self) -> tuple[str, ...]:
        """Return opaque keys of which any one, when shared, means the same repository.

        `root:` the first commit of the main line unless the clone is shallow, `remote:` a
        digest of the remote's address, `path:` a digest of the place when neither is known.
        """
        listing = self.git.ask("remote", "--verbose").text()
        return keys_from(
            roots=self._roots(), remote=chosen_remote(listing), common_dir=self.common_dir
        )

    def _roots(self) -> list[str]:
        if self.is_shallow or self.head() is None:
            return []
        answer = self.git.ask("rev-list", "--max-parents=0", "--first-parent", "HEAD")
        return answer.text().split()

    def _commit_or_none(self, ref: str) -> str | None:
        answer = self.git.ask(
            *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"),
            expected=(0, 1, 128),
        )
        return answer.text() if answer.status == 0 else None

    def _id_of(self, ref: str) -> str:
        """Resolve a ref, without a process when it is a full id already."""
        return ref if len(ref) in _EMPTY_TREES and _FULL_ID.fullmatch(ref) else self.resolve(ref)

    def _default_branch(self) -> str:
        configured = self.git.ask("config", "--get", "init.defaultBranch", expected=(0, 1)).text()
        return configured or MAIN_NAMES[0]


def _main_among(refs: Mapping[str, str]) -> str | None:
    """Choose the main branch from full names of refs, each with what it points to."""
    followed = refs.get("refs/remotes/origin/HEAD", "").removeprefix("refs/remotes/origin/")
    if followed:
        return followed
    for prefix in ("refs/heads/", "refs/remotes/origin/"):
        for name in MAIN_NAMES:
            if prefix + name in refs:
                return name
    local = [name.removeprefix("refs/heads/") for name in refs if name.startswith("refs/heads/")]
    return local[0] if len(local) == 1 else None
