"""The story of the room `receivables`: what was sold is invoiced, and paid as each dealer pays, month after month.

Finance posts a month's invoices, credit notes and receipts together a day after it, in the order of their days; the
month under way is posted twice. What goes wrong happens between: an invoice keyed wrongly, cheques that come back,
money that nobody knows, and a dealer who pays more than he owes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import groupby

from msgspec.structs import replace as changed

from channel import clock
from channel.acts import Why
from channel.dealers.acts import ChangeFact
from channel.dealers.rules import Fact
from channel.dealers.service.facts import change_fact, dealer_by_code
from channel.demo.dealers import put_on_hold, steady
from channel.demo.filling import Filling
from channel.demo.invoices import documents_of, owed_of
from channel.demo.payers import Habit, Part, Payment, habits, payments
from channel.demo.story import Dealer, Reports
from channel.periods import Month
from channel.receivables.acts.disputes import EndDispute, OpenDispute
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.acts.months import CloseMonth
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney
from channel.receivables.queries import books
from channel.receivables.queries.documents import document_numbered
from channel.receivables.rules.allocation import Item
from channel.receivables.rules.disputes import DisputeReason, Outcome
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.service.disputes import end_dispute, open_dispute
from channel.receivables.service.incidents import FOLLOWING_HOLDS
from channel.receivables.service.months import close_month
from channel.receivables.service.planning import with_due_days
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import JUDGING, cancel_promise, enter_promise
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.unknown_money import assign_money, keep_money
from channel.receivables.service.waiting import do_or_ask
from channel.work.service import run_due

_CENT = Decimal("0.01")
_MISTAKE_IN, _CLOSED, _RETURNED_FROM, _FOUND_IN = 8, (19, 20), 22, 21
"""Places of months: of the mistake, of those that are closed, of the first bill returned, of money found."""
_KEYED_TOO_MUCH = Decimal(9_000)
_PAID_TOO_MUCH = Decimal(8_000)
_PROMISED_IN = 15
"""Days from a promise to its day."""


def plan(filling: Filling) -> None:
    """Plan all of it."""
    ledger = _Ledger(filling)
    filling.hearing.append(ledger.hear)
    months = filling.story.months
    filling.plan(filling.moment(months[0].first), ledger.agree_on_months)
    for place in _CLOSED:
        filling.plan(filling.moment(months[place].end, timedelta(days=20)), partial(_close, filling, months[place]))
    found = filling.moment(months[_FOUND_IN].first, timedelta(days=9))
    filling.plan(found, ledger.keep_money_to_be_found)
    filling.plan(filling.moment(months[_FOUND_IN].first, timedelta(days=15)), ledger.find_whose_it_is)
    filling.plan(filling.moment(months[-1].end, timedelta(days=9)), ledger.post_what_came_in)
    filling.plan(filling.now - timedelta(days=1), ledger.post_what_came_in)
    filling.plan(filling.now - timedelta(hours=1), ledger.come_to_today)
    filling.plan(filling.now - timedelta(days=25), ledger.contest)
    filling.plan(filling.now - timedelta(days=6), ledger.credit_what_was_bent)
    filling.plan(filling.now - timedelta(days=25), ledger.promise)
    filling.plan(filling.now - timedelta(days=6), ledger.promise_otherwise)
    filling.plan(filling.now - timedelta(minutes=50), _work_by_night)


async def _work_by_night() -> None:
    """What the service does by itself: promises that are over are judged, and holds recorded as incidents."""
    await run_due([JUDGING, FOLLOWING_HOLDS])


async def _close(filling: Filling, month: Month) -> None:
    async with filling.acting("qian") as person:
        await close_month(person, CloseMonth(month=str(month), reason="Reported to the parent 月结完成"))


class _Ledger:
    """Finance at its books: what was sold waits to be invoiced, and what dealers are going to pay to come in."""

    def __init__(self, filling: Filling) -> None:
        self.filling = filling
        self.habits = habits(filling.story)
        self.ids: dict[str, int] = {}
        self.coming: list[Payment] = []
        self.receipts = 0
        self.returned: dict[str, int] = {dealer.code: 2 for dealer in put_on_hold(filling.story)}
        self.returned[self.dealer(Part.WITH_BILLS).code] = 1
        self.found: int | None = None
        self.promised: int | None = None
        self.bent: tuple[int, Decimal] | None = None

    def dealer(self, place: int) -> Dealer:
        """The dealer whose story is told, by his place."""
        return steady(self.filling.story)[place]

    def hear(self, reports: Reports) -> None:
        """What was sold in a month is invoiced when it is over."""
        after = self.filling.moment(reports.month.end, timedelta(days=1))
        self.filling.plan(after, partial(self.post_month, reports))

    async def agree_on_months(self) -> None:
        """Some settle by the month, on the 7th of the next one."""
        why = "Agreed in the contract: 月结, 次月7日"
        async with self.filling.acting("mei") as person:
            for code, habit in self.habits.items():
                if habit is Habit.MONTHLY:
                    act = ChangeFact(fact=Fact.TERMS, value="day 7, month 1", effective_on=clock.today(), reason=why)
                    await change_fact(person, code, act)

    async def post_month(self, reports: Reports) -> None:
        """The invoices and credit notes of a month with what was paid in it."""
        index = self.filling.story.months.index(reports.month)
        async with self.filling.acting("fang"):
            sold = await self._documents_of(reports)
        self._expect(index, sold)
        given = [Given(code, document) for code, document in self._as_keyed(index, sold)]
        await self._post([*given, *self._paid_until(reports.month.end - timedelta(days=1))])

    async def post_what_came_in(self) -> None:
        """The receipts up to yesterday."""
        await self._post(self._paid_until(clock.today() - timedelta(days=1)))

    async def _post(self, given: Sequence[Given]) -> None:
        if given:
            async with self.filling.acting("fang") as person:
                await post_documents(person, sorted(given, key=lambda each: each.document.effective_on))

    async def _documents_of(self, reports: Reports) -> list[tuple[str, Document]]:
        """What was sold, as documents with tax and due days, with the codes of their dealers."""
        lines = {good.code: good.line.code for good in self.filling.story.goods}
        documents = list(documents_of(reports.sell_in, lines))
        for code, _ in documents:
            if code not in self.ids:
                self.ids[code] = (await dealer_by_code(code))["id"]
        due = await with_due_days([(self.ids[code], document) for code, document in documents])
        return [(code, document) for (code, _), document in zip(documents, due, strict=True)]

    def _expect(self, index: int, sold: Sequence[tuple[str, Document]]) -> None:
        """What the dealers are going to pay for it; who has closed his business by then pays nothing more."""
        ends = {dealer.code: dealer.last for dealer in self.filling.story.dealers}
        months = self.filling.story.months
        for code, group in groupby(sold, key=lambda pair: pair[0]):
            last = months[ends[code]].first if ends[code] < len(months) else date.max
            owed = owed_of(code, [document for _, document in group])
            self.coming += [each for each in payments(self.habits[code], index, owed) if each.on < last]

    def _as_keyed(self, index: int, sold: Sequence[tuple[str, Document]]) -> list[tuple[str, Document]]:
        """The same as it is keyed in: of one dealer the last invoice of one month with a wrong amount."""
        mine = [
            pair for pair in sold if pair[0] == self.dealer(Part.MISTAKEN).code and pair[1].kind is DocumentKind.INVOICE
        ]
        if index != _MISTAKE_IN or not mine:
            return list(sold)
        code, right = max(mine, key=lambda pair: pair[1].effective_on)
        amount = right.amount + _KEYED_TOO_MUCH
        wrong = changed(
            right, amount=amount, lines=(), tax=None, instalments=(changed(right.instalments[0], amount=amount),)
        )
        end = self.filling.story.months[index].end
        self.coming = [
            replace(each, on=max(each.on, end + timedelta(days=9))) if right.number in each.references else each
            for each in self.coming
        ]
        self.filling.plan(self.filling.moment(end, timedelta(days=5)), partial(self._post_anew, code, right))
        return [(code, wrong) if document is right else (code_, document) for code_, document in sold]

    async def _post_anew(self, code: str, right: Document) -> None:
        await self._reverse("grace", code, right, "Keyed with a wrong amount 金额录入有误")
        await self._post([Given(code, right, "Posted anew 更正后重新入账")])

    async def _reverse(self, login: str, code: str, document: Document, reason: str, on: date | None = None) -> None:
        async with self.filling.acting(login) as person:
            number = await document_numbered(self.ids[code], document.kind, document.number)
            if number is None:
                raise RuntimeError(f"{document.kind} {document.number} of {code} was never posted")
            await do_or_ask(person, REVERSE, code, number, ReverseDocument(effective_on=on, reason=reason))

    def _paid_until(self, day: date) -> list[Given]:
        """What has come in by a day, numbered as the bank numbers it."""
        mine = sorted((each for each in self.coming if each.on <= day), key=lambda each: each.on)
        self.coming = [each for each in self.coming if each.on > day]
        return [self._paying(each) for each in mine]

    def _paying(self, payment: Payment) -> Given:
        self.receipts += 1
        is_bill = payment.matures_on is not None
        document = Document(
            DocumentKind.BILL if is_bill else DocumentKind.RECEIPT,
            f"{'AB' if is_bill else 'BK'}{self.receipts:06d}",
            payment.currency,
            payment.amount,
            payment.on,
            references=payment.references,
            matures_on=payment.matures_on,
        )
        self._return_if_told(payment.dealer, document)
        return Given(payment.dealer, document, payment.remark, None if is_bill else _account(payment.dealer))

    def _return_if_told(self, code: str, bill: Document) -> None:
        """Of some dealers a bill comes back from the bank on the day of its maturity."""
        day = bill.matures_on
        first = self.filling.story.months[_RETURNED_FROM].first
        if day is None or not first <= day < self.filling.now.date() or not self.returned.get(code):
            return
        self.returned[code] -= 1
        act = partial(self._reverse, "grace", code, bill, "Returned by the bank unpaid 银行退票", day)
        self.filling.plan(self.filling.moment(day, timedelta(days=1)), act)

    async def keep_money_to_be_found(self) -> None:
        """Money comes of which nobody knows whose it is, since its text has no name."""
        item = (await self._open_items(Part.FOUND))[0]
        self.coming = [each for each in self.coming if item.number not in each.references]
        self.found = await self._keep("FT-2207", item.open, "网银转账 transfer", self.dealer(Part.FOUND).code)

    async def find_whose_it_is(self) -> None:
        """A week later the dealer tells that it is his."""
        if self.found is None:
            raise RuntimeError("there is no money to be found")
        async with self.filling.acting("grace") as person:
            act = AssignMoney(dealer=self.dealer(Part.FOUND).code, reason="He sent the bank's advice 客户已提供回单")
            await assign_money(person, self.found, act)

    async def come_to_today(self) -> None:
        """What came in today; one pays more than he owes; of three bank lines nobody knows whose they are."""
        much = self.dealer(Part.OVER_PAYER).code
        self.coming = [each for each in self.coming if each.dealer != much]
        owed = await self._open_items(Part.OVER_PAYER)
        total = sum((each.open for each in owed), start=_PAID_TOO_MUCH)
        currency = self.dealer(Part.OVER_PAYER).currency
        self.coming.append(Payment(much, currency, clock.today(), total, remark="多付 On account"))
        await self._post(self._paid_until(clock.today()))
        named, fitting = (await self._open_items(Part.SLIDER))[0], (await self._open_items(Part.SLOWER_SLIDER))[-1]
        part = (named.open * Decimal("0.4")).quantize(_CENT, ROUND_HALF_UP)
        await self._keep("FT-2411", part, f"货款{named.number}谢谢", None, of=Part.SLIDER)
        await self._keep("FT-2415", Decimal(12_600), "往来款", self.dealer(Part.IN_PARTS).code, of=Part.IN_PARTS)
        await self._keep("FT-2418", fitting.open, "现金缴存 cash deposit", None, of=Part.SLOWER_SLIDER)

    async def contest(self) -> None:
        """Three dealers contest a part of what they owe; two of these disputes are open to the end."""
        today = clock.today()
        self.bent = await self._contest(
            Part.IN_PARTS, DisputeReason.QUALITY, "fang", today + timedelta(days=14), "Two wheels are bent 轮组变形"
        )
        late = today + timedelta(days=18)
        await self._contest(Part.SLIDER, DisputeReason.PROMISED, "mei", late, "A rebate that was promised 未兑现返利")
        due = today + timedelta(days=30)
        await self._contest(Part.SLOWER_SLIDER, DisputeReason.QUANTITY, "fang", due, "Ten pieces short 少货十件")

    async def _contest(
        self, place: int, reason: DisputeReason, owner: str, due_on: date, remark: str
    ) -> tuple[int, Decimal]:
        """A dealer contests two fifths of what falls due last; the dispute's number and amount."""
        item = (await self._open_items(place))[-1]
        amount = (item.open * Decimal("0.4")).quantize(_CENT, ROUND_HALF_UP)
        act = OpenDispute(
            document=item.document_id, amount=amount, reason_code=reason, owner=owner, due_on=due_on, remark=remark
        )
        async with self.filling.acting("fang") as person:
            return await open_dispute(person, self.dealer(place).code, act), amount

    async def credit_what_was_bent(self) -> None:
        """One of them ends by a credit note."""
        if self.bent is None:
            raise RuntimeError("nothing was contested")
        number, amount = self.bent
        dealer = self.dealer(Part.IN_PARTS)
        note = Document(DocumentKind.CREDIT_NOTE, "GS-DISPUTE-1", dealer.currency, amount, clock.today())
        await self._post([Given(dealer.code, note, "For two bent wheels 轮组质量赔付")])
        async with self.filling.acting("fang") as person:
            act = EndDispute(outcome=Outcome.CREDITED, credit_note=note.number, reason="They were bent 情况属实")
            await end_dispute(person, number, act)

    async def promise(self) -> None:
        """Three dealers promise to pay: one what is on its way, one all that he owes, which does not come."""
        today = clock.today()
        day = today + timedelta(days=_PROMISED_IN)
        coming: dict[str, Decimal] = {}
        for each in self.coming:
            if today <= each.on <= day:
                coming[each.dealer] = coming.get(each.dealer, Decimal(0)) + each.amount
        told = {self.dealer(part).code for part in Part}
        payer = next(each for each in steady(self.filling.story) if each.code in coming and each.code not in told)
        await self._promise(payer.code, "王敏 Ms Wang", "mei", due_on=day, amount=coming[payer.code])
        slider = sum((each.open for each in await self._open_items(Part.SLIDER)), start=Decimal(0))
        await self._promise(self.dealer(Part.SLIDER).code, "李强 Mr Li", "fang", due_on=day, amount=slider)
        much = (await self._open_items(Part.IN_PARTS))[-1].open
        later = today + timedelta(days=3 * _PROMISED_IN)
        self.promised = await self._promise(
            self.dealer(Part.IN_PARTS).code, "赵丽 Ms Zhao", "fang", due_on=later, amount=much
        )

    async def promise_otherwise(self) -> None:
        """What no longer holds is cancelled, and another dealer promises in two parts, the first of them for today."""
        if self.promised is None:
            raise RuntimeError("nothing was promised")
        async with self.filling.acting("fang") as person:
            await cancel_promise(person, self.promised, Why(reason="Two wheels come back first 先办理退货"))
        today = self.filling.now.astimezone(clock.zone()).date()
        half = ((await self._open_items(Part.SLOWER_SLIDER))[0].open / 2).quantize(_CENT, ROUND_HALF_UP)
        parts = [f"{day}={half}" for day in (today, today + timedelta(days=14))]
        await self._promise(self.dealer(Part.SLOWER_SLIDER).code, "陈伟 Mr Chen", "fang", instalments=parts)

    async def _promise(self, code: str, by: str, login: str, **what: object) -> int:
        async with self.filling.acting(login) as person:
            act = EnterPromise(promised_by=by, remark="By phone 电话承诺", **what)  # type: ignore[arg-type] # its fields
            return await enter_promise(person, code, act)

    async def _keep(self, number: str, amount: Decimal, remark: str, payer: str | None, of: int = Part.FOUND) -> int:
        async with self.filling.acting("fang") as person:
            act = KeepUnknownMoney(
                number=number,
                currency=self.dealer(of).currency,
                amount=amount,
                booked_on=clock.today() - timedelta(days=1),
                remark=remark,
                payer_account=None if payer is None else _account(payer),
            )
            return await keep_money(person, act)

    async def _open_items(self, place: int) -> list[Item]:
        """What a dealer owes as it stands, the oldest first."""
        dealer = self.dealer(place)
        async with self.filling.acting("fang"):
            found = await books.open_items([self.ids[dealer.code]])
        items = found.get((self.ids[dealer.code], dealer.currency), [])
        return sorted(items, key=lambda each: (each.due_on, each.number))


def _account(code: str) -> str:
    """The bank account from which a dealer pays."""
    return f"6222 0210 0100 {code[1:]}"
