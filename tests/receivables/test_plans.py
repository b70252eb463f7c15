"""What can be asked of one dealer or of all is planned for what is asked, however often a connection was asked."""

import pytest

from channel import clock
from channel.access.rules import Person
from channel.database import db
from channel.errors import Invalid
from channel.lists import Wanted
from channel.receivables.acts.statements import GiveStatements
from channel.receivables.queries.open_items import ItemFilter
from channel.receivables.service.figures import Selection, figures_asked
from channel.receivables.service.open_items import open_items, open_items_summed
from channel.receivables.service.statement_runs import give_statements
from channel.view import View
from tests.make.access import acting
from tests.make.receivables import day, moment

_PLANS = """
SELECT sum(generic_plans)::integer AS general, sum(custom_plans)::integer AS own FROM pg_prepared_statements
WHERE (statement LIKE '%receivable_%' OR statement LIKE '%open_item%') AND cardinality(parameter_types) > 0
"""


async def test_what_is_asked_of_all_or_one_is_planned_each_time(finance: Person, dealer: int) -> None:
    with clock.fixed(moment(60 * 24)):
        async with acting(finance):
            now, past = View(clock.today(), clock.now()), View(day(40), moment(41 * 24), past=True, dated=True)
            for code, dealer_id in [*[(None, None)] * 7, ("D-1", dealer)]:
                for view in (now, past):
                    await open_items(finance, ItemFilter(dealer_id), view, Wanted(limit=9))
                    await open_items_summed(finance, ItemFilter(dealer_id), view)
                    await figures_asked(finance, Selection(code), view)
                with pytest.raises(Invalid, match="nothing moved"):
                    await give_statements(finance, GiveStatements(as_of=day(40), from_on=day(10)))
            plans = await db.fetchrow(_PLANS)
    assert plans is not None
    assert plans["general"] == 0
    assert plans["own"] > 50
