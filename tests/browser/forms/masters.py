"""Sent: products, rates and territories; and a file that is brought, matched, checked and loaded."""

import itertools
from collections.abc import AsyncIterator, Mapping

from channel.access.rules import Person, Role
from channel.imports.service.loads import LoadWish, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting
from tests.make.access import acting
from tests.make.forms import Sending
from tests.make.sales import csv_of

REPORTING = (Role.MANAGER, Role.FINANCE, Role.REGIONAL)
_HEADER = "dealer,date,product,quantity,amount"
_REPORT = csv_of(_HEADER, "D-1,2025-01-05,RB-210,2,200.00")
_numbers = itertools.count(1)
_DEALERS = csv_of("code,name,type,territory,currency,terms_days,status", "I-1,Inn,terminal,East,USD,30,active")
_FILE = {"name": "january.csv", "mimeType": "text/csv", "buffer": _REPORT}


async def brought(person: Person, content: bytes) -> int:
    """A file that this person has brought; the id of its upload."""

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    async with acting(person):
        return await take_in(person, "january.csv", pieces())


async def _report(person: Person) -> Mapping[str, str]:
    return {"upload": str(await brought(person, _REPORT))}


async def _master(person: Person) -> Mapping[str, str]:
    return {"upload": str(await brought(person, _DEALERS))}


async def _checked(person: Person, *more: str) -> Mapping[str, str]:
    """No two of them are the same file: nothing would be new in the second."""
    upload = await brought(person, csv_of(_HEADER, f"D-1,2025-01-05,RB-210,2,{next(_numbers)}", *more))
    async with acting(person):
        number = await start_load(person, LoadWish("sell-through", upload, period="2025-01", dry_run=True))
    await run_waiting()
    return {"load": str(number)}


async def _all_good(person: Person) -> Mapping[str, str]:
    return await _checked(person)


async def _one_wrong(person: Person) -> Mapping[str, str]:
    return await _checked(person, "NOBODY,2025-01-06,RB-210,1,1")


async def _unclear(person: Person) -> Mapping[str, str]:
    """Neither sign stands so that it can only be the one before decimals."""
    upload = await brought(person, csv_of(_HEADER, f'D-1,2025-01-{1 + next(_numbers):02},RB-210,2,"1,234"'))
    async with acting(person):
        number = await start_load(person, LoadWish("sell-through", upload, period="2025-01", dry_run=True))
    await run_waiting()
    return {"load": str(number)}


_LATEST = "SELECT {} FROM import_load WHERE asked_by = '{{me}}' ORDER BY id DESC LIMIT 1"

CASES = (
    Sending("/products", "/products", [Role.MANAGER], {"code": "RB-9", "name": "Bell", "line": "Road"},
            "The product Bell is added.", "SELECT unit IS NULL FROM product WHERE code = 'RB-9'"),
    Sending("/products/{code}/edit", "/products/RB-210/edit", [Role.MANAGER], {"name": "Racer"},
            "The product Racer is kept.",
            "SELECT name = 'Racer' AND unit = 'piece' FROM product WHERE code = 'RB-210'"),
    Sending("/product-lines", "/products", [Role.MANAGER], {"code": "Touring", "name": "Touring bikes"},
            "The product line Touring bikes is added.",
            "SELECT wanted_type IS NULL FROM product_line WHERE code = 'Touring'"),
    Sending("/product-lines/{code}/edit", "/product-lines/Road/edit", [Role.MANAGER], {"wanted_type": "terminal"},
            "is kept.", "SELECT wanted_type = 'terminal' FROM product_line WHERE code = 'Road'"),
    Sending("/rates", "/rates", [Role.FINANCE], {"currency": "EUR", "rate": "1.0825"}, "The rate of EUR on",
            "SELECT rate = 1.0825 FROM exchange_rate WHERE currency = 'EUR' AND on_date = '{today}'"),
    Sending("/rates", "/rates", [Role.FINANCE], {"currency": "EUR", "rate": "1.0825", "on": "2013-11-04"},
            "The rate of EUR on 4 Nov 2013 is recorded.",
            "SELECT rate = 1.0825 FROM exchange_rate WHERE currency = 'EUR' AND on_date = '2013-11-04'"),
    Sending("/territories", "/territories", [Role.MANAGER], {"code": "West", "name": "West", "level": "region"},
            "The territory West is added.", "SELECT parent_id IS NULL FROM territory WHERE code = 'West'"),
    # The empty choice puts it at the top.
    Sending("/territories/change", "/territories?code=Lake+District", [Role.MANAGER], {"parent": ""},
            "The territory Lake District is changed.",
            "SELECT parent_id IS NULL FROM territory WHERE code = 'Lake District'"),
    Sending("/imports/upload", "/imports", REPORTING, {"kind": "sell-in", "file": _FILE}, "Which column is what",
            "SELECT count(*) = 1 FROM upload WHERE uploaded_by = '{me}'"),
    Sending("/imports/check", "/imports/columns?kind=sell-through&upload={upload}", REPORTING,
            {"period": "2025-01", "keep_as": "as {role} has it"}, "january.csv",
            _LATEST.format("dry_run AND kind = 'sell-through'"), before=_report),
    Sending("/imports/check", "/imports/columns?kind=dealers&upload={upload}", [Role.MANAGER], {},
            "january.csv", _LATEST.format("dry_run AND kind = 'dealers'"), before=_master),
    Sending("/imports/{load_id}/load", "/imports/{load}", REPORTING, shows="january.csv",
            holds="SELECT NOT dry_run FROM import_load WHERE id = {load}", before=_all_good),
    Sending("/imports/{load_id}/load", "/imports/{load}", REPORTING, shows="january.csv",
            holds="SELECT NOT dry_run FROM import_load WHERE id = {load}", before=_one_wrong),
    Sending("/imports/{load_id}/again", "/imports/{load}", REPORTING, shows="january.csv", form=":has([value=','])",
            holds="SELECT max(id) > {load} FROM import_load WHERE asked_by = '{me}'", before=_unclear),
)  # fmt: skip
