"""A load of documents that somebody else brought, as regional staff know of it: by their own dealers' documents."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from channel import clock
from channel.access.rules import Role
from tests.make.receivables import moment
from tests.make.sales import csv_of, loaded
from tests.make.world import make_world

V1 = "/api/v1/imports"
HEADER = "dealer,number,date,amount,due date"


async def test_regional_staff_are_told_what_a_load_brought_of_their_dealers(
    api: Callable[[Any], Any], database: str
) -> None:
    with clock.fixed(moment(0)):
        world = await make_world()
    finance, regional = world.people[Role.FINANCE], world.people[Role.REGIONAL]
    both = csv_of(
        HEADER,
        "D-1,I1,2025-01-05,100.50,2025-02-05",
        "D-1,I2,2025-01-07,50,2025-02-07",
        "D-2,I3,2025-01-09,7,2025-02-09",
    )
    east = csv_of(HEADER, "D-1,I9,2025-01-10,9,2025-02-10")
    with clock.fixed(moment(60 * 24)):
        loads = [await loaded(finance, "invoices", each, "secret.csv") for each in (both, east)]
        assert [each["state"] for each in loads] == ["loaded", "loaded"]
        here, there = await api(regional), await api(world.elsewhere)
        told = (await here.get(f"{V1}/{loads[0]['id']}")).json()
        share = told["share"]
        assert (told["file_name"], share["first"], share["last"], share["dealers"], share["lines"]) == (
            None, "2025-01-05", "2025-01-07", 1, 2,
        )  # fmt: skip
        assert Decimal(share["company_amount"]) == Decimal("150.50")
        listed = [[each["id"] for each in (await client.get(V1)).json()["items"]] for client in (here, there)]
        assert listed == [[loads[1]["id"], loads[0]["id"]], [loads[0]["id"]]]
        assert (await there.get(f"{V1}/{loads[1]['id']}")).status_code == 404
        assert (await here.get(f"{V1}/{loads[0]['id']}/rejects.csv")).status_code == 404
