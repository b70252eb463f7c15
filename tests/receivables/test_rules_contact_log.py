"""What may be written about a contact with a dealer: both sides of each edge."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from channel.errors import FieldError
from channel.receivables.rules.contact_log import Contact, ContactOutcome, contact_faults, read_time

NOW = datetime(2025, 3, 3, 14, 30)  # noqa: DTZ001 - a moment of the company's clock
TODAY = NOW.date()
SPOKE = Contact(TODAY, None, ContactOutcome.BY_US, "Ms Lin", "he pays", None, None)
MISSED = Contact(TODAY, None, ContactOutcome.NOT_REACHED, None, None, None, None)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"took_place_on": TODAY + timedelta(days=1)}, ["took_place_on"]),
        ({"took_place_on": TODAY - timedelta(days=1), "at_time": "23:59"}, []),
        ({"at_time": "14:30"}, []),
        ({"at_time": "14:31"}, ["at_time"]),
        ({"with_whom": None}, ["contact"]),
        ({"said": None}, ["said"]),
        ({"with_whom": None, "said": None}, ["contact", "said"]),
        ({"next_step": "call"}, ["next_on"]),
        ({"next_on": TODAY}, ["next_step"]),
        ({"next_step": "call", "next_on": TODAY}, []),
        ({"next_step": "call", "next_on": TODAY - timedelta(days=1)}, ["next_on"]),
    ],
)
def test_each_field_that_is_wrong_is_named(changed: dict[str, Any], fields: list[str]) -> None:
    assert [each.field for each in contact_faults(replace(SPOKE, **changed), NOW)] == fields


def test_where_nobody_was_reached_nothing_need_be_told() -> None:
    assert list(contact_faults(MISSED, NOW)) == []


@pytest.mark.parametrize(
    ("text", "read"), [("9:05", "09:05"), ("09.05", "09:05"), ("23:59", "23:59"), ("0:00", "00:00")]
)
def test_a_time_is_kept_in_one_way(text: str, read: str) -> None:
    assert read_time(text) == read


@pytest.mark.parametrize("text", ["24:00", "9:60", "noon", "9:5", "9", "٩:٠٥"])
def test_what_is_no_time_is_refused(text: str) -> None:
    fault = read_time(text)
    assert isinstance(fault, FieldError)
    assert fault.field == "at_time"
