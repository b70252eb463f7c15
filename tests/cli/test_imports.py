"""A file in and its figures out on the command line."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from channel.access import service as access
from channel.access.acts import MakeToken
from channel.access.rules import Role
from channel.cli.imports import watched
from channel.cli.terminal.client import Api, Failure
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from tests.cli.conftest import Service
from tests.cli.installed import command
from tests.make.access import acting, make_person, make_token
from tests.make.sales import csv_of, loaded, make_masters
from tests.make.workbooks import workbook
from tests.make.world import make_world

HEADER = "Reseller,Day,SKU,Qty,Value,Doc,Row"


Say = Callable[..., Awaitable[tuple[str, str]]]


@pytest.fixture
async def say(service: Service) -> Say:
    """A command as a manager gives it to a service that runs, with what it prints on both channels."""
    await make_masters()
    manager = await make_person(Role.MANAGER)

    async def said(*words: str, code: int = 0) -> tuple[str, str]:
        done = await service.run(manager, *words)
        assert done.code == code, done.err
        return done.out, done.err

    return said


@pytest.fixture
async def say_alone(server: EmbeddedPostgres, database: str, tmp_path: Path) -> Say:
    """The same where no service runs: each command opens one for itself."""
    await make_masters()
    here = {
        "CHANNEL_DATABASE_URL": server.dsn(db.APP_ROLE, database),
        "CHANNEL_OWNER_DATABASE_URL": server.dsn(OWNER, database),
        "CHANNEL_TOKEN": await make_token(await make_person(Role.MANAGER)),
    }

    async def said(*words: str, code: int = 0) -> tuple[str, str]:
        done = await asyncio.to_thread(command, *words, data=tmp_path, **here)
        assert done.returncode == code, done.stderr
        return done.stdout, done.stderr

    return said


async def test_a_report_goes_in_and_comes_out(say: Say, tmp_path: Path) -> None:
    source = tmp_path / "january.csv"
    (tmp_path / "codes.csv").write_bytes(csv_of("Reseller,Code", "7,D1", "8,DX"))
    profile = tmp_path / "profile.json"
    lookup = {"file": "codes.csv", "key": "Reseller", "from": "Reseller", "value": "Code"}
    columns = {"date": "Day", "product": "SKU", "quantity": "Qty", "amount": "Value", "document": "Doc", "line": "Row"}
    profile.write_text(json.dumps({"columns": columns, "lookups": {"dealer": lookup}}))
    words = ("import", "sell-in", str(source), "--profile", str(profile), "--period", "2025-01", "--format", "json")

    source.write_bytes(csv_of(HEADER, "7,2025-01-05,P1,2,200.00,A1,1", "8,2025-01-05,P1,2,1.00,A1,2"))
    told, said = await say(*words, code=1)
    assert json.loads(told)["state"] == "refused"
    rejects = (tmp_path / "january.csv.rejects.csv").read_text("utf-8-sig").splitlines()
    assert rejects[1].startswith("8,2025-01-05,P1,2,1.00,A1,2,1,3,dealer,")
    assert "Rejected lines: 1;" in said

    checked, _ = await say(*words, "--dry-run", "--set", "currency=USD", code=1)
    assert (json.loads(checked)["state"], json.loads(checked)["rejected"]) == ("checked", 1)
    source.write_bytes(csv_of(HEADER, "7,2025-01-05,P1,2,200.00,A1,1"))
    assert json.loads((await say(*words))[0])["loaded"] == 1
    again, said = await say(*words)
    assert (json.loads(again)["state"], "nothing has changed" in said) == ("unchanged", True)
    months, _ = await say(
        "sales",
        "months",
        "--dealer",
        "D1",
        "--kind",
        "sell-in",
        "--from",
        "2025-01",
        "--to",
        "2025-01",
        "--format",
        "json",
    )
    assert [(row["month"], row["amount"], row["covered"]) for row in json.loads(months)] == [
        ("2025-01", "200.0000", True)
    ]
    many = "".join(f"7,2025-0{month}-{day:02},P1,1,1.00,M{month},{day}\n" for month in (1, 2) for day in range(1, 15))
    source.write_text(f"{HEADER}\n{many}")
    longer = [*words[:-4], "--period", "2025-01:2025-02", "--format", "json"]
    assert json.loads((await say(*longer))[0])["loaded"] == 28
    source.write_bytes(csv_of(HEADER, "7,2025-01-05,P1,2,200.00,A1,1"))
    _, said = await say(*longer, code=1)
    assert "28 lines are in, and nothing takes the place of 27 of them." in said
    assert "D1 2025-02: 14 lines until now, 0 new" in said
    assert "--yes" in said
    told, _ = await say(*longer, "--yes")
    assert (json.loads(told)["loaded"], json.loads(told)["superseded"]) == (1, 28)
    lines, _ = await say("sales", "lines", "D1", "--from", "2025-01", "--to", "2025-01", "--format", "csv")
    assert "A1" in lines
    through = tmp_path / "through.csv"
    through.write_bytes(csv_of("dealer,date,product,quantity,amount", "D1,2025-03-03,P1,1,10", "D1,2025-03-10,P1,1,10"))
    _, said = await say("import", "sell-through", str(through), code=1)
    assert "D1 2025-03-11 to 2025-03-31: no line on 21 days" in said
    told, said = await say("import", "sell-through", str(through), "--dry-run", "--format", "table")
    assert "Dealer-months covered whole: 1, in part: 0" in said
    assert "2025-03-01" in told


async def test_the_sign_before_decimals_is_asked_where_no_cell_shows_it(say_alone: Say, tmp_path: Path) -> None:
    source = tmp_path / "march.csv"
    source.write_bytes(csv_of("Dealer;Date;Product;Quantity;Amount", "D1;5-Mar-25;P1;2;1.234"))
    march = ("import", "sell-in", str(source), "--period", "2025-03", "--date-format", "D-MMM-YY", "--format", "json")
    _, said = await say_alone(*march, code=1)
    assert "In the column Amount, “1.234” can be read in two ways." in said
    assert "--decimal" in said
    told, said = await say_alone(*march, "--decimal", ",", "--dry-run")
    assert json.loads(told)["preview"]["company_amount"] == "1234.0000"
    assert "00 to 69 are read as 2000 to 2069" in said


async def test_mended_rejects_complete_their_load_under_its_mapping(say: Say, tmp_path: Path) -> None:
    source = tmp_path / "may.csv"
    source.write_bytes(csv_of("Who,Day,SKU,Qty,Value", "D1,2025-05-05,P1,2,200", "D2,2025-05-06,PX,1,70"))
    maps = [f"--map={each}" for each in ("dealer=Who", "date=Day", "product=SKU", "quantity=Qty", "amount=Value")]

    async def brought(file: Path, *words: str, code: int = 0) -> dict[str, Any]:
        told, _ = await say("import", "sell-in", str(file), *words, "--format", "json", code=code)
        found: dict[str, Any] = json.loads(told)
        return found

    first = await brought(source, *maps, "--partial", "--yes", code=3)
    assert (first["loaded"], first["rejected"]) == (1, 1)
    rejects = tmp_path / "may.csv.rejects.csv"
    rejects.write_text(rejects.read_text("utf-8").replace(",PX,", ",P2,"), "utf-8")
    done = await brought(rejects)
    assert (done["loaded"], done["superseded"]) == (1, 0)
    assert (await brought(rejects))["state"] == "unchanged"
    new = await brought(rejects, *maps, "--new", "--yes")
    assert (new["loaded"], new["superseded"]) == (1, 1)


async def test_the_form_of_a_file_is_told_and_what_may_be_misread_is_not_loaded(say: Say, tmp_path: Path) -> None:
    source = tmp_path / "old.csv"
    rows = ("printed;by us", "dealer;date;product;quantity;amount;document", "D1;2025-01-05;P1;2;1.200,50;Plzeň")
    source.write_bytes("\n".join(rows).encode("cp1250"))
    words = ("import", "sell-in", str(source), "--delimiter", ";", "--header-line", "2", "--decimal", ",")
    words = (*words, "--period", "2025-01")
    _, said = await say(*words, code=1)
    assert "The text may be misread: as cp1252 it says Plzeò" in said
    assert "  D1 | 2025-01-05 | P1 | 2 | 1.200,50 | Plzeò" in said
    assert "--encoding" in said
    told, _ = await say(*words, "--encoding", "cp1250", "--format", "json")
    load = json.loads(told)
    assert (load["state"], load["preview"]["company_amount"]) == ("loaded", "1200.5000")
    assert load["preview"]["read_as"] == {
        "kind": "csv",
        "encoding": "cp1250",
        "delimiter": ";",
        "sheet": "",
        "header_line": 2,
    }
    book = tmp_path / "book.xlsx"
    book.write_bytes(workbook([["D1", "2025-02-05", "P1", 2, 200]]))
    _, said = await say("import", "sell-in", str(book), "--sheet", "Report", "--dry-run")
    assert "Other sheets of the workbook are not read: Cover" in said
    _, said = await say("import", "sell-in", str(book), "--sheet", "Cover", "--dry-run", code=1)
    assert "Line 1 of the sheet Cover was taken as the header: Monthly report, of the East" in said


async def test_of_a_load_of_somebody_else_ones_own_dealers_are_told(service: Service) -> None:
    world = await make_world()
    rows = ("D-1,2025-01-05,RB-210,2,200.25", "D-2,2025-01-07,RB-210,7,777.77", "D-2,soon,RB-210,1,1.00")
    content = csv_of("dealer,date,product,quantity,amount", *rows)
    manager = world.people[Role.MANAGER]
    load = await loaded(manager, "sell-in", content, "geheim-4711.csv", period="2025-01", partial=True)
    regional = world.people[Role.REGIONAL]
    table = (await service.done(regional, "load", "show", str(load["id"]))).out
    assert "200.25" in table
    assert "2025-01-31" in table
    assert "777.77" not in table
    told = await service.found(regional, "load", "show", str(load["id"]))
    assert (told["state"], told["loaded"], told["preview"], told["share"]["lines"]) == ("loaded", 1, {}, 1)
    assert [each["id"] for each in await service.found(regional, "load", "list")] == [load["id"]]
    for words in (("load", "list"), ("load", "show", str(load["id"])), ("sales", "reports"), ("dealer", "show", "D-1")):
        said = await service.run(regional, *words)
        assert "geheim" not in said.out + said.err
    for words in (("load", "rejects", str(load["id"])), ("load", "go-on", str(load["id"]))):
        said = await service.run(regional, *words)
        assert (said.code, "There is no such load." in said.err) == (1, True), words
    assert "geheim-4711.csv" in (await service.done(manager, "load", "list")).out


async def test_a_narrowed_token_of_a_person_knows_what_it_brought_alone(service: Service, tmp_path: Path) -> None:
    world = await make_world()
    manager = world.people[Role.MANAGER]
    rows = ("D-1,2025-01-05,RB-210,2,200.25", "D-2,2025-01-07,RB-210,7,777.77")
    content = csv_of("dealer,date,product,quantity,amount", *rows)
    foreign = await loaded(manager, "sell-in", content, "geheim-4711.csv", period="2025-01", dry_run=True)
    async with acting(manager):
        made = await access.add_own_token(manager, MakeToken(name="of the East", territories=["East"]))
    file = tmp_path / "east.csv"
    file.write_bytes(content)
    narrow = {"CHANNEL_TOKEN": made.text}
    assert "geheim" not in (await service.done(manager, "load", "list", **narrow)).out
    for words in (("show",), ("rejects",), ("go-on",)):
        said = await service.run(manager, "load", *words, str(foreign["id"]), **narrow)
        assert (said.code, "There is no such load." in said.err) == (1, True), words
    await service.run(manager, "import", "sell-in", str(file), "--period", "2025-01", "--dry-run", **narrow)
    (own,) = (await service.done(manager, "load", "list", "--format", "json", **narrow)).json()
    assert own["file_name"] == "east.csv"
    whole = await service.found(manager, "load", "list")
    assert [each["file_name"] for each in whole] == ["east.csv", "geheim-4711.csv"]


def test_a_load_is_watched_on_while_the_service_says_when_to_come_again() -> None:
    done = {"id": 7, "state": "loaded"}
    answers = [httpx.Response(503, headers={"retry-after": "0"}), httpx.Response(200, json=done)]
    with httpx.Client(transport=httpx.MockTransport(lambda _: answers.pop(0)), base_url="http://there") as client:
        assert watched(Api(client, "there"), 7) == done
    answers = [httpx.Response(503)]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    with httpx.Client(transport=transport, base_url="http://there") as client, pytest.raises(Failure):
        watched(Api(client, "there"), 7)
