"""Two years of a made-up channel, drawn from a fixed seed: the same last month gives the same story to the cent.

Every file here is what a real company would load: a heading and rows of text. A dealer sells what his customers ask
for, with the season, his growth and some luck; he buys so that his stock reaches over the next month; he counts it at
the month's end, not always rightly, and does not always report.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from channel.demo import company
from channel.demo.company import Line
from channel.periods import Month

MONTHS = 24
DEALERS = 150
_HONG_KONG = "H"
_CENT = Decimal("0.01")
_REPORT_MISSED = 0.05


@dataclass(frozen=True, slots=True)
class File:
    """A file as somebody would send it: its name, its heading, its rows."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Good:
    """A product: its code, its line and its list price in company currency."""

    code: str
    name: str
    line: Line
    price: int


@dataclass
class Dealer:
    """A dealer of the story and the inclinations by which his months are drawn."""

    code: str
    name: str
    type: str
    territory: str
    currency: str
    terms_days: int
    grade: str
    status: str
    parent: str
    appointed: date
    first: int
    """Index of the first month in which he trades; 0 for whoever did before the story began."""
    last: int
    """Index after the last month in which he trades."""
    goods: list[Good]
    size: float
    growth: float
    diligence: float
    """How likely he is to send his reports."""
    target: str = ""
    customers: list[tuple[str, str, str]] = field(default_factory=list)
    stock: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """Codes of the product lines carried."""
        return sorted({good.line.code for good in self.goods})


@dataclass(frozen=True, slots=True)
class Reports:
    """What was reported of one month."""

    month: Month
    sell_in: File
    sell_through: File
    stock: File


def goods() -> list[Good]:
    """All products, by line."""
    return [
        Good(f"{line.code}{number}0", name, line, price)
        for line in company.LINES
        for number, (name, price) in enumerate(line.goods, start=1)
    ]


class Story:
    """The story of so many dealers that ends with the month `last`."""

    def __init__(self, last: Month, dealers: int = DEALERS, seed: int = company.SEED) -> None:
        self._luck = random.Random(seed)  # noqa: S311 - a story, not a secret
        self.months = [last.plus(number - MONTHS + 1) for number in range(MONTHS)]
        self.goods = goods()
        self._rate_days = self._draw_rates()
        self._names: set[str] = set()
        self.dealers = [self._draw_dealer(number) for number in range(dealers)]
        self._documents = 0

    @property
    def of_nobody(self) -> Dealer:
        """The dealer after whom nobody looks."""
        return next(each for each in self.dealers if each.first == 0 and each.last == MONTHS)

    def reports(self) -> Iterator[Reports]:
        """Month after month what the company sold and what its dealers sent; to be drawn once and in order."""
        for index, month in enumerate(self.months):
            sold: list[tuple[str, ...]] = []
            passed_on: list[tuple[str, ...]] = []
            counted: list[tuple[str, ...]] = []
            for dealer in self.dealers:
                if dealer.first <= index < dealer.last:
                    bought, sales, count = self._draw_month(dealer, index, month)
                    sold += bought
                    if self._luck.random() > _REPORT_MISSED * 2 * (1 - dealer.diligence) + 0.01:
                        passed_on += sales
                    if self._luck.random() > _REPORT_MISSED * 3 * (1 - dealer.diligence) + 0.01:
                        counted += count
            yield Reports(
                month,
                File(f"sell-in {month}.csv", SELL_IN, sold),
                File(f"sell-through {month}.csv", SELL_THROUGH, passed_on),
                File(f"stock {month}.csv", STOCK, counted),
            )

    def territory_file(self) -> File:
        """The territory tree."""
        rows = [(node.code, node.name, node.level, node.parent or "") for node in company.territories()]
        return File("territories.csv", ("code", "name", "level", "parent"), rows)

    def product_file(self) -> File:
        """The products with their lines."""
        rows = [(g.code, g.name, g.line.code, g.line.name, g.line.unit, g.line.wanted_type) for g in self.goods]
        return File("products.csv", ("code", "name", "line", "line_name", "unit", "wanted_type"), rows)

    def rate_file(self, after: date, until: date) -> File:
        """The daily rates after a day and up to another, without weekends."""
        rows = [
            (company.OTHER_CURRENCY, day.isoformat(), f"{rate:.4f}")
            for day, rate in self._rate_days
            if after < day <= until and day.weekday() < 5  # noqa: PLR2004 - Saturday is day 5
        ]
        return File("rates.csv", ("currency", "date", "rate"), rows)

    def dealer_file(self, dealers: Sequence[Dealer]) -> File:
        """Dealers as they were when they were entered."""
        rows = []
        for number, dealer in enumerate(dealers):
            contact = company.CONTACTS[(number * 7 + len(dealer.name)) % len(company.CONTACTS)]
            rows.append(
                (
                    dealer.code,
                    dealer.name,
                    dealer.type,
                    dealer.territory,
                    dealer.currency,
                    str(dealer.terms_days),
                    dealer.parent,
                    ";".join(dealer.lines),
                    dealer.grade,
                    dealer.status,
                    dealer.appointed.isoformat(),
                    dealer.target,
                    contact,
                    f"+86 138 {number * 37 % 10000:04d} {number * 91 % 10000:04d}",
                    "passive" if dealer.type == "wholesale" else "active",
                    "low" if dealer.type == "wholesale" else "high",
                    "open" if dealer.type == "wholesale" else "closed",
                    str(2 + number % 9 if dealer.type == "wholesale" else 1 + number % 3),
                    "yes" if dealer.type == "terminal" and number % 3 == 0 else "no",
                    "" if dealer is self.of_nobody else company.looks_after(dealer.territory),
                )
            )
        return File("dealers.csv", DEALER, rows)

    def statement_file(self, dealers: Sequence[Dealer], years: Sequence[int]) -> File:
        """Balance sheets and income of some dealers at the ends of these years."""
        rows: list[tuple[str, ...]] = []
        for dealer in dealers:
            strength = self._luck.uniform(0.15, 1.0)
            for number, year in enumerate(years):
                sales = dealer.size * 12 * self._luck.uniform(1.8, 3.2) * (1 + dealer.growth) ** number
                assets = sales * self._luck.uniform(0.35, 0.6)
                debt = assets * (0.85 - 0.45 * strength)
                current = assets * self._luck.uniform(0.6, 0.85)
                ebit = sales * (0.01 + 0.06 * strength)
                worth = assets - debt
                figures = (
                    current,
                    current * self._luck.uniform(0.3, 0.6),
                    debt * self._luck.uniform(0.7, 0.95),
                    assets,
                    debt,
                    worth,
                    worth * 0.45,
                    ebit,
                    sales,
                    ebit * 0.7,
                )
                rows.append((dealer.code, f"{year}-12-31", "12", *(f"{round(figure, -3):.2f}" for figure in figures)))
        return File("statements.csv", STATEMENT, rows)

    def _draw_rates(self) -> list[tuple[date, Decimal]]:
        day, rate = self.months[0].first - timedelta(days=14), float(company.RATE_AT_FIRST)
        days = []
        # Far enough for the days of the month under way, and for some weeks of trying the demonstration.
        while day < self.months[-1].plus(4).first:
            days.append((day, Decimal(f"{rate:.4f}")))
            rate *= 1 + self._luck.gauss(0, 0.0012)
            day += timedelta(days=1)
        return days

    def _draw_dealer(self, number: int) -> Dealer:
        luck = self._luck
        kind = "wholesale" if number % 3 == 0 else "terminal"
        districts = [node.code for node in company.territories() if node.level == "district"]
        territory = luck.choice(districts)
        abroad = territory.startswith(_HONG_KONG)
        size = luck.lognormvariate(12.2, 0.7) if kind == "wholesale" else luck.lognormvariate(10.6, 0.6)
        first, last, status = _career(number)
        month = self.months[first]
        appointed = month.first if first else date(month.year - luck.randint(1, 8), luck.randint(1, 12), 1)
        is_new = first >= MONTHS - 2
        return Dealer(
            code=f"D{1001 + number}",
            name=self._draw_name(kind, abroad=abroad),
            type=kind,
            territory=territory,
            currency=company.OTHER_CURRENCY if abroad else company.COMPANY_CURRENCY,
            terms_days=luck.choice((30, 30, 30, 45, 60, 15)),
            grade="" if is_new else luck.choices(("AAA", "AA", "A", "B", "C"), (8, 27, 35, 24, 6))[0],
            status=status,
            # Some are branches of a bigger dealer nearby, which was drawn before them.
            parent=f"D{1001 + number - number % 30}" if number % 30 in {4, 8, 13} and not first else "",
            appointed=appointed,
            first=first,
            last=last,
            goods=self._draw_goods(kind),
            size=size,
            growth=luck.gauss(0.08, 0.22),
            diligence=luck.choice((1.0, 1.0, 0.9, 0.8, 0.5, 0.0)),
            # Two of the new ones have agreed no target, so that no limit can be given.
            target=f"{round(size * 12, -4):.0f}" if is_new and number % 5 else "",
            customers=[
                (f"{1001 + number}-{tier:02d}", self._draw_shop(), luck.choice(("direct", "indirect", "mixed")))
                for tier in range(1, luck.randint(2, 6))
            ]
            if kind == "wholesale" and number % 2 == 0
            else [],
        )

    def _draw_goods(self, kind: str) -> list[Good]:
        luck = self._luck
        wanted = [line for line in company.LINES if line.wanted_type in {kind, ""}]
        # One in twelve also sells what should be sold by the other type.
        if luck.random() < 1 / 12:
            wanted.append(luck.choice([line for line in company.LINES if line.wanted_type not in {kind, ""}]))
        if len(wanted) > 2 and luck.random() < 0.3:  # noqa: PLR2004 - now and then one line less
            wanted.remove(luck.choice(wanted))
        chosen = [g for g in self.goods if g.line in wanted and luck.random() < 0.75]  # noqa: PLR2004
        return chosen or [g for g in self.goods if g.line == wanted[0]]

    def _draw_name(self, kind: str, *, abroad: bool) -> str:
        luck = self._luck
        while True:
            if abroad or luck.random() < 0.12:  # noqa: PLR2004
                name = f"{luck.choice(company.ENGLISH_FIRST)} {luck.choice(company.ENGLISH_LAST)}"
            else:
                pair = luck.choice(company.CHINESE_FIRST) + luck.choice(company.CHINESE_SECOND)
                words = company.WHOLESALE_WORDS if kind == "wholesale" else company.TERMINAL_WORDS
                chinese, english = luck.choice(words)
                name = pair + chinese
                if luck.random() < 0.4:  # noqa: PLR2004
                    name += f" {company.PINYIN[pair[0]]}{company.PINYIN[pair[1]].lower()} {english}"
            if name not in self._names:
                self._names.add(name)
                return name

    def _draw_shop(self) -> str:
        pair = self._luck.choice(company.CHINESE_FIRST) + self._luck.choice(company.CHINESE_SECOND)
        return pair + self._luck.choice(("电器店", "家电维修部", "超市", "五金行", "生活馆"))

    def _draw_month(
        self, dealer: Dealer, index: int, month: Month
    ) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], list[tuple[str, ...]]]:
        """What he bought, what he sold on, and what he counted at the end."""
        luck = self._luck
        bought: dict[Good, int] = {}
        sold: dict[Good, int] = {}
        trend = (1 + dealer.growth) ** (index / 12) * luck.lognormvariate(0, 0.13)
        for good in dealer.goods:
            base = dealer.size * trend / len(dealer.goods) / good.price
            now, soon = good.line.season[month.month - 1], good.line.season[month.month % 12]
            have = dealer.stock.get(good.code, int(base * now * luck.uniform(0.8, 1.6)))
            wanted = max(0, round(base * (now + 1.1 * soon) * luck.lognormvariate(0, 0.1) - have))
            asked = max(0, round(base * now * luck.lognormvariate(0, 0.2)))
            bought[good] = wanted
            sold[good] = min(asked, have + wanted)
            # Now and then something is lost or counted twice, which is what the comparison of the figures is for.
            lost = luck.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 1)) if have > 10 else 0  # noqa: PLR2004
            dealer.stock[good.code] = max(0, have + wanted - sold[good] - lost)
        count_day = (month.end - timedelta(days=1)).isoformat()
        counts: list[tuple[str, ...]] = []
        for good in dealer.goods:
            left = dealer.stock[good.code]
            counts.append(
                (dealer.code, count_day, good.code, str(left), _money(left * self._cost(dealer, good, month)))
            )
        return self._invoices(dealer, month, bought), self._sales(dealer, month, sold), counts

    def _cost(self, dealer: Dealer, good: Good, month: Month) -> Decimal:
        """What a piece costs this dealer in his currency: the list price less his discount, dearer every January."""
        discount = Decimal("0.74") if dealer.type == "wholesale" else Decimal("0.82")
        dearer = Decimal(1) + Decimal("0.03") * (month.year - self.months[0].year)
        rate = company.RATE_AT_FIRST if dealer.currency == company.OTHER_CURRENCY else Decimal(1)
        return (good.price * discount * dearer / rate).quantize(_CENT, ROUND_HALF_UP)

    def _invoices(self, dealer: Dealer, month: Month, bought: dict[Good, int]) -> list[tuple[str, ...]]:
        luck = self._luck
        deliveries = luck.randint(2, 4) if dealer.type == "wholesale" else luck.randint(1, 2)
        rows: list[tuple[str, ...]] = []
        for number in range(deliveries):
            self._documents += 1
            day = month.first + timedelta(days=luck.randint(0, month.days - 1))
            lines = 0
            for good, pieces in bought.items():
                part = pieces // deliveries + (1 if number < pieces % deliveries else 0)
                if part:
                    lines += 1
                    rows.append(self._invoice_line(dealer, month, day, good, part, f"S{self._documents:06d}", lines))
        returnable = [good for good, pieces in bought.items() if pieces > 4]  # noqa: PLR2004
        if returnable and luck.random() < 0.06:  # noqa: PLR2004
            self._documents += 1
            good = luck.choice(returnable)
            day = month.end - timedelta(days=luck.randint(1, 5))
            back = -luck.randint(1, max(1, bought[good] // 8))
            dealer.stock[good.code] = max(0, dealer.stock[good.code] + back)
            rows.append(self._invoice_line(dealer, month, day, good, back, f"R{self._documents:06d}", 1))
        return rows

    def _invoice_line(
        self, dealer: Dealer, month: Month, day: date, good: Good, pieces: int, document: str, line: int
    ) -> tuple[str, ...]:
        price = self._cost(dealer, good, month)
        made = (price * Decimal("0.71")).quantize(_CENT, ROUND_HALF_UP)
        return (
            dealer.code, day.isoformat(), good.code, str(pieces), _money(pieces * price), dealer.currency,
            _money(pieces * made), document, str(line),
        )  # fmt: skip

    def _sales(self, dealer: Dealer, month: Month, sold: dict[Good, int]) -> list[tuple[str, ...]]:
        luck = self._luck
        rows: list[tuple[str, ...]] = []
        for good, pieces in sold.items():
            parts = min(pieces, 3 if dealer.type == "wholesale" else 2)
            for number in range(parts):
                part = pieces // parts + (1 if number < pieces % parts else 0)
                margin = Decimal(luck.randint(104, 112) if dealer.type == "wholesale" else luck.randint(115, 130)) / 100
                amount = (part * self._cost(dealer, good, month) * margin).quantize(_CENT, ROUND_HALF_UP)
                day = month.first + timedelta(days=min(month.days - 1, number * 10 + luck.randint(0, 9)))
                customer = luck.choice(dealer.customers)[0] if dealer.customers else ""
                rows.append(
                    (dealer.code, day.isoformat(), good.code, str(part), _money(amount), dealer.currency, customer)
                )
        return rows


SELL_IN = ("dealer", "date", "product", "quantity", "amount", "currency", "cost", "document", "line")
SELL_THROUGH = ("dealer", "date", "product", "quantity", "amount", "currency", "second_tier")
STOCK = ("dealer", "date", "product", "quantity", "amount")
DEALER = (
    "code", "name", "type", "territory", "currency", "terms_days", "parent", "lines", "grade", "status", "appointed_on",
    "first_year_target", "contact_name", "contact_phone", "selling_way", "price_level", "price_transparency",
    "brands_carried", "exclusivity_wanted", "responsible",
)  # fmt: skip
STATEMENT = (
    "dealer", "period_end", "period_months", "current_assets", "inventory", "current_liabilities", "total_assets",
    "total_debt", "net_worth", "retained_earnings", "ebit", "sales", "net_profit",
)  # fmt: skip


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _career(number: int) -> tuple[int, int, str]:
    """First month, month after the last, and status: most were there before and stay; some come, some go."""
    if number in {147, 148, 149}:
        return MONTHS - 1, MONTHS - 1, "prospect"
    if number in {140, 141, 142, 143, 144, 145, 146}:
        return MONTHS - 1 - number % 2, MONTHS, "active"
    if number % 18 == 17:  # noqa: PLR2004
        return 3 + number % 15, MONTHS, "active"
    if number in {31, 77, 113}:
        return 0, 10 + number % 9, "active"
    return 0, MONTHS, "active"
