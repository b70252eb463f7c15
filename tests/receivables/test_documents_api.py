"""Documents and open items over the API: posted one by one and in batches, previewed, reversed, listed and told."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access.rules import Role
from tests.make.dealers import make_dealer
from tests.make.receivables import D, day, moment
from tests.make.world import World, make_world

Client = Callable[[Any], Any]
V1 = "/api/v1/receivables"
NOW = 60 * 24


@pytest.fixture
async def world(database: str) -> World:
    with clock.fixed(moment(0)):
        made = await make_world()
        await make_dealer("D-7", territory="Harbour City", currency="JPY")
        return made


def given(number: str, amount: str = "100", kind: str = "invoice", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the act
    return {
        "dealer": "D-1", "kind": kind, "number": number, "amount": amount, "effective_on": str(day(0)),
    } | more  # fmt: skip


def ok(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    assert answer.is_success, answer.text
    return answer.json()


def wrong(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {each["field"] for each in answer.json()["errors"]}


async def test_a_document_is_posted_told_and_reversed(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        posted = ok(await finance.post(f"{V1}/documents", json=given("I1", due_on=str(day(40)), remark="for the fair")))
        (first,) = posted["documents"]
        assert (first["dealer"], first["currency"], first["due_on"], D(first["open"])) == (
            "D-1", "USD", str(day(40)), D(100),
        )  # fmt: skip
        receipt = given("R1", "30", "receipt", effective_on=str(day(5)), references=["i1"])
        shown = ok(await finance.post(f"{V1}/documents/preview", json=receipt))
        (paid,) = shown["settled"]
        assert (shown["documents"][0]["id"], paid["money_id"], paid["document_id"]) == (None, None, first["id"])
        assert ok(await finance.get(f"{V1}/documents", params={"kind": "receipt"}))["items"] == []
        paying = ok(await finance.post(f"{V1}/documents", json=receipt))["documents"][0]
        told = ok(await finance.get(f"{V1}/documents/D-1/{first['id']}"))
        assert (D(told["open"]), told["remark"], told["actor"]) == (D(70), "for the fair", "finance-1")
        assert [(each["money_number"], D(each["amount"]), each["why"]) for each in told["settled"]] == [
            ("R1", D(30), "reference")
        ]
        assert [(each["due_on"], D(each["open"])) for each in told["instalments"]] == [(str(day(40)), D(70))]
    with clock.fixed(moment(NOW + 1)):
        at = f"{V1}/documents/D-1/{paying['id']}/reverse"
        assert wrong(await finance.post(at, json={"reason": "bounced", "effective_on": str(day(4))})) == {
            "effective_on"
        }
        told = ok(await finance.post(at, json={"reason": "bounced", "effective_on": str(day(9))}))["document"]
        assert (told["live"], D(told["open"])) == (False, D(0))
        reversal = told["reversal"]
        assert (reversal["effective_on"], reversal["reason"], reversal["actor"]) == (
            str(day(9)),
            "bounced",
            "finance-1",
        )
        assert [each["taken_back_on"] for each in told["settled"]] == [str(day(9))]
        assert (await finance.post(at, json={"reason": "again"})).status_code == 409
        assert D(ok(await finance.get(f"{V1}/documents/D-1/{first['id']}"))["open"]) == D(100)


async def test_instalments_lines_and_every_field_are_kept(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    parts = [{"due_on": str(day(10)), "amount": "60"}, {"due_on": str(day(20)), "amount": "40"}]
    body = given(
        "I 1", tax="13.50", instalments=parts, lines=[{"product_line": "Road", "amount": "100"}],
        discount_rate="0.02", discount_until=str(day(8)), references=["PO-1", "PO-2"],
    )  # fmt: skip
    with clock.fixed(moment(NOW)):
        number = ok(await finance.post(f"{V1}/documents", json=body))["documents"][0]["id"]
        told = ok(await finance.get(f"{V1}/documents/D-1/{number}"))
    assert [(each["due_on"], D(each["amount"])) for each in told["instalments"]] == [
        (str(day(10)), D(60)), (str(day(20)), D(40)),
    ]  # fmt: skip
    assert [(each["product_line"], D(each["amount"])) for each in told["lines"]] == [("Road", D(100))]
    assert (D(told["tax"]), told["references"], D(told["discount_rate"])) == (D("13.5"), ["PO-1", "PO-2"], D("0.02"))


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"amount": "0"}, {"amount", "instalments"}),
        ({"amount": "1e40"}, {"amount", "instalments"}),
        ({"amount": "NaN"}, {"amount"}),
        ({"number": " "}, {"number"}),
        ({"number": "I" * 41}, {"number"}),
        ({"currency": "usd1"}, {"currency"}),
        ({"effective_on": "2199-01-01"}, {"effective_on"}),
        ({"due_on": str(day(-1))}, {"due_on"}),
        ({"due_on": "0001-01-01"}, {"due_on"}),
        ({"due_on": str(day(1)), "instalments": [{"due_on": str(day(1)), "amount": "100"}]}, {"due_on"}),
        ({"instalments": [{"due_on": "9999-01-01", "amount": "100"}]}, {"instalments.due_on"}),
        ({"instalments": [{"due_on": "2199-12-31", "amount": "99"}]}, {"instalments"}),
        ({"references": ["a\nb"]}, {"references"}),
        ({"references": ["x"] * 121}, {"references"}),
        ({"discount_rate": "0.02"}, {"discount_until"}),
        ({"lines": [{"product_line": "Nowhere", "amount": "100"}]}, {"lines"}),
        ({"matures_on": str(day(90))}, {"matures_on"}),
        ({"kind": "gift"}, {"kind"}),
    ],
)
async def test_what_is_wrong_is_told_by_its_field(
    api: Client, world: World, more: dict[str, Any], fields: set[str]
) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        assert wrong(await finance.post(f"{V1}/documents", json=given("I1") | more)) == fields


async def test_a_batch_is_posted_whole_or_not_at_all(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    yen = given("J1", "500", dealer="d-7")
    with clock.fixed(moment(NOW)):
        bad = [given("I1"), given(" "), given("I3", "1.234"), yen | {"amount": "0.5"}, given("I4", currency="??")]
        assert wrong(await finance.post(f"{V1}/documents/batch", json={"documents": bad})) == {
            "documents.1.number", "documents.4.currency",
        }  # fmt: skip
        bad = [given("I1"), given("i1"), given("I3", "1.234"), yen | {"amount": "0.5"}]
        assert wrong(await finance.post(f"{V1}/documents/batch", json={"documents": bad})) >= {
            "documents.1.number", "documents.2.amount", "documents.3.amount",
        }  # fmt: skip
        alone = {"documents": [given("I1", "0.001")]}
        assert "documents.0.amount" in wrong(await finance.post(f"{V1}/documents/batch", json=alone))
        assert ok(await finance.get(f"{V1}/documents"))["items"] == []
        assert wrong(await finance.post(f"{V1}/documents/batch", json={"documents": []})) == {"documents"}
        many = {"documents": [given(f"I{n}") for n in range(1001)]}
        assert wrong(await finance.post(f"{V1}/documents/batch", json=many)) == {"documents"}
        unknown = {"documents": [given("I1"), given("I2", dealer="D-99")]}
        assert (await finance.post(f"{V1}/documents/batch", json=unknown)).status_code == 404
        good = {"documents": [given("R1", "150", "receipt", effective_on=str(day(3))), given("I1"), given("I2"), yen]}
        key = {"Idempotency-Key": "batch-1"}
        posted = ok(await finance.post(f"{V1}/documents/batch", json=good, headers=key))
        assert ok(await finance.post(f"{V1}/documents/batch", json=good, headers=key)) == posted
        assert [(each["dealer"], each["currency"], D(each["open"])) for each in posted["documents"]] == [
            ("D-1", "USD", D(0)), ("D-1", "USD", D(0)), ("D-1", "USD", D(50)), ("D-7", "JPY", D(500)),
        ]  # fmt: skip
        assert len(ok(await finance.get(f"{V1}/documents"))["items"]) == 4


async def test_documents_are_found_by_what_is_asked(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        batch = [
            given("I1"), given("I2", "50", effective_on=str(day(9)), remark="Spring fair"),
            given("R1", "150", "receipt", effective_on=str(day(3)), references=["I2"]), given("J1", "5", dealer="D-7"),
        ]  # fmt: skip
        ok(await finance.post(f"{V1}/documents/batch", json={"documents": batch}))

        async def found(**asked: Any) -> list[str]:  # noqa: ANN401 - questions of the address
            return [each["number"] for each in ok(await finance.get(f"{V1}/documents", params=asked))["items"]]

        assert await found() == ["I2", "R1", "J1", "I1"]
        assert await found(dealer="D-7") == ["J1"]
        assert await found(kind="receipt") == ["R1"]
        assert await found(kind="owed") == ["I2", "J1", "I1"]
        assert await found(kind="paying") == ["R1"]
        assert await found(currency="JPY") == ["J1"]
        assert await found(**{"from": str(day(3)), "to": str(day(8))}) == ["R1"]
        assert await found(open_only=True) == ["R1", "J1", "I1"]
        assert await found(q="FAIR") == ["I2"]
        assert await found(q="ｉ2") == ["I2", "R1"]
        assert await found(posted_from=moment(NOW).isoformat()) == ["I2", "R1", "J1", "I1"]
        assert (await finance.get(f"{V1}/documents", params={"dealer": "D-99"})).status_code == 404
        assert (await finance.get(f"{V1}/documents", params={"kind": "gift"})).status_code == 422


async def test_open_items_are_those_of_the_day_as_known_at_the_moment(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(20 * 24)):
        batch = [
            given("I1", due_on=str(day(5))), given("I2", "50", due_on=str(day(30))), given("J1", "5", dealer="D-7"),
            given("N1", "8", dealer="D-2", due_on=str(day(1))),
        ]  # fmt: skip
        ok(await finance.post(f"{V1}/documents/batch", json={"documents": batch}))
    with clock.fixed(moment(NOW)):
        paid = given("R1", "40", "receipt", effective_on=str(day(10)), references=["I1"])
        ok(await finance.post(f"{V1}/documents", json=paid))

        async def found(**asked: Any) -> list[tuple[str, Decimal, int | None]]:  # noqa: ANN401 - questions
            rows = ok(await finance.get(f"{V1}/open-items", params=asked))["items"]
            return [(each["number"], D(each["open"]), each["days_overdue"]) for each in rows]

        assert await found(currency="USD") == [("N1", D(8), 59), ("I1", D(60), 55), ("I2", D(50), 30)]
        assert await found(dealer="D-1", as_of=str(day(12))) == [("I1", D(60), 7), ("I2", D(50), None)]
        before = {"dealer": "D-1", "as_of": str(day(12)), "known_at": moment(30 * 24).isoformat()}
        assert await found(**before) == [("I1", D(100), 7), ("I2", D(50), None)]
        assert await found(**before, overdue_only=True) == [("I1", D(100), 7)]
        assert await found(dealer="D-1", as_of=str(day(5)), overdue_only=True) == []
        assert await found(days_from=55) == [("N1", D(8), 59), ("I1", D(60), 55)]
        assert await found(territory="North") == [("N1", D(8), 59)]
        assert await found(territory="East", as_of=str(day(12)), currency="USD") == [
            ("I1", D(60), 7), ("I2", D(50), None),
        ]  # fmt: skip
        assert [each[0] for each in await found(type="wholesale")] == ["I1", "I2"]
        assert [each[0] for each in await found(type="wholesale", as_of=str(day(12)))] == ["I1", "I2"]
        sums = ok(await finance.get(f"{V1}/open-items/totals", params={"as_of": str(day(12))}))["items"]
        assert [(s["currency"], s["items"], D(s["open"]), s["overdue_items"], D(s["overdue"])) for s in sums] == [
            ("JPY", 1, D(5), 0, D(0)), ("USD", 3, D(118), 2, D(68)),
        ]  # fmt: skip


async def test_people_see_their_dealers_only_and_finance_alone_posts(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        number = ok(await finance.post(f"{V1}/documents", json=given("I1")))["documents"][0]["id"]
        ok(await finance.post(f"{V1}/documents", json=given("N1", dealer="D-2")))
        east, north = await api(world.people[Role.REGIONAL]), await api(world.elsewhere)
        auditor, administrator = [await api(world.people[each]) for each in (Role.AUDITOR, Role.ADMINISTRATOR)]
        for client, seen in ((east, ["I1"]), (north, ["N1"]), (auditor, ["N1", "I1"])):
            assert [each["number"] for each in ok(await client.get(f"{V1}/documents"))["items"]] == seen
            assert {each["number"] for each in ok(await client.get(f"{V1}/open-items"))["items"]} == set(seen)
            past = {"as_of": str(day(20))}
            assert {each["number"] for each in ok(await client.get(f"{V1}/open-items", params=past))["items"]} == set(
                seen
            )
            assert (await client.post(f"{V1}/documents", json=given("I2"))).status_code == 403
        assert (await north.get(f"{V1}/documents/D-1/{number}")).status_code == 404
        assert (await east.post(f"{V1}/documents/D-1/{number}/reverse", json={"reason": "x"})).status_code == 403
        assert (await finance.get(f"{V1}/documents/D-2/{number}")).status_code == 404
        assert (await administrator.get(f"{V1}/documents")).status_code == 403


async def test_a_place_or_type_that_there_is_not_is_no_empty_list(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        for path in ("open-items", "open-items/totals"):
            asked = [{"territory": "Atlantis"}, {"type": "retail"}, {"territory": "East"}]
            told = [(await finance.get(f"{V1}/{path}", params=each)).status_code for each in asked]
            assert told == [404, 422, 200], path
        first = (await finance.get(f"{V1}/ageing", params={"as_of": "1900-01-01"})).status_code
        assert first == 200


async def test_an_amount_is_refused_for_what_is_wrong_with_it(api: Client, world: World) -> None:
    finance = await api(world.people[Role.FINANCE])
    with clock.fixed(moment(NOW)):
        reasons = []
        for amount in ("0", "1e14", "1.001"):
            answer = await finance.post(f"{V1}/documents/preview", json=given("I1", amount, due_on=str(day(40))))
            assert answer.status_code == 422
            reasons.append(answer.json()["errors"][0]["reason"])
    assert len(set(reasons)) == 3, reasons
