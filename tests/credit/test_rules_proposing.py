"""What becomes of a computed limit where a proposal is open, or the same was refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from channel.credit.rules import CreditInputs, diff_limits
from channel.credit.rules.proposing import Fate, Wish, fate_of, rests_on_the_same
from tests.make.credit import DEFAULT_POLICY, snapshot

TODAY = date(2026, 11, 28)
WISH = Wish(Decimal(1000), "USD", 1, Decimal(800), TODAY + timedelta(days=365))


@pytest.mark.parametrize(
    ("standing", "refused", "fate"),
    [
        (None, False, Fate.PROPOSED),
        (None, True, Fate.STAYS_REFUSED),
        (WISH, False, Fate.KEPT),
        # Somebody proposed again what had been refused: it is open, and stays so.
        (WISH, True, Fate.KEPT),
        (replace(WISH, amount=Decimal(1001)), False, Fate.REPLACES),
        (replace(WISH, amount=Decimal(1001)), True, Fate.STAYS_REFUSED),
        (replace(WISH, amount=None), False, Fate.REPLACES),
        (replace(WISH, currency="EUR"), False, Fate.REPLACES),
        (replace(WISH, policy_version=2), False, Fate.REPLACES),
        (replace(WISH, before=None), False, Fate.REPLACES),
        # A limit whose validity is over on the day could not come into force any more; without an end it can.
        (replace(WISH, to_on=TODAY), False, Fate.REPLACES),
        (replace(WISH, to_on=TODAY + timedelta(days=1)), False, Fate.KEPT),
        (replace(WISH, to_on=None), False, Fate.KEPT),
    ],
)
def test_an_open_proposal_is_kept_where_it_says_the_same(standing: Wish | None, fate: Fate, *, refused: bool) -> None:
    assert fate_of(WISH, standing, TODAY, refused=refused) is fate


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (snapshot([1000] * 12), snapshot([1000] * 12), True),
        (snapshot([1000] * 12), snapshot([1001] * 12), False),
        (snapshot([1000] * 12), snapshot([1000] * 12, grade="B"), False),
        (snapshot(), snapshot(), False),
        (snapshot([1000] * 12), snapshot([1000] * 12, currency="EUR"), False),
    ],
)
def test_a_decision_rests_on_the_same_where_no_cause_has_a_part(
    before: CreditInputs, after: CreditInputs, *, same: bool
) -> None:
    assert rests_on_the_same(diff_limits(before, DEFAULT_POLICY, after, DEFAULT_POLICY)) is same
