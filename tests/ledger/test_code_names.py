"""Names of code in a text: several words in one, whatever the style."""

from hypothesis import given
from hypothesis import strategies as st

from bicameral.ledger.code_names import MOST_NAMES, key_of, names_in

words = st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=2, max_size=4)


@given(words)
def test_all_spellings_are_one_name(several: list[str]) -> None:
    """A record says `quote_price`, the code `QuotePrice`, and both mean the same."""
    snake = "_".join(several)
    camel = "".join(each.capitalize() for each in several)
    lower_camel = camel[0].lower() + camel[1:]
    text = f"see `{snake}` and ({snake.upper()}), {camel}() or self.{lower_camel}"

    found = names_in(text)

    assert found == tuple(dict.fromkeys([snake, snake.upper(), camel, lower_camel]))
    assert len(set(map(key_of, found))) == 1


def test_a_single_word_is_no_name() -> None:
    """Any text has it; abbreviations and numbers in the plural too."""
    assert names_in("The Quote of 1990s APIs, read_ _only __init__ URL2 v1 x_y") == ()


def test_each_spelling_comes_once_in_order_and_few_enough() -> None:
    """A generated file would fill the index with its names."""
    text = " ".join(f"name_{number} name_1" for number in range(2 * MOST_NAMES))

    assert names_in(text) == tuple(f"name_{number}" for number in range(MOST_NAMES))
    assert names_in(f"{'long_' * 13}name and read_only") == ("read_only",)
