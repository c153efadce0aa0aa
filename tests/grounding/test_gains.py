"""What files gained, and who gained some code: a look-up that finds what a full search finds."""

from hypothesis import given
from hypothesis import strategies as st

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.candidates import ChangedFiles
from bicameral.grounding.changes import Change
from bicameral.grounding.gains import MOST_COMPARED, Gains, Told
from bicameral.grounding.regions import locate
from bicameral.grounding.selectors import Selector
from bicameral.metering import Meter, metered

LINES = [f"total = {word} + {word}" for word in ("apple", "bread", "cider", "dates", "eggs")]
CODE = "def quote(basket):\n    return basket.total + basket.shipping\n"

a_text = st.lists(st.sampled_from([*LINES, "    pass", "{", "quote"])).map("\n".join)


def gains(now: dict[str, str], before: dict[str, str] | None = None) -> Gains:
    old = {path: text.encode() for path, text in (before or {}).items()}
    return Gains({path: text.encode() for path, text in now.items()}, dict(old))


@given(
    st.lists(st.tuples(a_text, a_text), max_size=12), a_text, st.sampled_from(["quote", "", "x"])
)
def test_the_look_up_finds_what_a_search_of_all_files_finds(
    files: list[tuple[str, str]], code: str, name: str
) -> None:
    """Beginning with the rarest words leaves out nothing that shares enough."""
    before = {f"{number}.py": old for number, (old, _) in enumerate(files)}
    found = gains({f"{number}.py": new for number, (_, new) in enumerate(files)}, before)
    told = Told.of(code.encode(), name)

    searched = {path for path in before if told.likeness(found.of(path))}

    assert {path for _, path in found.likely(told)} == searched


def test_a_line_that_was_there_before_is_not_gained() -> None:
    """A file that calls a function all the time is not where the function went."""
    found = gains({"a.py": f"{LINES[0]}\n{LINES[1]}\n"}, {"a.py": f"{LINES[0]}\n{LINES[2]}\n"})

    assert found.of("a.py").lines == {LINES[1].encode()}
    assert list(found.of("a.py").lost) == [LINES[2].encode()]


def test_a_line_that_is_there_once_more_is_gained() -> None:
    """So a second function of the same text is seen as new."""
    assert gains({"a.py": CODE * 2}, {"a.py": CODE}).of("a.py").lines


def test_what_every_file_gained_is_compared_with_few_of_them() -> None:
    """Else each of many functions that are gone is looked for in each of many files."""
    found = gains({f"{number}.py": CODE for number in range(MOST_COMPARED * 2)})

    assert len(list(found.likely(Told.of(CODE.encode(), "quote")))) == MOST_COMPARED


def test_the_file_with_a_rare_line_is_found_among_many_with_the_common_ones() -> None:
    """What is said in one place only is what code is known by."""
    common = {f"{number}.py": CODE for number in range(MOST_COMPARED * 2)}
    found = gains(common | {"z.py": CODE + LINES[0]})

    likely = found.likely(Told.of((CODE + LINES[0]).encode(), "quote"))

    assert max(likely)[1] == "z.py"


def test_for_code_that_nothing_resembles_nothing_is_parsed() -> None:
    """A commit that removes hundreds of functions costs no more than one that changes them."""
    before = {f"{number}.py": f"{LINES[0]}\n\n\n{CODE}".encode() for number in range(9)}
    now = {path: LINES[0].encode() for path in before}
    region = locate(Selector("3.py", symbol="quote"), before["3.py"])
    changed = ChangedFiles(
        [Change("modified", path) for path in before],
        read_before=lambda paths: {path: before[path] for path in paths},
        read_now=lambda paths: {path: now[path] for path in paths},
        cache=ParseCache(),
    )
    meter = Meter()

    with metered(meter):
        assert changed.likely(region, "quote") == []

    assert meter.counts.get("ast_parse_count", 0) == 0
