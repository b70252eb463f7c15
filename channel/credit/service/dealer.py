"""All that is known of one dealer's credit, read in one snapshot."""

from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.access.rules import Person, Right, require
from channel.credit.queries import facts as fact_queries
from channel.credit.queries import limits as limit_queries
from channel.credit.queries import proposals as proposal_queries
from channel.credit.rules import LimitDiff
from channel.credit.service.explain import Explained, compared, explained
from channel.credit.service.inputs import Asked, dealer_named
from channel.credit.service.limits import Held, Told, held_of, told
from channel.snapshots import computed_on, view_of
from channel.view import View


@dataclass(frozen=True, slots=True)
class DealerCredit:
    """A dealer's limit with its receipt and history in a view; statements and facts are those of now.

    What was recorded after the moment is left out; a proposal that was decided since stands as it does now.
    `compared` is why the limits of two days differ, as known now, where two were named.
    """

    name: str
    held: Held
    explained: Explained
    journal: list[Record]
    proposals: list[Told]
    votes: list[Record]
    statements: list[Record]
    facts: list[Record]
    compared: LimitDiff | None

    @property
    def open(self) -> list[Told]:
        """The proposals that wait."""
        return [row for row in self.proposals if row["state"] == "open"]


async def credit_of(person: Person, code: str, view: View, days: tuple[date | None, date | None]) -> DealerCredit:
    """Everything about a dealer's credit, and the limits of two days beside each other where both are named."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    asked, ids = Asked.of(dealer), [dealer["id"]]
    first, second = days
    async with computed_on(view) as fixed:
        limit = await explained(asked, fixed)
        journal = await limit_queries.journal(asked.dealer_id, fixed.moment)
        return DealerCredit(
            dealer["name"],
            held_of(asked, code, fixed, reversed(journal)),
            limit,
            journal,
            await told(await proposal_queries.proposals_of_dealer(asked.dealer_id, fixed.moment)),
            await proposal_queries.votes(asked.dealer_id, fixed.moment),
            await fact_queries.statements(ids, date.max, None),
            await fact_queries.credit_facts(ids, view_of()),
            await compared(asked, view_of(first), view_of(second)) if first and second else None,
        )
