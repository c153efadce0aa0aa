"""Laws of drift on any edit: what means something else is never taken for what was judged.

Python's own syntax tree is the oracle: it shares nothing with the grammar under test.
"""

import ast
import re
import textwrap
import warnings

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.candidates import ChangedFiles
from bicameral.grounding.changes import Change
from bicameral.grounding.evidence import Outcome
from bicameral.grounding.following import follow
from bicameral.grounding.regions import Comparison, classify, locate
from bicameral.grounding.selectors import Selector
from bicameral.grounding.similarity import pairs_of, share, similarity

CALM: frozenset[Outcome] = frozenset({"unchanged", "cosmetic", "moved", "renamed"})
FUNCTIONS = (
    """\
def price(basket, rate=3):
    total = 0
    for item in basket:
        if item.count > rate and not item.free:
            total += item.cost * 2
    return {'total': total, 'rate': rate}
""",
    """\
@cached
def load(path, *names, mode='r'):
    with open(path, mode) as source:
        lines = [line.strip() for line in source if line]
    return sorted(lines, key=len)[1:-1] or None
""",
    """\
async def ask(client, question):
    try:
        answer = await client.send(question)
    except (ValueError, KeyError) as error:
        raise Refused(str(error)) from error
    return answer if answer.ok else await ask(client, question)
""",
)
TOKEN = re.compile(r"\w+|[^\w\s]+")
LIKES = (
    {"basket", "item", "rate", "total", "path", "source", "line", "client", "answer", "sorted"},
    {"1", "2", "3", "0", "-1", "None"},
    {"+", "-", "*", "+=", "-="},
    {">", "<", ">=", "==", "in", "is"},
    {"and", "or", "and not"},
    {"if", "while", "if not"},
    {"count", "cost", "free", "send", "strip", "ok"},
)
ANY = ("x", "1", "not", "(", ")", "[", ",", ":", "'s'", "")
REMARKS = ("# why", "# noted (here", "#: it's", "# TODO: == 1")

functions = st.sampled_from(FUNCTIONS)


@st.composite
def with_another_token(draw: st.DrawFn) -> tuple[str, str]:
    """A function, and the same with one or two of its tokens replaced or dropped."""
    code = edited = draw(functions)
    for _ in range(draw(st.integers(1, 2))):
        found = draw(st.sampled_from(list(TOKEN.finditer(edited))))
        # Mostly its like, for most edits of any other kind are no program at all.
        like = next((sorted(each) for each in LIKES if found[0] in each), ANY)
        token = draw(st.sampled_from(like))
        edited = edited[: found.start()] + token + edited[found.end() :]
    return code, edited


@st.composite
def in_another_form(draw: st.DrawFn) -> tuple[str, str]:
    """A function, and the same with remarks, blank lines, a docstring, and other margins."""
    code = draw(functions)
    head, *body = code.splitlines()
    if head.startswith("@"):
        head = f"{head}\n{body.pop(0)}"
    if draw(st.booleans()):
        body.insert(0, '    """Say what it does."""')
    lines = [head]
    for line in body:
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from(["", "    " + draw(st.sampled_from(REMARKS))])))
        end = "  " + draw(st.sampled_from(REMARKS)) if draw(st.booleans()) else ""
        lines.append(line + end)
    text = "\n".join([*lines, ""])
    wide = textwrap.dedent(text)
    return code, wide.replace("    ", "  ") if draw(st.booleans()) else wide


def meaning(text: str, name: str = "") -> str | None:
    """Return what Python makes of a text with its first function called `name`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            if name and not isinstance(node, ast.Module):
                node.name, name = name, ""
    return ast.dump(tree)


def name_in(text: str) -> str:
    return re.search(r"def (\w+)", text)[1]  # type: ignore[index]


def in_place(old: str, new: str) -> Comparison:
    region = locate(Selector("a.py", symbol=name_in(old)), old.encode())
    return classify(region, new.encode())


def elsewhere(old: str, new: str) -> Comparison:
    """Say what becomes of a function whose file is gone, given the one file that is new."""
    cache = ParseCache()
    region = locate(Selector("a.py", symbol=name_in(old)), old.encode(), cache=cache)
    files = ChangedFiles(
        [Change("deleted", "a.py"), Change("added", "b.py")],
        read_before=lambda paths: {p: old.encode() if p == "a.py" else None for p in paths},
        read_now=lambda paths: {p: new.encode() if p == "b.py" else None for p in paths},
        cache=cache,
    )
    return follow(region, files, cache)


@given(with_another_token())
@settings(max_examples=400, deadline=None)
def test_no_change_of_meaning_is_ever_cosmetic(case: tuple[str, str]) -> None:
    """A verdict would stay on code that nobody judged."""
    old, new = case
    meant, now = meaning(old), meaning(new)
    if now is not None and meant != now:
        found = in_place(old, new)
        event(found.outcome)
        assert found.outcome not in CALM


@given(with_another_token())
@settings(max_examples=400, deadline=None)
def test_no_change_of_meaning_is_ever_a_mere_move_or_rename(case: tuple[str, str]) -> None:
    """The same law where the code is in another file as well: only its own name may differ."""
    old, new = case
    meant, now = meaning(old, "it"), meaning(new, "it")
    if now is not None and meant != now:
        found = elsewhere(old, new)
        event(found.outcome)
        assert found.outcome not in CALM


@given(functions, st.data())
@settings(max_examples=60, deadline=None)
def test_a_local_name_is_part_of_the_meaning(code: str, data: st.DataObject) -> None:
    """Whether a name is only local takes more than this code to know."""
    known = sorted({"total", "item", "source", "answer", "lines"} & set(TOKEN.findall(code)))
    name = data.draw(st.sampled_from(known))
    changed = re.sub(rf"\b{name}\b", f"{name}_new", code)
    assert in_place(code, changed).outcome == "changed"


@given(in_another_form())
@settings(max_examples=200, deadline=None)
def test_another_form_is_cosmetic_in_its_place_and_a_move_elsewhere(case: tuple[str, str]) -> None:
    """Comments, docstrings, blank lines and margins ask nobody for a verdict."""
    old, new = case
    assume(meaning(old) == meaning(new))
    assert in_place(old, new).outcome in {"unchanged", "cosmetic"}
    assert elsewhere(old, new).outcome == "moved"


@given(in_another_form(), st.sampled_from(["other", "price_of", "f2"]))
@settings(max_examples=100, deadline=None)
def test_another_name_alone_is_a_rename(case: tuple[str, str], name: str) -> None:
    """A function that calls itself means another one then, and is asked about."""
    old, new = case
    renamed = re.sub(r"def \w+", f"def {name}", new, count=1)
    calls_itself = len(re.findall(rf"\b{name_in(old)}\b", old)) > 1
    assert elsewhere(old, renamed).outcome == ("changed" if calls_itself else "renamed")


tokens = st.lists(st.sampled_from([b"a", b"b", b"(", b")"]), max_size=12)


@given(tokens, tokens)
def test_similarity_is_one_for_the_same_and_alike_from_both_sides(
    one: list[bytes], other: list[bytes]
) -> None:
    """Which of two pieces of code came first makes no difference to how alike they are."""
    here, there = pairs_of(one), pairs_of(other)
    assert similarity(here, here) == share(here, here) == 1
    assert similarity(here, there) == similarity(there, here)
    assert 0 <= similarity(here, there) <= 1
    assert (similarity(here, there) == 1) == (here == there)
