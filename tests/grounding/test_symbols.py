"""Skeletons: what each language calls a symbol, where it begins and ends, and its full name."""

import pytest

from bicameral.grounding.sources import read_source
from bicameral.grounding.symbols import Skeleton, skeleton
from bicameral.grounding.syntax import parse

PYTHON = '''"""Orders."""
import abc


@dataclass(frozen=True)
class Order:
    """One order."""

    lines: list[int]

    @property
    def total(self) -> int:
        def add(a, b):
            return a + b
        return sum(self.lines)

    @total.setter
    def total(self, value): ...

    class Meta:
        async def load(self): ...


if abc:
    def ship(order):
        return order
else:
    def ship(order):
        return None
'''

TYPESCRIPT = """import { Money } from './money';

export interface Priced { price(): Money; }
export type Id = string;
export enum State { Open, Done }

@Injectable()
export abstract class Basket<T> implements Priced {
  private items: T[] = [];
  constructor(private readonly id: Id) {}
  @Log() price(): Money { return this.items.reduce((a, b) => a + b, 0); }
  abstract close(): void;
  onChange = () => { this.close(); };
  static of<T>(id: Id) { return id; }
}

export const parse = async (text: string): Promise<Id> => text;
const first = () => 1, second = function () { return 2; };
const limit = 10;
export function total(a: number): number;
export function total(a: string): number;
export function total(a: any): number { return a; }
namespace Tax.Eu { export function rate() { return 0.2; } }
declare function outside(): void;
"""

JAVASCRIPT = """'use strict';
class Queue extends Base {
  #items = [];
  static make = () => new Queue();
  get size() { return this.#items.length; }
  *[Symbol.iterator]() { yield* this.#items; }
  #trim() {}
}
function* numbers() { yield 1; }
exports.drain = function (queue) { return queue; };
Queue.prototype.peek = () => null;
const View = class { render() { return <b/>; } };
export default function App() { const inner = () => 1; return inner(); }
"""

GO = """package store

import "context"

//go:generate stringer
type Kind int

type (
	Reader interface {
		Read(ctx context.Context) error
	}
	Alias = Kind
)

type Store[K comparable] struct{ items map[K]int }

// Get finds.
func (s *Store[K]) Get(key K) int { return s.items[key] }

func (Kind) String() string { return "" }

func New() *Store[string] {
	inner := func() {}
	inner()
	return nil
}
"""

JAVA = """package shop;

/** A cart. */
@Entity
public class Cart<T> implements Priced {
    private int total = 0;
    public Cart() { this(1); }
    public Cart(int size) { }
    @Override
    public int price() { return total; }
    enum State { OPEN { int code() { return 1; } }, DONE; }
    record Line(int count) { Line { } }
    interface Visitor { void visit(Cart<?> cart); }
    @interface Marked { int value(); }
}
"""

RUST = """//! Store.
use std::fmt;

#[derive(Debug, Clone)]
// kept together
#[serde(default)]
pub struct Store<T> { items: Vec<T> }

impl<T> Store<T> {
    #[inline]
    pub fn get(&self) -> Option<&T> { self.items.first() }
}

impl<T> fmt::Display for crate::Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { Ok(()) }
}

pub trait Shape { fn area(&self) -> f64; fn name(&self) -> &str { "" } }
enum Kind { A, B }
mod tests { fn works() {} }
macro_rules! square { ($x:expr) => { $x * $x } }
type Id = u64;
pub fn main() {}
"""

RUBY = """# frozen_string_literal: true

module Shop
  class Cart < Base
    attr_reader :lines

    def initialize(lines) = @lines = lines

    def self.empty
      new([])
    end

    class << self
      def build?; true; end
    end

    def total=(value)
      @total = value
    end
  end

  class Shop::Order; def ship!; end; end
end

def Registry.find(id)
  id
end
"""

C_SHARP = """using System;

namespace Shop.Orders
{
    [Serializable]
    public class Order<T> : IOrder
    {
        public int Total { get; private set; }
        public Order() { }
        ~Order() { }
        public static Order<T> operator +(Order<T> a, Order<T> b) => a;
        public static implicit operator int(Order<T> order) => 1;
        public int this[int index] => index;
        public void Ship<K>(K key) { void Inner() { } Inner(); }
        public void Ship() { }
        private record Line(int Count);
    }

    public interface IOrder { void Ship(); }
    public enum State { Open, Done }
    public struct Point { public int X; }
    public delegate void Changed(int value);
}
"""

C_CODE = """#include <stdio.h>
#define SQUARE(x) ((x) * (x))

typedef struct node { int value; struct node *next; } node_t;
struct pair { int a; int b; };
enum color { RED, GREEN };
union both { int i; float f; };
struct pair declared_only;

static struct pair *make(int a) { return 0; }
int (*choose(int which))(void) { return 0; }
int prototype(void);
"""

CPP = """#include <string>
namespace shop::orders {
template <class T> class Order : public Base {
 public:
  Order() : total_(0) {}
  ~Order() {}
  int total() const { return total_; }
  Order& operator+=(int n) { total_ += n; return *this; }
  operator bool() const { return true; }
  void declared();
 private:
  int total_;
};
enum class State { Open, Done };
}

template <class T>
void shop::orders::Order<T>::declared() {}

namespace { int hidden() { return 1; } }
using Id = unsigned long;
"""


def read(path: str, text: str) -> Skeleton:
    return skeleton(parse(path, read_source(text.encode())))


EXPECTED: dict[str, tuple[str, str]] = {
    "a.py": (
        PYTHON,
        """class Order 5-21
        method Order.total 11-15
        function Order.total.add 13-14
        method Order.total#2 17-18
        class Order.Meta 20-21
        method Order.Meta.load 21-21
        function ship 25-26
        function ship#2 28-29""",
    ),
    "a.ts": (
        TYPESCRIPT,
        """interface Priced 3-3
        method Priced.price 3-3
        type Id 4-4
        enum State 5-5
        class Basket 7-15
        method Basket.constructor 10-10
        method Basket.price 11-11
        method Basket.close 12-12
        method Basket.onChange 13-13
        method Basket.of 14-14
        function parse 17-17
        function first 18-18
        function second 18-18
        function total 20-20
        function total#2 21-21
        function total#3 22-22
        module Tax.Eu 23-23
        function Tax.Eu.rate 23-23
        function outside 24-24""",
    ),
    "a.jsx": (
        JAVASCRIPT,
        """class Queue 2-8
        method Queue.make 4-4
        method Queue.size 5-5
        method Queue.[Symbol.iterator] 6-6
        method Queue.#trim 7-7
        function numbers 9-9
        function exports.drain 10-10
        function Queue.prototype.peek 11-11
        class View 12-12
        method View.render 12-12
        function App 13-13
        function App.inner 13-13""",
    ),
    "a.go": (
        GO,
        """type Kind 5-6
        type Reader 9-11
        method Reader.Read 10-10
        type Alias 12-12
        type Store 15-15
        method Store.Get 18-18
        method Kind.String 20-20
        function New 22-26""",
    ),
    "A.java": (
        JAVA,
        """class Cart 4-15
        constructor Cart.Cart 7-7
        constructor Cart.Cart#2 8-8
        method Cart.price 9-10
        enum Cart.State 11-11
        method Cart.State.code 11-11
        record Cart.Line 12-12
        constructor Cart.Line.Line 12-12
        interface Cart.Visitor 13-13
        method Cart.Visitor.visit 13-13
        annotation Cart.Marked 14-14
        method Cart.Marked.value 14-14""",
    ),
    "a.rs": (
        RUST,
        """struct Store 4-7
        method Store.get 10-11
        method Store.fmt 15-15
        trait Shape 18-18
        method Shape.area 18-18
        method Shape.name 18-18
        enum Kind 19-19
        module tests 20-20
        function tests.works 20-20
        macro square 21-21
        type Id 22-22
        function main 23-23""",
    ),
    "a.rb": (
        RUBY,
        """module Shop 3-23
        class Shop.Cart 4-20
        method Shop.Cart.initialize 7-7
        method Shop.Cart.empty 9-11
        method Shop.Cart.build? 14-14
        method Shop.Cart.total= 17-19
        class Shop.Shop.Order 22-22
        method Shop.Shop.Order.ship! 22-22
        method Registry.find 25-27""",
    ),
    "A.cs": (
        C_SHARP,
        """class Order 5-17
        property Order.Total 8-8
        constructor Order.Order 9-9
        method Order.~Order 10-10
        method Order.operator + 11-11
        method Order.operator int 12-12
        property Order.this 13-13
        method Order.Ship 14-14
        function Order.Ship.Inner 14-14
        method Order.Ship#2 15-15
        record Order.Line 16-16
        interface IOrder 19-19
        method IOrder.Ship 19-19
        enum State 20-20
        struct Point 21-21
        delegate Changed 22-22""",
    ),
    "a.c": (
        C_CODE,
        """macro SQUARE 2-2
        type node_t 4-4
        struct node_t.node 4-4
        struct pair 5-5
        enum color 6-6
        union both 7-7
        function make 10-10
        function choose 11-11""",
    ),
    "a.cpp": (
        CPP,
        """namespace shop.orders 2-15
        class shop.orders.Order 3-13
        method shop.orders.Order.Order 5-5
        method shop.orders.Order.~Order 6-6
        method shop.orders.Order.total 7-7
        method shop.orders.Order.operator+= 8-8
        method shop.orders.Order.operator bool 9-9
        enum shop.orders.State 14-14
        function shop.orders.Order.declared 17-18
        function hidden 20-20
        type Id 21-21""",
    ),
}


@pytest.mark.parametrize("path", EXPECTED)
def test_the_skeleton_of_a_file(path: str) -> None:
    """One realistic file a language: every symbol, its kind, its name, its lines."""
    text, expected = EXPECTED[path]

    found = read(path, text)

    assert found.backing.capability == "full"
    lines = [f"{s.kind} {s.qualified_name} {s.start_line}-{s.end_line}" for s in found.symbols]
    assert lines == [line.strip() for line in expected.splitlines()]


@pytest.mark.parametrize("path", EXPECTED)
def test_the_bytes_of_a_symbol_are_its_own_text(path: str) -> None:
    """Lines and bytes must speak of the same place, and names of what stands there."""
    text, _ = EXPECTED[path]
    source = read_source(text.encode())

    for symbol in read(path, text).symbols:
        code = source.text[symbol.start_byte : symbol.end_byte]
        assert code == code.strip()
        assert source.line_at(symbol.start_byte) == symbol.start_line
        assert source.line_at(symbol.end_byte - 1) == symbol.end_line
        assert symbol.qualified_name.split("#")[0].endswith(symbol.name) or "#" in symbol.name


def test_decorators_and_export_belong_to_what_they_stand_before() -> None:
    """Changing a decorator changes what the function is."""
    text, _ = EXPECTED["a.ts"]
    by_name = {symbol.qualified_name: symbol for symbol in read("a.ts", text).symbols}
    code = text.encode()

    assert code[by_name["Basket"].start_byte :].startswith(b"@Injectable()")
    assert code[by_name["Basket.price"].start_byte :].startswith(b"@Log() price")
    assert code[by_name["parse"].start_byte :].startswith(b"export const parse")
    assert code[by_name["second"].start_byte :].startswith(b"second = function")


def test_a_directive_above_a_function_belongs_to_it_and_a_remark_does_not() -> None:
    """`//go:noinline` changes the function; a remark at the end of a line before does not."""
    found = read("a.go", "package p\n\nvar x = 1 //nolint\n\n//go:noinline\nfunc F() {}\n")
    assert [(s.name, s.start_line) for s in found.symbols] == [("F", 5)]

    python = read("a.py", "x = 1  # noqa\ndef f(): ...\n# about g\ndef g(): ...\n")
    assert [(s.name, s.start_line) for s in python.symbols] == [("f", 2), ("g", 4)]


def test_the_smallest_symbol_around_lines_is_found() -> None:
    """A run of lines is reported with the function that it is in."""
    found = read("a.py", PYTHON)

    def around(first: int, last: int) -> str | None:
        symbol = found.enclosing(first, last)
        return symbol.qualified_name if symbol else None

    assert around(14, 14) == "Order.total.add"
    assert around(12, 15) == "Order.total"
    assert around(12, 18) == "Order"
    assert around(1, 3) is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
def test_encoding_and_line_endings_do_not_move_symbols(encoding: str) -> None:
    """The same file as another editor saves it."""
    text = "# größe\ndef größe():\n    return 1\n\n\nclass Ä:\n    pass\n"
    plain = read("a.py", text)
    other = text.replace("\n", "\r\n").encode(encoding)

    found = skeleton(parse("a.py", read_source(other)))

    def lines(skeleton: Skeleton) -> list[tuple[str, int, int]]:
        return [(s.qualified_name, s.start_line, s.end_line) for s in skeleton.symbols]

    assert lines(found) == lines(plain) == [("größe", 2, 3), ("Ä", 6, 7)]


def test_a_deeply_nested_file_is_read() -> None:
    """Generated code nests deeper than the interpreter's stack."""
    deep = "x = " + "(" * 3000 + "1" + ")" * 3000 + "\ndef f(): ...\n"
    assert [symbol.name for symbol in read("a.py", deep).symbols] == ["f"]
