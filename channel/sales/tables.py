"""The tables of the room as Piccolo sees them: a mirror of the migrations, compared with the catalogue by a test."""

from piccolo.table import Table

from channel.database.columns import BigInt, BigSerial, Date, Numeric, Text


class SalesReport(Table):
    """A report of one kind as it was loaded."""

    id = BigSerial(primary_key=True)
    kind = Text()
    load_id = BigInt.or_none()
    file_name = Text()
    covers_from = Date()
    covers_to = Date()
    posting_id = BigInt()
    lines = BigInt.or_none()
    superseded = BigInt.or_none()


class Coverage(Table):
    """The days of a dealer for which a report speaks."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    from_on = Date()
    to_on = Date()
    report_id = BigInt()
    posting_id = BigInt()


class SalesLine(Table):
    """A line of a report as it was posted, in its own currency, the dealer's and the company's."""

    KEY = ("dealer_id", "id")
    dealer_id = BigInt()
    id = BigSerial(primary_key=True)
    kind = Text()
    on_date = Date()
    month = Date()
    product_id = BigInt()
    line_id = BigInt()
    quantity = Numeric(digits=(18, 4))
    amount = Numeric.or_none(digits=(18, 4))
    currency = Text()
    cost = Numeric.or_none(digits=(18, 4))
    document = Text.or_none()
    line_number = Text.or_none()
    second_tier_id = BigInt.or_none()
    rate = Numeric(digits=(24, 12))
    company_amount = Numeric.or_none(digits=(18, 4))
    dealer_currency = Text()
    dealer_rate = Numeric(digits=(24, 12))
    dealer_amount = Numeric.or_none(digits=(18, 4))
    report_id = BigInt()
    posting_id = BigInt()
    closed_by = BigInt.or_none()


class SalesMonth(Table):
    """What is live of a month by dealer, kind, line and currency."""

    KEY = ("dealer_id", "kind", "month", "line_id", "dealer_currency")
    dealer_id = BigInt(primary_key=True)
    kind = Text()
    month = Date()
    line_id = BigInt()
    dealer_currency = Text()
    quantity = Numeric(digits=(24, 4))
    dealer_amount = Numeric.or_none(digits=(24, 4))
    company_amount = Numeric.or_none(digits=(24, 4))
    returned_quantity = Numeric(digits=(24, 4))
    returned_dealer_amount = Numeric.or_none(digits=(24, 4))
    returned_company_amount = Numeric.or_none(digits=(24, 4))
    cost = Numeric.or_none(digits=(24, 4))
    lines = BigInt()
    counted_on = Date.or_none()


class SellInYear(Table):
    """Net sell-in of twelve months, by which the list of dealers is sorted."""

    KEY = ("dealer_id", "ends_on")
    dealer_id = BigInt(primary_key=True)
    ends_on = Date()
    company_amount = Numeric(digits=(24, 4))


class SellInYearKept(Table):
    """A year for which these sums are kept."""

    ends_on = Date(primary_key=True)
