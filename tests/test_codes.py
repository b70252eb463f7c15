"""One notion of a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.codes import code_key, is_code, lost_its_digits, plain_code


@pytest.mark.parametrize(
    "text",
    [
        "Ｄ１０１４",
        "D1014\u200b",
        "D1014\u00a0",
        "D\u00ad1014",
        "\ufeffD1014",
        "D1014\u200e",
        " D1014 ",
        "\u2060D1014\ufe0f",
    ],
)
def test_what_looks_alike_is_one_code(text: str) -> None:
    assert plain_code(text) == "D1014"


@pytest.mark.parametrize("hyphen", "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\ufe63")
def test_hyphens_are_one_hyphen_and_none_is_lost(hyphen: str) -> None:
    assert plain_code(f"D{hyphen}1014") == "D-1014"


def test_letters_of_another_case_are_one_code_and_keep_their_case() -> None:
    assert plain_code("d1014") == "d1014"
    assert code_key("ｄ1014") == code_key("D1014")
    assert code_key("D-1014") != code_key("D1014")


@pytest.mark.parametrize("text", ["", "a/b", "100%", "a\tb", "a\x85b", "a\ufffdb", "x" * 41, "a℅b"])
def test_what_cannot_be_made_plain_is_no_code(text: str) -> None:
    assert not is_code(plain_code(text))


@pytest.mark.parametrize(
    ("text", "lost"), [("9.13101E+17", True), ("1.0e+18", True), ("1E10", False), ("12E3", False), ("1.2E3", False)]
)
def test_a_number_that_lost_its_digits_is_known(text: str, *, lost: bool) -> None:
    assert lost_its_digits(text) == lost


@given(st.text())
def test_what_was_made_plain_stays_so(text: str) -> None:
    plain = plain_code(text)
    assert plain_code(plain) == plain
