"""Opening reviews on PostgreSQL."""

from channel import clock
from channel.access.rules import Role
from channel.reviews.rules.findings import findings_from_document
from channel.reviews.rules.snapshot import snapshot_from_document
from tests.make.access import make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import post
from tests.make.receivables import moment, owed
from tests.make.reviews import reviews, runs, work_at


async def test_smoke(database: str) -> None:
    finance = await make_person(Role.FINANCE)
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="USD")
        await make_dealer("D-2", currency="USD")
    await post(finance, owed("100", on=0, due=30, currency="USD"), at=35 * 24)
    # 2025-02-10 is a Monday
    assert await work_at(moment(39 * 24 + 1)) == 1 + 2
    assert await work_at(moment(40 * 24 + 1)) == 1 + 3
    print(await runs())
    for row in await reviews():
        print(
            row["code"],
            row["plan"],
            snapshot_from_document(row["snapshot"]),
            findings_from_document(row["findings"]),
            row["proposal"],
            row["decide_by"],
        )
    assert await work_at(moment(40 * 24 + 2)) == 0
