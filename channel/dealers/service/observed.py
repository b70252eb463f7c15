"""What is found out about dealers: recorded with its day and source, and read in sets by other rooms."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.acts import ObserveFact
from channel.dealers.queries import observed as queries
from channel.dealers.rules.observed import Observed, ObservedKind, is_stale, read_observed
from channel.dealers.service.facts import locked_dealer
from channel.errors import FieldError, Invalid, invalid, m
from channel.view import View

YES_OR_NO = (("yes", "yes", "是"), ("no", "no", "否"))


def choices_of(row: Mapping[str, Any] | Record) -> Sequence[tuple[str, str, str]]:
    """(code, English, Chinese) of what can be said of a fact; nothing where it is no choice."""
    if row["kind"] == ObservedKind.YES_NO:
        return YES_OR_NO
    return [(code, english, chinese) for code, english, chinese in row["choices"] or ()]


async def observe_fact(person: Person, code: str, act: ObserveFact) -> bool:
    """Record what was found out on a day (default today); False when just that stands already.

    No value says that nothing is known from that day on. What was said before stays in the history.
    """
    require(person, Right.ENTER_FOR_DEALERS)
    day = act.observed_on or clock.today()
    async with db.transaction():
        dealer = await locked_dealer(code)
        found = await queries.definition(act.fact)
        if found is None:
            raise invalid("fact", m("There is no such fact."))
        if day > clock.today():
            raise invalid("observed_on", m("The day lies ahead."), m("A day up to today"))
        value = None if act.value is None else _read(found, str(act.value))
        before = await queries.on_day(dealer["id"], found["id"], day)
        if before is None and value is None and not await _is_known(dealer["id"], act.fact):
            return False
        if before is not None and (_value(before), before["source"]) == (value, act.source):
            return False
        posting_id = await access.open_posting(person, "observe fact")
        await queries.record_observed(dealer["id"], found["id"], value, day, act.source, posting_id)
        await access.audit(
            person,
            "observe fact",
            f"dealer {code}",
            dealer_ids=[dealer["id"]],
            after={"fact": act.fact, "value": _told(value), "observed_on": day, "source": act.source},
            posting_id=posting_id,
        )
    return True


def _read(found: Record, text: str) -> Decimal | str:
    value = read_observed(ObservedKind(found["kind"]), [each[0] for each in choices_of(found)], text)
    if isinstance(value, FieldError):
        raise Invalid(m("The input cannot be used."), (value,))
    return value


def _value(row: Mapping[str, Any] | Record) -> Decimal | str | None:
    value: Decimal | str | None = row["words"] if row["number"] is None else row["number"]
    return value


def _told(value: Decimal | str | None) -> str | None:
    return format(value, "f") if isinstance(value, Decimal) else value


async def _is_known(dealer_id: int, fact: str) -> bool:
    now = View(clock.today(), clock.now())
    return bool(await queries.observed_of_many([dealer_id], [fact], now))


async def facts_of(dealer_ids: Sequence[int], codes: Sequence[str], view: View) -> Mapping[tuple[int, str], Observed]:
    """(dealer's id, fact's code) -> what is known of it as of the view's day; what is not known is not among them."""
    rows = await queries.observed_of_many(dealer_ids, codes, view)
    found = ((row, _value(row)) for row in rows)
    return {
        (row["dealer_id"], row["code"]): Observed(value, row["observed_on"], row["source"])
        for row, value in found
        if value is not None
    }


def in_language(row: Mapping[str, Any] | Record, language: str) -> dict[str, Any]:
    """A row with its name, unit and value as a reader of `en` or `zh` has them; `value` stays as programs have it."""
    at = 2 if language == "zh" else 1
    value = _told(_value(row))
    names = {each[0]: each[at] for each in choices_of(row)}
    ours = "zh" if language == "zh" else "en"
    return dict(row) | {
        "name": row[f"name_{ours}"],
        "unit": row[f"unit_{ours}"],
        "value": value,
        "said": value if value is None else names.get(value, value),
    }


async def file_of(dealer_id: int, view: View) -> list[dict[str, Any]]:
    """All there is to find out of a dealer, with what is known of it, whether it is needed and whether it is stale."""
    return [
        dict(row)
        | {"stale": row["observed_on"] is not None and is_stale(row["observed_on"], row["stale_days"], view.as_of)}
        for row in await queries.observed_of(dealer_id, view)
    ]
