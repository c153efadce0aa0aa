"""Digests: what may change without a sign, and what may never."""

import ast
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.grounding.digests import Digests, digests_of, raw_digest_of
from bicameral.grounding.languages import FULL, text_only
from bicameral.grounding.sources import read_source
from bicameral.grounding.symbols import skeleton
from bicameral.grounding.syntax import parse

SAMPLES = {
    "a.py": "@cached\ndef f(a, *, b=(1,)):\n    if a < b[0] and not a:\n"
    "        return {'k': [a, -1]}\n    x = f'{a!r}' % b\n    for i in a: print(i)\n    return x\n",
    "a.ts": "export class A<T> extends B {\n  private x: T[] = [1, 2];\n"
    "  get(k: string): T | null {\n    const v = this.x?.[k] ?? null;\n    return v;\n  }\n}\n",
    "a.tsx": "const V = (p: P) => {\n  return <b c={p.x}>text {p.y}</b>;\n};\n",
    "a.js": "function* f(a, ...b) {\n  for (let i = 0; i < 3; i++) yield a ** i;\n"
    "  return /x+/g.test(b) ? `t${a}` : { a, 'k': [1] };\n}\n",
    "a.go": "package p\n\nfunc (s *S) F(a int, b ...string) (int, error) {\n"
    "\tfor i := range b {\n\t\ts.m[b[i]] += a\n\t}\n\treturn len(b), nil\n}\n",
    "A.java": "class A<T> {\n  @X int f(int a) throws E {\n"
    "    for (int i = 0; i < a; i++) { b[i] = a > 1 ? \"s\" : 'c'; }\n    return a;\n  }\n}\n",
    "a.rs": "impl<T: X> S<T> {\n    fn f(&self, a: i32) -> Option<i32> {\n"
    "        match a { 1 => Some(2), _ => None }\n    }\n}\n",
    "a.rb": "class A < B\n  def f(a, b = 1)\n    return a if b > 1\n"
    "    [a, :s, 'x'].each { |x| puts x }\n  end\nend\n",
    "A.cs": 'class A : B {\n  int F(int a) {\n    var x = a > 1 ? $"{a}" : "s";\n'
    "    return x.Length + this[0];\n  }\n}\n",
    "a.c": "static int f(const char *s, int n) {\n  while (n-- > 0) { s[n] == 'c' ? g(s) : 0; }\n"
    "  return n;\n}\n",
    "a.cpp": "template <class T> T A::f(T const& a) {\n  auto g = [&](int i) { return a[i]; };\n"
    "  return g(2);\n}\n",
}
COMMENTS = {
    "a.py": ("# {}",),
    "a.rb": ("# {}",),
    "a.tsx": ("// {}",),
}
REMARKS = ("why", "TODO: later", "see (x", 'it\'s "quoted"', "größe", "== = ]")


def digests(path: str, text: str | bytes) -> Digests:
    content = text.encode() if isinstance(text, str) else text
    parsed = parse(path, read_source(content))
    return digests_of(parsed, 0, len(parsed.source.text))


def digest(path: str, text: str | bytes) -> str:
    return digests(path, text).digest


def of_lines(path: str, text: str, first: int, last: int) -> Digests:
    parsed = parse(path, read_source(text.encode()))
    return digests_of(parsed, *parsed.source.span_of_lines(first, last))


def of_symbol(path: str, text: str, name: str) -> Digests:
    parsed = parse(path, read_source(text.encode()))
    (symbol,) = [s for s in skeleton(parsed).symbols if s.qualified_name == name]
    return digests_of(parsed, symbol.start_byte, symbol.end_byte)


@st.composite
def rewritten(draw: st.DrawFn) -> tuple[str, str]:
    """A sample with blanks, blank lines and comments put where they mean nothing."""
    path = draw(st.sampled_from(sorted(SAMPLES)))
    comments = COMMENTS.get(path, ("// {}", "/* {} */"))
    written = []
    for line in SAMPLES[path].splitlines():
        indent = draw(st.sampled_from(["", "  ", "\t", "\n", " \n\n"]))
        is_inside_markup = path == "a.tsx" and "<b" in line
        if draw(st.booleans()) and not is_inside_markup:
            remark = draw(st.sampled_from(comments)).format(draw(st.sampled_from(REMARKS)))
            written.append(indent + remark)
        margin = "" if path == "a.py" else draw(st.sampled_from(["", "  ", "\t"]))
        ending = draw(st.sampled_from(["", " ", "\t", "  " + comments[0].format("end")]))
        written.append(margin + line + ending)
    return path, draw(st.sampled_from(["\n", "\r\n"])).join(written)


@given(rewritten())
@settings(deadline=None)
def test_blanks_comments_and_line_endings_never_change_the_digest(case: tuple[str, str]) -> None:
    """A formatter's or a writer's pass over the code asks nobody for a verdict."""
    path, text = case
    changed, original = digests(path, text), digests(path, SAMPLES[path])
    assert changed.backing == FULL
    assert changed.digest == original.digest


TOKEN = re.compile(r"\w+|[^\w\s]")


@given(
    path=st.sampled_from(sorted(SAMPLES)),
    place=st.integers(0, 10_000),
    token=st.sampled_from(["x", "1", "+", "(", ")", "{", ",", ";", "==", "not", "'", "#", "."]),
)
@settings(max_examples=300, deadline=None)
def test_any_other_token_changes_the_digest(path: str, place: int, token: str) -> None:
    """Whatever is written instead, someone should look at it."""
    text = SAMPLES[path]
    found = list(TOKEN.finditer(text))
    old = found[place % len(found)]
    if old[0] == token:
        return
    changed = text[: old.start()] + token + text[old.end() :]
    assert digest(path, changed) != digest(path, text)


def meaning(text: str) -> str | None:
    """Python's own syntax tree without docstrings: an oracle that shares nothing with ours.

    None where Python refuses the text, which the more lenient grammar may accept.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.kind = None  # whether a string was written u"…", which nothing can tell later
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[isinstance(first.value.value, str) :]
    return ast.dump(tree)


@given(
    place=st.integers(0, 10_000),
    removed=st.integers(0, 3),
    added=st.sampled_from(
        ["", " ", "\n", "    ", "(", ")", ",", ";", "'", '"', "\\\n", "#", "# x\n", "r", "not "]
    ),
)
@settings(max_examples=600, deadline=None)
def test_an_equal_digest_means_an_equal_program(place: int, removed: int, added: str) -> None:
    """No edit at all may slip through that Python itself would run differently."""
    original = SAMPLES["a.py"] + 'class C:\n    """d"""\n    x = (1)\n    y = (1,), u"a" "b"\n'
    place %= len(original)
    edited = original[:place] + added + original[place + removed :]
    if digest("a.py", edited) != digest("a.py", original):
        return
    assert meaning(edited) in {None, meaning(original)}


SAME = [
    ("a.py", "f(1,)", "f( 1 )"),
    ("a.py", "x = [1, 2,]", "x = [\n  1,\n  2\n]"),
    ("a.py", "x = (1, 2,)", "x = (1, 2)"),
    ("a.py", "def f(a,): pass", "def f(a): pass"),
    ("a.py", "x = 'a'", 'x = u"a"'),
    ("a.py", "x = 'a'", 'x = """a"""'),
    ("a.py", "x = r'a'", "x = 'a'"),
    ("a.py", "x = Rb'a'", 'x = b"a"'),
    ("a.py", "x = 'a\\n'", 'x = "a\\n"'),
    ("a.py", "x = R'\\d'", 'x = r"\\d"'),
    ("a.py", "x: A[b, c,]", "x: A[b, c]"),
    ("a.py", "x[a, b,]", "x[a, b]"),
    ("a.py", "x = (a + b)", "x = a + b"),
    ("a.py", "x = a + \\\n  b", "x = a + b"),
    ("a.py", "a; b", "a\nb"),
    ("a.py", "from a import (b,\n c,)", "from a import b, c"),
    ("a.py", "if a: b", "if a:\n    b"),
    ("a.py", "def f():\n  'd'\n  return 1", "def f():\n  # c\n  return 1"),
    ("a.py", '"""d"""\nx = 1', "x = 1"),
    ("a.py", '# c\n"""d"""\nx = 1', "x = 1"),
    ("a.js", "const a = 'x';", 'const a = "x"'),
    ("a.js", "f(a, b,)", "f(a, b)"),
    ("a.js", "return_;", "return_"),
    ("a.js", "class A { a = 1; b() {} }", "class A {\n a = 1\n b() {}\n}"),
    ("a.jsx", "x = (\n <a/>\n)", "x = <a/>"),
    ("a.jsx", "x = <a>\n  hi  there\n</a>", "x = <a>hi  there</a>"),
    ("a.jsx", "x = <a>one\n  two</a>", "x = <a>one two</a>"),
    ("a.jsx", "x = <a>\n</a>", "x = <a></a>"),
    ("a.jsx", "x = <a>{1}\n {2}</a>", "x = <a>{1}{2}</a>"),
    ("a.jsx", "x = <a> \n\t{1}</a>", "x = <a>{1}</a>"),
    ("a.ts", "interface I { a: string; b: number }", "interface I {\n a: string,\n b: number,\n}"),
    ("a.ts", "enum E { A, B, }", "enum E { A, B }"),
    ("a.go", "package p\nvar x = f(1,\n 2,\n)", "package p\nvar x = f(1, 2)"),
    ("a.rs", "/// d\nfn f(a: i32,) {}", "fn f(a: i32) {}"),
    ("a.rs", "type A = (i32, u8,);", "type A = (i32, u8);"),
    ("a.rs", "fn f() { match a { 1 => {}, } }", "fn f() { match a { 1 => {} } }"),
    ("a.rb", "f(1,\n2,\n)", "f(1, 2)"),
    ("a.c", "int a[] = {1, 2,};", "int a[] = {1, 2};"),
    ("A.cs", "enum E { A, B, }", "enum E { A, B }"),
    ("A.java", "class A { int[] a = {1,}; }", "class A { int[] a = {1}; }"),
    ("a.py", "x = '''a\r\nb'''\r\n", "x = '''a\nb'''\n"),
]


@pytest.mark.parametrize(("path", "one", "other"), SAME)
def test_what_formatters_do_is_cosmetic(path: str, one: str, other: str) -> None:
    """black, prettier, gofmt and rustfmt change these, and no program by them."""
    assert digests(path, one).backing == FULL
    assert digest(path, one) == digest(path, other)
    assert digests(path, one).raw_digest != digests(path, other).raw_digest


DIFFERENT = [
    ("a.py", "x = (1,)", "x = (1)"),
    ("a.py", "x[1,]", "x[1]"),
    ("a.py", "x = 1,", "x = 1"),
    ("a.py", "x: A[b,]", "x: A[b]"),
    ("a.py", "x = '\\n'", "x = r'\\n'"),
    ("a.py", "x = '\\\\'", "x = r'\\\\'"),
    ("a.py", "for a, in b: c", "for a in b: c"),
    ("a.py", "if a:\n  b\n  c", "if a:\n  b\nc"),
    ("a.py", "x = 'a '", "x = 'a'"),
    ("a.py", "x = '''a\n b'''", "x = '''a\nb'''"),
    ("a.py", "x = 'a' 'b'", "x = 'a', 'b'"),
    ("a.py", "(a < b) < c", "a < b < c"),
    ("a.py", "(a + b) * c", "a + b * c"),
    ("a.py", "f'{a}'", "'{a}'"),
    ("a.py", "x = r'a\\n'", "x = 'a\\n'"),
    ("a.py", "x = '\\'", "x = '\\''"),
    ("a.py", "b'a'", "'a'"),
    ("a.py", "x = 1  # type: ignore", "x = 1"),
    ("a.py", "x = 1  # noqa: E1", "x = 1  # noqa: E2"),
    ("a.py", "#!/usr/bin/python\nx", "x"),
    ("a.py", "# -*- coding: latin-1 -*-\nx", "x"),
    ("a.py", "def f():\n  f'd'\n  return 1", "def f():\n  return 1"),
    ("a.py", "def f():\n  b'd'\n  return 1", "def f():\n  return 1"),
    ("a.py", "def f():\n  x\n  'd'", "def f():\n  x"),
    ("a.py", "if a:\n  'd'\n  b", "if a:\n  b"),
    ("a.py", "(x): int = 1", "x: int = 1"),
    ("a.js", "x = [,]", "x = []"),
    ("a.js", "x = [1,,]", "x = [1,]"),
    ("a.js", "x = [1,,]", "x = [1,,,]"),
    ("a.js", "(a?.b).c", "a?.b.c"),
    ("a.js", "(0, a.b)()", "a.b()"),
    ("a.js", "for (;;a);", "for (;a;);"),
    ("a.js", "'use strict'; x", "x"),
    ("a.js", "f = () => { return\n1 }", "f = () => { return 1 }"),
    ("a.js", "if (a); b", "if (a) b"),
    ("a.js", "x = `a  b`", "x = `a b`"),
    ("a.js", "x = /a /", "x = /a/"),
    ("a.js", "class A { get; x() {} }", "class A { get x() {} }"),
    ("a.js", "x = '\\''", 'x = "\\\'"'),
    ("a.js", "// eslint-disable-next-line\nx", "x"),
    ("a.js", "x = /* @__PURE__ */ f()", "x = f()"),
    ("a.jsx", "x = <a>x <b/></a>", "x = <a>x<b/></a>"),
    ("a.jsx", "x = <a>{1} {2}</a>", "x = <a>{1}{2}</a>"),
    ("a.ts", "// @ts-ignore\nx()", "x()"),
    ("a.ts", '/// <reference types="x" />\nx()', "x()"),
    ("a.ts", "type A = [a: string]", "type A = [b: string]"),
    ("a.rs", "fn f() -> i32 { 1; }", "fn f() -> i32 { 1 }"),
    ("a.rs", "type A = (i32,);", "type A = (i32);"),
    ("a.rs", "fn f() { let (a,) = b; }", "fn f() { let (a) = b; }"),
    ("a.rs", "fn f() { m!(a = > b) }", "fn f() { m!(a => b) }"),
    ("a.rs", "#[inline]\nfn f() {}", "fn f() {}"),
    ("a.go", "//go:build x\n\npackage p", "package p"),
    ("a.go", 'package p\n// int x;\nimport "C"', 'package p\n// int y;\nimport "C"'),
    ("a.go", "package p\nvar x = `a\n b`", "package p\nvar x = `a\nb`"),
    ("a.rb", "f { |a,| a }", "f { |a| a }"),
    ("a.rb", "a, = x", "a = x"),
    ("a.rb", "# frozen_string_literal: true\nx", "x"),
    ("a.rb", "x = <<~A\n  a  b\nA\n", "x = <<~A\n  a b\nA\n"),
    ("a.rb", "x = 'a#{b}'", 'x = "a#{b}"'),
    ("a.c", "#define F (x)\n", "#define F(x)\n"),
    ("a.c", "#pragma once\n", ""),
    ("a.c", '#include "a.h"\n', "#include <a.h>\n"),
    ("a.c", 'char *s = "a  b";', 'char *s = "a b";'),
    (
        "a.c",
        "switch (a) { case 1: /* fallthrough */ default: b(); }",
        "switch (a) { case 1: default: b(); }",
    ),
    ("A.java", "class A { /* NOSONAR */ int a; }", "class A { int a; }"),
    ("A.cs", "#pragma warning disable\nclass A { }", "class A { }"),
]


@pytest.mark.parametrize(("path", "one", "other"), DIFFERENT)
def test_what_looks_like_formatting_but_is_not_changes_the_digest(
    path: str, one: str, other: str
) -> None:
    """Each of these is a trap that a token filter alone falls into."""
    assert digest(path, one) != digest(path, other)


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        *(("a.py", "# a type of thing"), ("a.py", "# the coding style"), ("a.py", "#: doc")),
        *(("a.js", "// global state"), ("a.js", "/** @param x */"), ("a.go", "// line two")),
        *(("a.c", "/* export x */"), ("a.rb", "# standard library"), ("a.rs", "//! crate docs")),
    ],
)
def test_prose_is_not_taken_for_a_directive(path: str, comment: str) -> None:
    """A comment may use the words that directives use."""
    text = "package p\n" if path == "a.go" else "\n"
    assert digest(path, f"{comment}\n{text}") == digest(path, text)


def test_a_symbol_does_not_depend_on_where_it_stands() -> None:
    """Moving a function past another one is no change of it."""
    alone = "def f(a):\n    return a\n"
    among = "x = 1\n\nclass A: ...\n\n# about f\ndef f(a):\n    return a\n    # end\n\ny = 2\n"
    nested = "if x:\n    def f(a):\n        return a\n"

    expected = of_symbol("a.py", alone, "f").digest
    assert of_symbol("a.py", among, "f").digest == expected
    assert of_symbol("a.py", nested, "f").digest == expected


def test_a_decorator_is_part_of_the_symbol() -> None:
    """A removed `@login_required` must not pass for formatting."""
    with_it = of_symbol("a.py", "@guarded\ndef f(): ...\n", "f")
    assert with_it.digest != of_symbol("a.py", "def f(): ...\n", "f").digest


LINES = "def f(a):\n    if a:\n        b()\n    c()\n    return (\n        a\n    )\n"


def test_lines_in_the_middle_of_code_have_a_digest_of_their_own() -> None:
    """A decision may bind three lines of a function."""
    spaced = LINES.replace("b()", "b( )  # why").replace("    c()", "    c ()")
    indented = LINES.replace("    c()", "        c()")

    assert of_lines("a.py", LINES, 3, 4).digest == of_lines("a.py", spaced, 3, 4).digest
    assert of_lines("a.py", LINES, 3, 4).digest != of_lines("a.py", indented, 3, 4).digest
    assert of_lines("a.py", LINES, 3, 4).digest != of_lines("a.py", LINES, 3, 3).digest


def test_a_comment_at_the_edge_of_a_run_of_lines_does_not_show() -> None:
    """The first line of a region is as likely to be a remark as any."""
    text = "# before\nf(1)\n# after\ng()\n"
    assert of_lines("a.py", text, 1, 3).digest == of_lines("a.py", text, 2, 2).digest
    rust = "/// docs\nfn f() {}\n"
    assert of_lines("a.rs", rust, 1, 2).digest == of_lines("a.rs", rust, 2, 2).digest
    go = "package p\n\n// F is\nfunc F() {}\n"
    assert of_lines("a.go", go, 3, 4).digest == of_lines("a.go", go, 4, 4).digest
    directive = "f(1)\n# type: ignore\n"
    assert of_lines("a.py", directive, 1, 2).digest != of_lines("a.py", directive, 1, 1).digest


def test_a_line_with_a_single_sign_has_a_digest() -> None:
    """A closing brace is a line like any other."""
    text = "class A {\n  int a;\n}\n"
    assert of_lines("A.java", text, 3, 3).backing == FULL
    assert of_lines("A.java", text, 3, 3).digest != of_lines("A.java", text, 2, 2).digest


def test_a_run_that_cuts_a_string_takes_what_is_inside() -> None:
    """Lines need not respect the syntax."""
    text = 'x = """one\ntwo\nthree"""\n'
    assert of_lines("a.py", text, 2, 2).digest != of_lines("a.py", text, 3, 3).digest
    assert (
        of_lines("a.py", text, 2, 2).digest
        == of_lines("a.py", text.replace("one", "1"), 2, 2).digest
    )


def test_lines_of_nothing_but_comments_are_known_by_their_text() -> None:
    """Who binds a remark means what it says; were all remarks alike, any would do for it."""
    text = "# a\n\n# b\nx = 1\n"
    assert of_lines("a.py", text, 1, 1).digest != of_lines("a.py", text, 3, 3).digest
    assert of_lines("a.py", text, 1, 3).digest == of_lines("a.py", text + "\n", 1, 3).digest
    assert of_lines("a.py", text, 1, 1).backing == text_only("nothing but comments")


def test_a_region_with_a_syntax_error_is_digested_as_text_and_says_so() -> None:
    """A guess at broken code must not hide a change in it."""
    text = "def f():\n    return 1\n\ndef g(:\n    return 2\n"
    broken = digests("a.py", text)

    assert broken.backing.backend == "text"
    assert broken.backing.fallback_reason == "syntax error at line 4"
    assert of_symbol("a.py", text, "f").backing == FULL
    assert digest("a.py", text) != digest("a.py", text.replace("2", "3"))
    assert digest("a.py", text) == digest("a.py", text.replace("\n\n", "\n  \n\n"))


def test_lines_inside_a_syntax_error_are_digested_as_text() -> None:
    """The tree around them cannot be trusted either."""
    text = "int f( { { \n  a b c d\n  int x = 1;\n"
    assert of_lines("a.c", text, 2, 2).backing.backend == "text"
    assert of_lines("a.c", "int f() {\n  return 1\n}\n", 2, 2).backing.backend == "text"


def test_a_file_without_grammar_is_digested_as_text() -> None:
    """Blanks at line ends and blank lines are all that is left out."""
    found = digests("a.md", "# T\n\ntext  \n")

    assert found.backing.backend == "text"
    assert found.backing.capability == "degraded"
    assert found.digest == digest("a.md", "# T\ntext\n\n\n")
    assert found.digest != digest("a.md", "# T\n text\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_the_digest_is_of_the_text_and_not_of_its_encoding(encoding: str) -> None:
    """Saving a file anew is not a decision."""
    text = "x = 'größe'\n"
    assert digest("a.py", text.encode(encoding)) == digest("a.py", text)


def test_the_raw_digest_is_of_the_bytes_as_they_are() -> None:
    """It is how the same code is known again wherever it stands."""
    content = "x = 1\r\n".encode("utf-8-sig")
    assert digests("a.py", content).raw_digest == raw_digest_of(content)
    assert digests("a.py", content).raw_digest != digests("a.py", "x = 1\r\n").raw_digest


def test_no_two_languages_share_a_digest() -> None:
    """The same characters mean different things in each."""
    assert digest("a.js", "f(1)") != digest("a.ts", "f(1)") != digest("a.py", "f(1)")


def test_an_expression_deeper_than_the_stack_is_digested() -> None:
    """Generated code nests deeper than the interpreter's stack."""
    deep = "x = " + "+".join(["1"] * 5000) + "\n"
    assert digest("a.py", deep) != digest("a.py", deep + "y")
