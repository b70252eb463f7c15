"""The tables of the room as Piccolo sees them: a mirror of the migration, compared with the catalogue by a test."""

from piccolo.columns import BigInt, Boolean, Date, Integer, Numeric, Text
from piccolo.table import Table


class ProductLine(Table, tablename="product_line"):
    """A product line and the dealer type it wants."""

    id = BigInt(primary_key=True, default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    wanted_type = Text(default=None, null=True)


class Product(Table, tablename="product"):
    """A product of one line."""

    id = BigInt(primary_key=True, default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    line_id = BigInt(default=None, null=False)
    unit = Text(default=None, null=True)


class Contact(Table, tablename="contact"):
    """Somebody at a dealer."""

    dealer_id = BigInt(default=None, null=False)
    id = BigInt(primary_key=True, default=None, null=False)
    name = Text(default=None, null=False)
    role = Text(default=None, null=True)
    phone = Text(default=None, null=True)
    email = Text(default=None, null=True)


class ExchangeRate(Table, tablename="exchange_rate"):
    """Company currency per unit of another on a day."""

    currency = Text(default=None, null=False)
    on_date = Date(default=None, null=False)
    posting_id = BigInt(default=None, null=False)
    rate = Numeric(digits=(24, 12), default=None, null=False)


class Dealer(Table, tablename="dealer"):
    """A dealer; the columns from `type` on are the cache of its facts."""

    id = BigInt(primary_key=True, default=None, null=False)
    code = Text(default=None, null=False)
    name = Text(default=None, null=False)
    selling_way = Text(default=None, null=True)
    assortment = Text(default=None, null=True)
    margin_level = Text(default=None, null=True)
    price_level = Text(default=None, null=True)
    price_transparency = Text(default=None, null=True)
    brands_carried = Integer(default=None, null=True)
    exclusivity_wanted = Boolean(default=None, null=True)
    type = Text(default=None, null=False)
    territory_id = BigInt(default=None, null=False)
    parent_id = BigInt(default=None, null=True)
    grade = Text(default=None, null=True)
    status = Text(default=None, null=False)
    currency = Text(default=None, null=False)
    terms_days = Integer(default=None, null=False)
