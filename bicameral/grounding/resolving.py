"""Selectors that the syntax alone cannot decide: a language server is asked where they are used.

A name may be imported here and defined elsewhere, or be defined in several places. The server
says where each use leads; the syntax tree has to find that very name there, or nothing is
bound. What is not certain stays the refusal that it was, with the reason beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bicameral.errors import SelectorAmbiguous, SelectorRefused, SelectorUnknown
from bicameral.grounding.binding import Resolution, files_with_word, find_code, word_of
from bicameral.grounding.cache import ParseCache, ParsedFile
from bicameral.grounding.landings import NO_SYMBOL, Landing, land
from bicameral.grounding.lsp.asking import Document, LanguageServers
from bicameral.grounding.lsp.budget import Budget
from bicameral.grounding.lsp.conversations import Unanswered
from bicameral.grounding.lsp.results import Outlined
from bicameral.grounding.lsp.servers import spoken_in
from bicameral.grounding.places import content_or_none, has_file, place_of, read_work_file
from bicameral.grounding.regions import Region as Snapshot
from bicameral.grounding.regions import locate
from bicameral.grounding.repository import Repository
from bicameral.grounding.selectors import (
    Selector,
    ambiguous,
    exactly,
    matching,
    parse_selector,
    place,
)
from bicameral.grounding.signals import note_fallback, note_selector
from bicameral.grounding.uses import Use, name_offset, uses_of

MOST_USES = 40
MOST_FILES = 10
# Looking at that many takes some tens of milliseconds.
MOST_NEARBY = 5_000


@dataclass(frozen=True, slots=True)
class Located:
    """What a selector names; `resolution` is None where the syntax alone decided."""

    snapshot: Snapshot
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said of some uses: the symbols they lead to, and what was against others.

    `unknown` are the uses it said nothing of.
    """

    server: str
    landings: frozenset[Landing]
    objections: frozenset[str]
    unknown: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds code in one work tree for one call; `start` is where paths are taken from."""

    repository: Repository
    start: Path
    cache: ParseCache
    servers: LanguageServers
    budget: Budget

    def find(self, selector: str) -> Located:
        """Return what a selector names.

        Raises what `binding.find_code` raises; where a language server might have told more,
        the refusal says why it did not.
        """
        try:
            located = self._find(selector)
        except SelectorRefused as refused:
            note_selector(resolved=False, matches=refused.matches)
            raise
        note_selector(resolved=True, matches=1)
        return located

    def _find(self, selector: str) -> Located:
        try:
            found = find_code(self.repository, selector, start=self.start, cache=self.cache)
        except (SelectorUnknown, SelectorAmbiguous) as refused:
            return self._ask(selector, refused)
        return Located(found)

    def _ask(self, selector: str, refused: SelectorRefused) -> Located:
        root = self.repository.root
        named = parse_selector(selector, is_file=lambda path: has_file(path, root, self.start))
        wanted = named.symbol
        # Of two symbols in the file that was named, no use elsewhere can tell which was meant.
        if wanted is None or (named.path and isinstance(refused, SelectorAmbiguous)):
            raise refused
        try:
            if named.path is None:
                located = self._by_all_uses(wanted)
            else:
                located = self._in_file(place_of(named.path, root, self.start), wanted)
        except Unanswered as why:
            note_fallback()
            raise _with_reason(refused, why) from None
        if located is None:  # nobody says the name: there is nothing to ask about
            raise refused
        return located

    def _in_file(self, path: str, wanted: str) -> Located | None:
        """Find a name that a file does not define by what it means there."""
        file = self.cache.open(path, read_work_file(self.repository.root, path))
        if file.skeleton().backing.capability != "full":
            located = self._by_outline(file, wanted)
            if located is not None:
                return located
        uses = uses_of(wanted, file.source.text)
        # `refund` alone means what was imported; `till.refund` may be anybody's.
        bare, members = _split(uses)
        for group in filter(None, (bare, members)):
            answered = self._asked(file, group[:MOST_USES])
            if answered.landings or group is (members or bare):
                return self._only(wanted, [answered], is_whole=len(group) <= MOST_USES)
        return None

    def _by_all_uses(self, wanted: str) -> Located | None:
        """Find a name by all that the repository means with it, or not at all."""
        word = word_of(wanted)
        paths = [path for path in files_with_word(self.repository, word) if spoken_in(path)]
        found = {path: self._uses_in(path, wanted) for path in paths[: MOST_FILES + 1]}
        used = {path: uses for path, (_, uses) in found.items() if uses}
        if not used:
            return None
        if len(paths) > MOST_FILES or sum(map(len, used.values())) > MOST_USES:
            raise Unanswered(
                f"{wanted!r} is used in more places than a language server is asked about",
                capability="degraded",
            )
        answers = [self._asked(found[path][0], uses) for path, uses in used.items()]
        for answered in answers:
            # What is unknown of a member might be another one of the same name.
            if NO_SYMBOL in answered.objections or any(use.is_member for use in answered.unknown):
                raise _undecided(answered.server, "cannot tell what all of its uses mean")
        return self._only(wanted, answers, is_whole=True)

    def _uses_in(self, path: str, wanted: str) -> tuple[ParsedFile, list[Use]]:
        """Return the uses of a name in a file, without the places where it is defined."""
        file = self.cache.open(path, content_or_none(self.repository.root, path) or b"")
        own = {name_offset(each, file.source) for each in matching(wanted, file.skeleton())}
        return file, [use for use in uses_of(wanted, file.source.text) if use.offset not in own]

    def _asked(self, file: ParsedFile, uses: Sequence[Use]) -> Answered:
        defined = self.servers.definitions(
            self.repository.root,
            Document(file.path, file.source),
            [use.offset for use in uses],
            self.budget,
            nearby=self._nearby(file.path),
        )
        found = [
            land(target, defined.encoding, self.repository, self.cache)
            for target in dict.fromkeys(each for targets in defined.targets for each in targets)
        ]
        pairs = zip(uses, defined.targets, strict=True)
        return Answered(
            defined.server,
            frozenset(each for each in found if isinstance(each, Landing)),
            frozenset(each for each in found if isinstance(each, str)),
            tuple(use for use, targets in pairs if not targets),
        )

    def _nearby(self, path: str) -> list[str]:
        """Return the files of the same language: an answer may lead to any of them."""
        spoken = spoken_in(path)
        paths = self.repository.visible_paths() if spoken else ()
        alike = (each for each in paths if spoken_in(each) == spoken)
        return list(islice(alike, MOST_NEARBY))

    def _only(self, wanted: str, answers: Sequence[Answered], *, is_whole: bool) -> Located:
        """Return the one symbol that the uses lead to; raises where it is not one."""
        server = answers[0].server
        landings = {each for answered in answers for each in answered.landings}
        if len(landings) > 1:
            raise ambiguous(wanted, sorted(place(each.path, each.symbol) for each in landings))
        for landing in landings:
            name = exactly(landing.symbol.qualified_name)
            snapshot = self._locate(Selector(landing.path, symbol=name))
            return Located(snapshot, _resolution(server, is_whole=is_whole))
        objections = sorted({each for answered in answers for each in answered.objections})
        raise _undecided(server, objections[0] if objections else "knows no definition of it")

    def _by_outline(self, file: ParsedFile, wanted: str) -> Located | None:
        """Find a symbol in a file that the syntax tree cannot read: bound as its lines."""
        document = Document(file.path, file.source)
        server, outlined = self.servers.outline(self.repository.root, document, self.budget)
        found = [each for each in outlined if _means(each, wanted)]
        if len(found) > 1:
            raise ambiguous(wanted, [f"{file.path}:{e.first_line}-{e.last_line}" for e in found])
        for each in found:
            lines = Selector(file.path, first_line=each.first_line, last_line=each.last_line)
            return Located(self._locate(lines), _resolution(server, is_whole=True))
        return None

    def _locate(self, selector: Selector) -> Snapshot:
        content = read_work_file(self.repository.root, selector.path or "")
        return locate(selector, content, cache=self.cache)


def _split(uses: Iterable[Use]) -> tuple[list[Use], list[Use]]:
    uses = list(uses)
    return [use for use in uses if not use.is_member], [use for use in uses if use.is_member]


def _means(outlined: Outlined, wanted: str) -> bool:
    name = outlined.qualified_name
    return name == wanted or name.endswith("." + wanted)


def _resolution(server: str, *, is_whole: bool) -> Resolution:
    if is_whole:
        return Resolution(server, "full", "")
    return Resolution(server, "degraded", f"{server} was asked about the first {MOST_USES} uses")


def _undecided(server: str, what: str) -> Unanswered:
    return Unanswered(f"{server} {what}", server=server, capability="degraded")


def _with_reason(refused: SelectorRefused, why: Unanswered) -> SelectorRefused:
    return type(refused)(
        f"{refused.message}; {why.reason}",
        next_step=refused.next_step,
        matches=refused.matches,
        capability=why.capability,
        fallback_reason=why.reason,
    )
