"""`channel credit` from an assessment to a limit in force, as the people of a credit desk."""

import csv
import io
import json
from contextvars import ContextVar
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from channel import clock
from tests.cli.conftest import Service
from tests.make.limits import AS_OF, Desk, make_dealer_selling, make_desk, noon, put_in_force

DAY = AS_OF.isoformat()


@pytest.fixture
async def people(service: Service) -> Desk:
    """The people of a credit desk, and nothing to decide on."""
    del service
    return await make_desk()


@pytest.fixture
async def desk(people: Desk) -> Desk:
    """A desk with D1, who bought for 60,000 in each of twelve months, and D2, who bought in one of them alone."""
    await make_dealer_selling(people, "D1")
    await make_dealer_selling(people, "D2", 9_000, ["2013-11"])
    return people


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


@pytest.mark.usefixtures("december")
async def test_each_dealer_has_a_limit_or_a_reason_in_every_format(
    service: Service, desk: Desk, tmp_path: Path
) -> None:
    words = ("credit", "assess", "--as-of", DAY)
    found = {row["dealer"]: row for row in await service.found(desk.finance, *words)}
    assert (Decimal(found["D1"]["amount"]), found["D1"]["withheld"]) == (60_000, None)
    assert (found["D2"]["amount"], "first-year target" in found["D2"]["withheld"]) == (None, True)

    table = await service.done(desk.finance, *words)
    told = next(line.split() for line in table.out.splitlines() if line.startswith("D1"))
    assert told[3:7] == ["active", "–", "60,000.00", "USD"], table.out
    assert f"as of {DAY}" in table.err
    assert "1 computed, 1 withheld" in table.err

    sheet = rows_of((await service.done(desk.finance, *words, "--format", "csv")).out)
    assert [(row["Dealer"], row["Limit"]) for row in sheet] == [("D1", "60000.00"), ("D2", "")]

    book = tmp_path / "limits.xlsx"
    await service.done(desk.finance, *words, "--format", "xlsx", "--output", str(book))
    assert CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()[1][:6] == [
        "D1", "Dealer D1", "active", "", 60_000.0, "USD",
    ]  # fmt: skip


@pytest.mark.usefixtures("december")
async def test_one_dealer_or_a_territory_is_assessed_alone(service: Service, desk: Desk) -> None:
    one = await service.found(desk.finance, "credit", "assess", "--as-of", DAY, "--dealer", "D1")
    assert [row["dealer"] for row in one] == ["D1"]
    north = await service.found(desk.finance, "credit", "assess", "--as-of", DAY, "--territory", "North")
    assert north == []


@pytest.mark.usefixtures("december")
async def test_a_limit_is_explained_step_by_step(service: Service, desk: Desk) -> None:
    words = ("credit", "explain", "D1", "--as-of", DAY)
    whole = await service.found(desk.finance, *words)
    assert Decimal(whole["decision"]["amount"]) == 60_000
    assert sum(month["lines"] for month in whole["lines"]) == 12
    table = await service.done(desk.finance, *words)
    assert len(table.out.splitlines()) == len(whole["decision"]["steps"]) + 1
    assert "Limit 60,000 USD, unrounded 60,000" in table.err
    assert "Policy 1 (Turnover on sell-in)" in table.err
    assert "from 12 lines" in table.err
    pairs = rows_of((await service.done(desk.finance, *words, "--format", "csv")).out)
    assert {"field": "decision.currency", "value": "USD"} in pairs
    assert "Withheld: " in (await service.done(desk.finance, "credit", "explain", "D2", "--as-of", DAY)).err


@pytest.mark.usefixtures("december")
async def test_the_difference_of_two_days_is_told_cause_by_cause(service: Service, desk: Desk) -> None:
    words = ("credit", "diff", "D1", "2013-03-15", DAY)
    found = await service.found(desk.finance, *words)
    assert sum(Decimal(part["amount"]) for part in found["parts"]) == Decimal(found["whole"])
    sheet = rows_of((await service.done(desk.finance, *words, "--format", "csv")).out)
    assert [row["Cause"] for row in sheet] == [part["label"] for part in found["parts"]]
    without = await service.done(desk.finance, "credit", "diff", "D2", "2013-03-15", DAY)
    assert "No parts: " in without.err


@pytest.mark.usefixtures("december")
async def test_a_proposal_comes_into_force_when_somebody_else_approves(service: Service, desk: Desk) -> None:
    await service.done(desk.manager, "credit", "propose", "D1", "--amount", "70000", "--from", DAY, "--reason", "wish")
    (waiting,) = await service.found(desk.finance, "credit", "proposals", "--mine-to-decide")
    number = str(waiting["id"])
    assert (waiting["proposer"], Decimal(waiting["amount"])) == ("manager-1", 70_000)

    own = await service.run(desk.manager, "credit", "approve", number, "--reason", "mine")
    assert own.code == 1
    said = await service.done(desk.finance, "credit", "approve", number, "--reason", "as agreed")
    assert f"In force for D1 from {DAY}: 70,000.00 USD" in said.err
    assert (await service.found(desk.finance, "credit", "proposal", number))["state"] == "approved"
    again = await service.run(desk.finance, "credit", "approve", number, "--reason", "as agreed")
    assert (again.code, again.out) == (1, "")

    held = await service.found(desk.auditor, "credit", "limits", "D1", "--as-of", DAY)
    assert (held["state"], Decimal(held["total"])) == ("in_force", 70_000)
    assert [(line["reason"], line["votes"]) for line in held["journal"]] == [("wish", ["finance-1: as agreed"])]


@pytest.mark.usefixtures("december")
async def test_what_is_approved_later_is_told_with_the_day_from_which_it_counts(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes into force for days that are over, so neither the proposal nor the approval may say so."""
    later = AS_OF + timedelta(days=3)
    wish = ("credit", "propose", "D1", "--amount", "70000", "--from", DAY, "--reason", "wish")
    await service.done(desk.manager, *wish)
    then = noon(later)
    monkeypatch.setattr(clock, "_fixed", ContextVar("fixed_clock", default=then))
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    assert (waiting["from_on"], waiting["takes_force_on"]) == (DAY, f"{later}")
    done = await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert f"In force for D1 from {later}: 70,000.00 USD" in done.err
    held = await service.found(desk.auditor, "credit", "limits", "D1")
    assert [line["from_on"] for line in held["journal"]] == [f"{later}"]


@pytest.mark.usefixtures("december")
async def test_above_an_amount_a_second_person_has_to_agree(service: Service, desk: Desk) -> None:
    wish = ("credit", "propose", "D1", "--amount", "250000", "--from", DAY, "--reason", "new store")
    await service.done(desk.manager, *wish)
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    first = await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert "1 of 2 approvals" in first.err
    assert await service.found(desk.finance, "credit", "proposals", "--mine-to-decide") == []
    second = await service.done(desk.second, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert "In force for D1" in second.err


@pytest.mark.usefixtures("december")
async def test_a_proposal_is_refused_or_taken_back_with_a_reason(service: Service, desk: Desk) -> None:
    words = ("credit", "propose", "D1", "--from", DAY, "--reason", "wish")
    said = await service.done(desk.manager, *words, "--amount", "60000")
    assert f"1 must approve, and approved today it counts from {DAY}" in said.err
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    unnamed = await service.run(desk.manager, *words, "--amount", "65000")
    assert (unnamed.code, "replaces: Proposal" in unnamed.err) == (1, True)
    await service.done(desk.manager, *words, "--amount", "65000", "--replaces", str(waiting["id"]))
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    without = await service.run(desk.finance, "credit", "refuse", str(waiting["id"]))
    assert (without.code, "--reason" in without.err) == (2, True)
    await service.done(desk.finance, "credit", "refuse", str(waiting["id"]), "--reason", "too much")
    await service.done(desk.manager, "credit", "propose", "D1", "--amount", "61000", "--from", DAY, "--reason", "less")
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    await service.done(desk.manager, "credit", "withdraw", str(waiting["id"]), "--reason", "a slip")
    states = [row["state"] for row in await service.found(desk.finance, "credit", "proposals", "--state", "any")]
    assert sorted(states) == ["refused", "superseded", "withdrawn"]


@pytest.mark.usefixtures("december")
async def test_a_raise_holds_for_its_days_alone(service: Service, desk: Desk) -> None:
    today = clock.today()
    await put_in_force(desk, "D1", 60_000, today)
    first, end = today + timedelta(days=5), today + timedelta(days=20)
    wish = ("credit", "propose", "D1", "--kind", "temporary", "--amount", "20000", "--reason", "season")
    endless = await service.run(desk.manager, *wish, "--from", f"{first}")
    assert (endless.code, endless.err.count("  --to: ")) == (1, 1)
    await service.done(desk.manager, *wish, "--from", f"{first}", "--to", f"{end}")
    (waiting,) = await service.found(desk.finance, "credit", "proposals", "--kind", "temporary")
    await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "as last year")

    async def held(on: date) -> Decimal:
        return Decimal((await service.found(desk.finance, "credit", "limits", "D1", "--as-of", f"{on}"))["total"])

    one = timedelta(days=1)
    assert [await held(day) for day in (first - one, first, end - one, end)] == [60_000, 80_000, 80_000, 60_000]

    none = await service.run(desk.manager, "credit", "end-raise", "D1", "--reason", "no season")
    assert (none.code, "No raise is in force." in none.err) == (2, True), "it is still to come"
    (raised,) = (await service.found(desk.finance, "credit", "limits", "D1", "--as-of", f"{first}"))["raises"]
    early = ("credit", "end-raise", "D1", str(raised["id"]), "--from", f"{first + one}", "--reason", "no season")
    await service.done(desk.manager, *early)
    (waiting,) = await service.found(desk.finance, "credit", "proposals", "--kind", "raise_end")
    await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert [await held(day) for day in (first, first + one, end - one)] == [80_000, 60_000, 60_000]


@pytest.mark.usefixtures("december")
async def test_a_run_is_reviewed_and_approved_at_once(service: Service, desk: Desk) -> None:
    await put_in_force(desk, "D2", 5_000)
    words = ("credit", "assess", "--as-of", DAY, "--propose", "--reason", "December")
    assert "1 proposed" in (await service.done(desk.manager, *words)).err
    (run, *_) = await service.found(desk.finance, "credit", "runs")
    assert (run["computed"], run["withheld"], run["open_proposals"]) == (1, 1, 1)
    (without,) = await service.found(desk.finance, "credit", "run", str(run["id"]), "--withheld")
    assert without["dealer"] == "D2"

    approve = ("credit", "approve-run", str(run["id"]), "--reason", "looked at")
    looked = await service.done(desk.finance, *approve, typed="n\n")
    assert "1 to approve, 1 come into force by it" in looked.err
    assert len(await service.found(desk.finance, "credit", "proposals")) == 1
    done = await service.done(desk.finance, *approve, "--yes")
    assert "1 approved" in done.err
    in_force = await service.found(desk.finance, "credit", "in-force", "--as-of", DAY)
    assert {row["dealer"]: Decimal(row["amount"]) for row in in_force} == {"D1": 60_000, "D2": 5_000}


@pytest.mark.usefixtures("december")
async def test_an_assessment_is_computed_again_to_the_cent(service: Service, desk: Desk) -> None:
    (kept,) = await service.found(desk.finance, "credit", "assess", "--as-of", DAY, "--dealer", "D1")
    shown = await service.found(desk.finance, "credit", "assessment", str(kept["id"]))
    assert Decimal(shown["decision"]["amount"]) == Decimal(kept["amount"]) == 60_000
    again = await service.done(desk.finance, "credit", "assessment", str(kept["id"]), "--recompute")
    assert "the same to the cent" in again.err
    assert again.out.count("60,000") >= 2


@pytest.mark.usefixtures("december")
async def test_a_what_if_keeps_nothing(service: Service, desk: Desk) -> None:
    knobs = await service.found(desk.finance, "credit", "what-if", "D1", "--as-of", DAY)
    assert "inputs.grade" in {knob["name"] for knob in knobs}
    tried = await service.done(
        desk.finance,
        "credit",
        "what-if",
        "D1",
        "--as-of",
        DAY,
        "--set",
        "inputs.grade=B",
        "--set",
        "rounding_unit=1000",
    )
    assert "Now: 60,000" in tried.err
    assert "What if: 36,000" in tried.err
    slip = await service.run(desk.finance, "credit", "what-if", "D1", "--set", "grade")
    assert (slip.code, "KNOB=VALUE" in slip.err) == (2, True)
    assert await service.found(desk.finance, "credit", "runs") == []


@pytest.mark.usefixtures("december")
async def test_a_policy_is_drafted_compared_and_approved_by_another(
    service: Service, people: Desk, tmp_path: Path
) -> None:
    text = tmp_path / "policy.json"
    text.write_text(json.dumps({"name": "Careful", "caps": {"rise_rate": "0.2"}}))
    policy = ("credit", "policy")
    whole = await service.found(people.finance, *policy, "check", str(text))
    assert (whole["caps"]["rise_rate"], whole["rounding_unit"]) == ("0.2", "100")
    drafted = await service.done(people.finance, *policy, "draft", str(text), "--effective-from", "2027-01-01")
    assert "Policy 2 is a draft" in drafted.err
    text.write_text(json.dumps({"name": "Careful", "caps": {"rise_rate": "0.25"}}))
    words = ("draft", str(text), "--effective-from", "2027-01-01", "--version", "2")
    await service.done(people.finance, *policy, *words)
    changes = await service.found(people.finance, *policy, "compare", "2", "--with", "1")
    assert ("caps.rise_rate", "0.5", "0.25") in {(row["path"], row["before"], row["after"]) for row in changes}

    await service.done(people.finance, *policy, "propose", "2", "--reason", "losses")
    assert (await service.run(people.finance, *policy, "approve", "2", "--reason", "mine")).code == 1
    await service.done(people.second, *policy, "approve", "2", "--reason", "agreed")
    assert (await service.found(people.auditor, *policy, "show", "2"))["policy"]["state"] == "approved"
    assert [row["version"] for row in await service.found(people.auditor, *policy, "list")] == [2, 1]

    for act, state in (("refuse", "refused"), ("withdraw", "withdrawn")):
        made = await service.done(people.finance, *policy, "draft", str(text), "--effective-from", "2028-01-01")
        number = made.err.split()[1]
        if act == "refuse":
            await service.done(people.finance, *policy, "propose", number, "--reason", "again")
        await service.done(people.second if act == "refuse" else people.finance, *policy, act, number, "--reason", "no")
        assert (await service.found(people.finance, *policy, "show", number))["policy"]["state"] == state


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not json", "is no JSON"), (b"[1]", "holds no JSON object"), ("{}".encode("utf-16"), "not text in UTF-8")],
)
@pytest.mark.usefixtures("december")
async def test_a_file_that_is_no_document_is_named(
    service: Service, people: Desk, tmp_path: Path, content: bytes, said: str
) -> None:
    text = tmp_path / "policy.json"
    text.write_bytes(content)
    refused = await service.run(people.finance, "credit", "policy", "check", str(text))
    assert (refused.code, said in refused.err, str(text) in refused.err) == (2, True, True)


@pytest.mark.usefixtures("december")
async def test_every_fault_of_a_policy_is_told_at_once(service: Service, people: Desk, tmp_path: Path) -> None:
    text = tmp_path / "policy.json"
    text.write_text(json.dumps({"rounding_unit": "-1", "no_such_thing": 1}))
    refused = await service.run(people.finance, "credit", "policy", "check", str(text))
    assert refused.code == 1
    assert "rounding_unit: " in refused.err
    assert "no_such_thing: " in refused.err


async def test_statements_come_in_by_hand_and_by_file(service: Service, desk: Desk, tmp_path: Path) -> None:
    figures = ("--set", "total_assets=900000", "--set", "net_worth=-20000.5")
    await service.done(desk.finance, "credit", "keep-statement", "D1", "2012-12-31", *figures)
    file = tmp_path / "statements.csv"
    file.write_text(
        "dealer,period_end,period_months,currency,total_assets,net_worth\nD1,2013-12-31,12,USD,1000000,400000\n"
    )
    loaded = await service.found(desk.finance, "import", "statements", str(file))
    assert loaded["state"] == "loaded"
    kept = await service.found(desk.finance, "credit", "statements", "D1")
    assert {row["period_end"]: Decimal(row["net_worth"]) for row in kept} == {
        "2012-12-31": Decimal("-20000.5"), "2013-12-31": Decimal(400_000),
    }  # fmt: skip
    wrong = await service.run(desk.finance, "credit", "keep-statement", "D1", "2012-12-31", "--set", "gold=1")
    assert (wrong.code, "gold: " in wrong.err) == (1, True)
    void = ("credit", "keep-statement", "D1", "2012-12-31", "--void", "--reason", "another dealer's")
    assert "counts no longer" in (await service.done(desk.finance, *void)).err
    assert len(await service.found(desk.finance, "credit", "statements", "D1")) == 1


@pytest.mark.usefixtures("december")
async def test_scores_and_references_are_kept(service: Service, desk: Desk) -> None:
    keep = ("credit", "keep-fact", "D1")
    await service.done(desk.finance, *keep, "score", "7", "--factor", "appearance", "--reason", "visit")
    await service.done(desk.finance, *keep, "reference_limits", "20000", "35000.50", "--reason", "asked by telephone")
    known = {row["fact"]: row["amounts"] for row in await service.found(desk.finance, "credit", "facts", "D1")}
    assert [Decimal(each) for each in known["reference_limits"]] == [20_000, Decimal("35000.5")]
    high = await service.run(desk.finance, *keep, "score", "11", "--factor", "appearance")
    assert (high.code, "from 1 to 10" in high.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "D-9"),
        ("diff", "D-9", "2013-01-01", "2013-02-01"),
        ("limits", "D-9"),
        ("statements", "D-9"),
        ("what-if", "a b/c?d=e"),
        ("propose", "D-9", "--amount", "1", "--reason", "x"),
        ("assess", "--dealer", "D-9"),
        ("assess", "--territory", "Nowhere"),
        ("approve", "999", "--reason", "x"),
        ("run", "999"),
        ("assessment", "999"),
        ("policy", "show", "999"),
    ],
)
@pytest.mark.usefixtures("december")
async def test_what_does_not_exist_is_a_sentence_and_exit_code_1(
    service: Service, people: Desk, words: tuple[str, ...]
) -> None:
    said = await service.run(people.finance, "credit", *words)
    assert (said.code, said.out) == (1, "")
    assert said.err.strip()


@pytest.mark.usefixtures("december")
async def test_who_may_not_is_told_so_and_nobody_is_asked_to_sign_in(service: Service, desk: Desk) -> None:
    stranger = await service.run(desk.north, "credit", "explain", "D1", "--as-of", DAY)
    unknown = await service.run(desk.north, "credit", "explain", "D-9", "--as-of", DAY)
    assert stranger.code == unknown.code == 1
    assert stranger.err == unknown.err.replace("D-9", "D1"), "he does not learn that D1 exists"
    auditor = await service.run(desk.auditor, "credit", "assess", "--as-of", DAY, "--propose", "--reason", "x")
    assert (auditor.code, "not for your role" in auditor.err) == (1, True), auditor.err
    nobody = await service.run(None, "credit", "assess")
    assert (nobody.code, "channel login" in nobody.err) == (1, True)
    expired = await service.run(None, "credit", "proposals", CHANNEL_TOKEN="gone")
    assert (expired.code, "channel login" in expired.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("assess", "--as-of", "yesterday"),
        ("diff", "D1", "2013-01-01"),
        ("proposals", "--state", "waiting"),
        ("explain", "D1", "--format", "pdf"),
        ("propose", "D1", "--amount", "1"),
        ("asses",),
    ],
)
@pytest.mark.usefixtures("december")
async def test_what_is_asked_wrongly_is_exit_code_2(service: Service, people: Desk, words: tuple[str, ...]) -> None:
    said = await service.run(people.finance, "credit", *words)
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err


@pytest.mark.usefixtures("december")
async def test_reasons_are_told_in_the_language_of_the_terminal(service: Service, desk: Desk) -> None:
    said = await service.done(desk.finance, "credit", "explain", "D2", "--as-of", DAY, LANG="zh_CN.UTF-8")
    assert "首年目标" in said.err


async def test_headings_and_sentences_are_in_the_language_of_the_terminal(service: Service, desk: Desk) -> None:
    said = await service.done(desk.finance, "credit", "explain", "D1", "--as-of", DAY, LC_ALL="zh_CN.UTF-8")
    assert said.out.split()[0] == "步骤"
    assert "额度 60,000 USD，取整前 60,000" in said.err
    whole = await service.done(
        desk.finance, "credit", "explain", "D1", "--as-of", DAY, "--format", "json", LC_ALL="zh_CN.UTF-8"
    )
    assert whole.json()["decision"]["currency"] == "USD", "a program reads the same fields in every language"
    nobody = await service.run(None, "whoami", LANG="zh_CN.GBK")
    assert "channel login" in nobody.err
    assert "请" in nobody.err


@pytest.mark.usefixtures("december")
async def test_a_run_replaces_open_proposals_only_where_somebody_says_yes(service: Service, desk: Desk) -> None:
    await service.done(desk.manager, "credit", "propose", "D1", "--amount", "70000", "--reason", "wish")
    words = ("credit", "assess", "--as-of", DAY, "--propose")
    unasked = await service.run(desk.finance, *words)
    assert (unasked.code, "Open proposals that would be replaced: 1" in unasked.err) == (1, True)
    assert [row["amount"] for row in await service.found(desk.finance, "credit", "proposals")] == ["70000.0000"]
    done = await service.done(desk.finance, *words, "--yes")
    assert "1 proposed, of these 1 in place of open ones; 0 open ones say the same." in done.err
    kept = await service.done(desk.finance, *words)
    assert "0 proposed, of these 0 in place of open ones; 1 open ones say the same." in kept.err
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    await service.done(desk.second, "credit", "refuse", str(waiting["id"]), "--reason", "too much")
    stays = await service.done(desk.finance, *words)
    assert "D1: finance-2 refused it on the same figures: too much" in stays.err
    assert "1 proposed" in (await service.done(desk.finance, *words, "--again")).err


@pytest.mark.usefixtures("december")
async def test_the_end_of_a_limit_is_told_without_an_amount(service: Service, desk: Desk) -> None:
    await put_in_force(desk, "D1", 60_000, AS_OF)
    await service.done(desk.manager, "credit", "propose", "D1", "--kind", "end", "--reason", "moved away")
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    said = await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert f"No limit is in force for D1 from {DAY} on." in said.err
    assert "None" not in said.err


@pytest.mark.usefixtures("december")
async def test_the_day_told_is_the_one_from_which_it_counts(service: Service, desk: Desk) -> None:
    """Assessed as of a day that is over, the limit counts from its approval."""
    before = (AS_OF - timedelta(days=1)).isoformat()
    await service.done(desk.manager, "credit", "assess", "--as-of", before, "--propose")
    (waiting,) = await service.found(desk.finance, "credit", "proposals")
    assert waiting["from_on"] == before
    said = await service.done(desk.finance, "credit", "approve", str(waiting["id"]), "--reason", "agreed")
    assert f"In force for D1 from {DAY}: " in said.err
