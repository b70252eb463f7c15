"""Acts said once: what their fields hold, what of a record they change, and how a form is read into one."""

from typing import Annotated

import pytest
from litestar.datastructures import FormMultiDict
from msgspec import UNSET, UnsetType, field

from channel.acts import Act, Opened, Said, changes_of
from channel.edits import Overtaken
from channel.errors import FieldError, Invalid, m
from channel.web.forms import drawn_fields, read_form
from channel.web.language import language


def _plain(text: str) -> str | FieldError:
    return text.upper() if text.isalpha() else FieldError("", m("This is no word."))


class Change(Act, frozen=True, kw_only=True):
    name: Annotated[str | UnsetType, Said(m("Name"), read=_plain)] = UNSET
    level: Annotated[str | UnsetType, Said(m("Level"))] = UNSET
    under: Annotated[str | UnsetType | None, Said(m("Under"), nothing=m("at the top"))] = UNSET
    kinds: Annotated[list[str], Said(m("Kinds"))] = field(default_factory=list)
    opened: Opened = None


STANDS = {"name": "EAST", "level": "region", "under": "LAND"}


def _read(*fields: tuple[str, str]) -> Change:
    return read_form(Change, FormMultiDict(fields))


def _wrong(*fields: tuple[str, str]) -> list[str]:
    with pytest.raises(Invalid) as refused:
        _read(*fields)
    return [each.field for each in refused.value.errors]


def test_what_a_form_does_not_have_is_left_as_it_is_and_what_it_has_empty_is_taken_away() -> None:
    assert changes_of(_read(("name", "west"), ("under", "")), STANDS) == {"name": "WEST", "under": None}
    assert changes_of(_read(), STANDS) == {}


def test_what_cannot_be_empty_is_refused_empty_and_a_text_is_made_plain_or_refused_with_its_field() -> None:
    assert _wrong(("level", " ")) == ["level"]
    assert _wrong(("name", "")) == ["name"]
    assert _wrong(("name", "12")) == ["name"]
    with pytest.raises(Invalid):
        Change(level="")


def test_only_what_was_changed_since_the_record_was_read_is_written() -> None:
    opened = ("opened", '{"name": "EAST", "level": "city", "under": null}')
    assert changes_of(_read(("name", "NORTH"), ("level", "city"), opened), STANDS) == {"name": "NORTH"}
    with pytest.raises(Overtaken) as refused:
        changes_of(_read(("level", "district"), opened), STANDS)
    assert [each.field for each in refused.value.errors] == ["level"]
    assert _wrong(("opened", "[1]")) == ["opened"]
    assert _wrong(("opened", "{")) == ["opened"]


def test_a_form_carries_what_it_shows_only_where_it_shows_a_record() -> None:
    told = language("en")
    choices = {"under": [("LAND", "Land")], "kinds": [("a", "A"), ("b", "B")]}
    drawn = {each.name: each for each in drawn_fields(told, Change, STANDS, choices)}
    assert drawn["opened"].value == '{"name":"EAST","level":"region","under":"LAND"}'
    assert (drawn["name"].required, drawn["under"].required, drawn["under"].nothing) == (True, False, "at the top")
    assert drawn["kinds"].kind == "several"
    assert {each.name: each.value for each in drawn_fields(told, Change)}["opened"] == ""
    assert _read(("kinds", "a"), ("kinds", "b")).kinds == ["a", "b"]


class Reports(Act, frozen=True, kw_only=True):
    owed: Annotated[list[str], Said(m("Reports"), choices={"stock": m("Stock"), "sales": m("Sales")})]


def test_of_several_each_is_one_of_the_choices() -> None:
    assert read_form(Reports, FormMultiDict([("owed", "stock"), ("owed", "sales")])).owed == ["stock", "sales"]
    with pytest.raises(Invalid):
        Reports(owed=["stock", "other"])
