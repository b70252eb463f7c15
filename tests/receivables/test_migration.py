"""A ledger of a version before is brought up with what it holds."""

import asyncpg
import pytest

from channel import clock
from channel.access.rules import Person
from channel.database import db
from channel.receivables.queries import load_shares
from migrations.receivables.receivables_0011_postings_of_documents import SQL as POSTINGS_OF_DOCUMENTS
from tests.make.ledger import LATER, post, reverse
from tests.make.receivables import moment, owed, paying
from tests.make.sales import csv_of, loaded

# The schema before a document's dealer and posting were held by one key, over the data of now.
BEFORE = """
ALTER TABLE receivable_document ADD COLUMN load_id bigint REFERENCES import_load (id),
    DROP CONSTRAINT receivable_document_dealer_id_posting_id_fkey,
    ADD FOREIGN KEY (dealer_id) REFERENCES dealer (id), ADD FOREIGN KEY (posting_id) REFERENCES posting (id);
UPDATE receivable_document d SET load_id = l.id FROM import_load l WHERE l.posting_id = d.posting_id;
DROP TABLE document_posting;
"""
POSTINGS = "SELECT dealer_id, posting_id FROM document_posting ORDER BY posting_id, dealer_id"
KEYS = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = 'receivable_document'::regclass ORDER BY 1
"""


async def test_each_document_is_held_by_what_its_posting_brought_of_its_dealer(
    finance: Person, dealer: int, owner: asyncpg.Connection
) -> None:
    posted = await post(finance, owed("100", number="I1"), owed("80", number="I2"))
    await post(finance, paying("90", number="R1", references=("I2",)), at=LATER + 1)
    await reverse(finance, posted.documents[0].document.id, at=LATER + 2)
    rows = ("D-1,I3,2025-01-05,100,2025-02-05", "D-1,I4,2025-01-07,50,2025-02-07")
    with clock.fixed(moment(LATER + 3)):
        load = await loaded(finance, "invoices", csv_of("dealer,number,date,amount,due date", *rows))
    before = await owner.fetch(POSTINGS), await owner.fetch(KEYS)
    assert {row["dealer_id"] for row in before[0]} == {dealer}
    assert len(before[0]) == 3, "two acts and a file"
    await owner.execute(BEFORE)
    assert await owner.fetchval("SELECT count(*) FROM receivable_document WHERE load_id = $1", load["id"]) == 2
    await owner.execute(POSTINGS_OF_DOCUMENTS)
    assert (await owner.fetch(POSTINGS), await owner.fetch(KEYS)) == before
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute("UPDATE receivable_document SET posting_id = 1 WHERE number = 'I3'")
    async with db.held(db.EVERYTHING):
        assert await load_shares.loads_concerning("invoices", None, 9) == [load["id"]]
        share = await load_shares.share_of_load(load["id"], ["CNY"], [1])
        assert share is not None
        assert (share["lines"], share["company_amount"]) == (2, 150)
    await post(finance, paying("60", number="R2"), at=LATER + 4)
    assert len(await owner.fetch(POSTINGS)) == 4
