"""Profiles, proposals, and columns that become fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel import files
from channel.errors import Invalid, Message, m
from channel.imports.loader import specs
from channel.imports.rules.mapping import check_creatable, lookup_table, propose_mapping, reader, resolve
from channel.imports.rules.profile import Lookup, Profile, load_digest, parse_profile, profile_from_options
from channel.imports.rules.reasons import (
    NOTES,
    REASONS,
    UNREADABLE,
    Reject,
    code_of,
    reason,
    reject_header,
    reject_rows,
)

SELL_IN = specs()["sell-in"]
DEALERS = specs()["dealers"]

WHOLE = {
    "columns": {"date": "OrderDate", "product": "Product", "quantity": "Qty", "amount": "Amount"},
    "constants": {"currency": "USD"},
    "value_maps": {"product": {"old": "new", "": "none"}},
    "lookups": {
        "number": {"file": "a.csv", "key": "Key", "from": "ResellerKey", "value": "Number"},
        "dealer": {"file": "b.csv", "key": "Number", "from": "number", "value": "Code"},
    },
    "date_format": "M/D/YYYY",
    "decimal": ",",
}


def errors_of(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {error.field for error in refused.value.errors}


def test_a_profile_comes_back_as_it_was() -> None:
    profile = parse_profile(SELL_IN, WHOLE)
    assert profile.as_json() == WHOLE
    assert parse_profile(SELL_IN, profile.as_json()) == profile
    assert profile.files == ("a.csv", "b.csv")


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ([], {"profile"}),
        (None, {"profile"}),
        ({"column": {}}, {"column"}),
        ({"columns": []}, {"columns"}),
        ({"columns": {"delaer": "X", "date": 3, "amount": []}}, {"columns.delaer", "columns.date", "columns.amount"}),
        ({"constants": {"currency": 1.5, "dealer": None}}, {"constants.currency", "constants.dealer"}),
        ({"constants": {"currency": "USD"}, "columns": {"currency": "Cur"}}, {"constants.currency"}),
        ({"value_maps": {"product": {"a": 1}}}, {"value_maps.product"}),
        ({"value_maps": {"colour": {}}}, {"value_maps.colour"}),
        (
            {"lookups": {"dealer": {"file": "x", "key": "k", "from": ""}}},
            {"lookups.dealer.from", "lookups.dealer.value"},
        ),
        ({"lookups": {"dealer": "x"}}, {"lookups.dealer"}),
        ({"lookups": {"deal": {"file": "x", "key": "k", "from": "f", "value": "v"}}}, {"lookups.deal"}),
        (
            {
                "lookups": {
                    "dealer": {"file": "x", "key": "k", "from": "product", "value": "v"},
                    "product": {"file": "x", "key": "k", "from": "dealer", "value": "v"},
                }
            },
            {"lookups.dealer.from", "lookups.product.from"},
        ),
        ({"date_format": "M/D"}, {"date_format"}),
        ({"decimal": "·"}, {"decimal"}),
    ],
)
def test_a_wrong_profile_is_refused_with_everything_that_is_wrong(document: object, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_profile(SELL_IN, document)
    assert errors_of(refused) == fields
    assert refused.value.status == 422


def test_the_command_line_goes_before_the_profile() -> None:
    profile = profile_from_options(
        SELL_IN, WHOLE, maps=["dealer=Shop", "currency=Cur=1"], sets=["product=P1"], date_format="YYYYMMDD"
    )
    assert profile.columns["dealer"] == ("Shop",)
    assert profile.columns["currency"] == ("Cur=1",)
    assert profile.constants == {"product": "P1"}
    assert "dealer" not in profile.lookups
    assert "product" not in profile.value_maps
    assert profile.date_format == "YYYYMMDD"
    assert profile.columns["date"] == ("OrderDate",)


def test_a_lookup_that_the_command_line_leaves_without_use_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        profile_from_options(SELL_IN, WHOLE | {"lookups": {"number": WHOLE["lookups"]["number"]}})  # type: ignore[index]
    assert errors_of(refused) == {"lookups.number"}


@pytest.mark.parametrize(
    ("maps", "sets", "fields"),
    [
        (["dealer"], [], {"map.dealer"}),
        (["dealer="], [], {"map.dealer"}),
        (["shop=X"], [], {"map.shop"}),
        (["dealer=A", "dealer=B"], [], {"map.dealer"}),
        (["dealer=A"], ["dealer=B"], {"set.dealer"}),
        ([], ["colour=red"], {"set.colour"}),
    ],
)
def test_options_that_do_not_fit_are_named(maps: list[str], sets: list[str], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        profile_from_options(SELL_IN, maps=maps, sets=sets)
    assert errors_of(refused) == fields


@pytest.mark.parametrize(
    ("kind", "header", "proposed"),
    [
        (
            "sell-in",
            ["经销商编码", "销售日期", "产品编码", "数量", "金额(元)", "币种", "备注"],
            {"dealer": "经销商编码", "date": "销售日期", "product": "产品编码", "quantity": "数量"}
            | {"amount": "金额(元)", "currency": "币种"},
        ),
        (
            "sell-in",
            ["Dealer Code", "order_date", "SKU", "QTY", "Net Amount", "InvoiceNo", "Line No."],
            {"dealer": "Dealer Code", "date": "order_date", "product": "SKU", "quantity": "QTY"}
            | {"amount": "Net Amount", "document": "InvoiceNo", "line": "Line No."},
        ),
        ("stock", ["产品", "数量", "库存数量"], {"product": "产品", "quantity": "库存数量"}),
        ("rates", ["币种", "日期", "汇率"], {"currency": "币种", "date": "日期", "rate": "汇率"}),
        ("sell-in", ["dealer", "dealer", "reason"], {}),
        ("products", ["rejected_line", "line", "reason", "原因"], {"line": "line"}),
    ],
)
def test_columns_are_known_by_their_names(kind: str, header: list[str], proposed: dict[str, str]) -> None:
    assert propose_mapping(specs()[kind], header) == proposed


@given(st.lists(st.sampled_from([n for s in specs().values() for f in s.fields for n in f.names]), max_size=12))
def test_no_column_is_proposed_twice(header: list[str]) -> None:
    for spec in specs().values():
        proposed = propose_mapping(spec, header)
        assert len(set(proposed.values())) == len(proposed)
        assert set(proposed.values()) <= set(header)


def test_look_ups_follow_one_another_and_what_is_not_found_is_told() -> None:
    profile = parse_profile(SELL_IN, WHOLE)
    columns = resolve(SELL_IN, profile, ["ResellerKey", "OrderDate", "Product", "Qty", "Amount"])
    tables = {"number": {"1": "N1", "2": "N2"}, "dealer": {"N1": "D1"}}
    read = reader(columns, tables)
    assert columns.names == ("dealer", "date", "product", "quantity", "amount", "currency")
    assert read(["1", " 1/2/2013", "old", "3", "4"]) == (["D1", "1/2/2013", "new", "3", "4", "USD"], ())
    assert read(["", "1/2/2013", "", "3", "4"])[0] == ["", "1/2/2013", "none", "3", "4", "USD"]
    texts, missing = read(["2", "1/2/2013", "P", "3", "4"])
    assert texts[0] == ""
    assert [(name, code_of(told), dict(told.params)["value"]) for name, told in missing] == [
        ("dealer", "unmatched", "N2")
    ]


def test_several_columns_become_a_path() -> None:
    document = {
        "columns": {"path": ["Group", "region", "City"]},
        "lookups": {"region": {"file": "t.csv", "key": "Key", "from": "Key", "value": "Region"}},
    }
    spec = specs()["territories"]
    columns = resolve(spec, parse_profile(spec, document), ["Key", "Group", "City"])
    read = reader(columns, {"region": {"1": "North/West"}})
    assert read(["1", " Europe", "Paris"])[0] == ["Europe/North-West/Paris"]
    assert read(["", "Europe", "Paris"])[0] == ["Europe/Paris"]


def test_what_the_file_lacks_is_named() -> None:
    profile = Profile(columns={"dealer": ("Shop",), "date": ("day",), "amount": ("Amount",)})
    with pytest.raises(Invalid) as refused:
        resolve(SELL_IN, profile, ["DAY", "Amount", "Amount", ""])
    found = {error.field: str(error.reason) for error in refused.value.errors}
    assert found.keys() == {"columns.dealer", "columns.amount", "product", "quantity"}
    assert "more than once" in found["columns.amount"]


def test_a_look_up_may_not_hide_a_column() -> None:
    document = {
        "columns": {"path": ["Region"]},
        "lookups": {"Region": {"file": "t.csv", "key": "Key", "from": "Key", "value": "Region"}},
    }
    spec = specs()["territories"]
    with pytest.raises(Invalid, match="does not have") as refused:
        resolve(spec, parse_profile(spec, document), ["Key", "Region"])
    assert errors_of(refused) == {"columns.path"}


def test_a_look_up_named_like_its_own_source_means_the_column() -> None:
    document = {"lookups": {"currency": {"file": "c.csv", "key": "No", "from": "currency", "value": "Code"}}}
    spec = specs()["rates"]
    profile = parse_profile(spec, document | {"columns": {"date": "date", "rate": "rate"}})
    read = reader(resolve(spec, profile, ["currency", "date", "rate"]), {"currency": {"100": "USD"}})
    assert read(["100", "2013-01-01", "1"])[0] == ["USD", "2013-01-01", "1"]


def test_a_look_up_file_must_be_clear() -> None:
    lookup = Lookup("d.csv", "Key", "k", "Code")
    assert lookup_table(lookup, ["Key", "x", "Code"], [["1", "", "A "], ["1", "", "A"], ["2", "", "B"], ["3"]]) == {
        "1": "A",
        "2": "B",
    }
    with pytest.raises(Invalid, match="cannot be used"):
        lookup_table(lookup, ["Key", "Code"], [["1", "A"], ["1", "B"]])
    with pytest.raises(Invalid, match="cannot be used"):
        lookup_table(lookup, ["Key", "Name"], [])


def test_creating_what_is_missing_needs_every_required_field() -> None:
    bare = Profile(columns={"dealer": ("D",)})
    lacking = {error.field for error in check_creatable(SELL_IN, bare, ["dealers", "products"])}
    assert lacking == {"dealer_type", "dealer_territory", "dealer_currency", "dealer_terms_days", "product_line"}
    constants = {"dealer_type": "terminal", "dealer_currency": "USD", "dealer_terms_days": "30"}
    whole = Profile(columns={"dealer": ("D",), "dealer_territory": ("T",)}, constants=constants)
    assert check_creatable(SELL_IN, whole, ["dealers"]) == ()
    assert [e.field for e in check_creatable(SELL_IN, whole, ["rates"])] == ["create_missing"]
    assert [e.field for e in check_creatable(DEALERS, whole, ["dealers"])] == ["create_missing"]


def test_a_load_is_known_by_files_profile_and_options() -> None:
    profile = parse_profile(SELL_IN, WHOLE)
    again = parse_profile(SELL_IN, {key: WHOLE[key] for key in reversed(WHOLE)})
    sums = {"a.csv": "1", "b.csv": "2"}
    digest = load_digest("sell-in", "f", profile, sums, {"period": "2013-01", "dealers": ""})
    assert digest == load_digest("sell-in", "f", again, sums, {"period": "2013-01"})
    others = {
        load_digest("stock", "f", profile, sums, {"period": "2013-01"}),
        load_digest("sell-in", "g", profile, sums, {"period": "2013-01"}),
        load_digest("sell-in", "f", profile, sums | {"b.csv": "3"}, {"period": "2013-01"}),
        load_digest("sell-in", "f", profile, sums, {"period": "2013-02"}),
        load_digest("sell-in", "f", Profile(), sums, {"period": "2013-01"}),
    }
    assert len(others) == 5
    assert digest not in others


def translated(message: Message, locale: str) -> str:
    return str(message) if locale == "en" else f"中 {code_of(message) or message}"


def test_rejects_come_back_with_their_columns_line_and_reasons() -> None:
    header = ["dealer", "date", "amount"]
    rejects = [
        Reject(7, "bad-date", reason("bad-date", value="x", expected="YYYY-MM-DD"), "date"),
        Reject(7, "missing", reason("missing"), "amount"),
    ]
    ragged = [Reject(9, "ragged", reason("ragged", found=4, expected=3))]
    rejected = [(7, ["D1", "x", ""], rejects), (9, ["a", "b", "c", "d"], ragged)]
    rows = list(reject_rows(header, 5, rejected, {"date": m("Date")}, translated))
    assert reject_header(header) == (*header, "rejected_load", "rejected_line", "rejected_field", "reason", "原因")
    assert rows[0] == (
        *("D1", "x", "", "5", "7", "date; amount"),
        "Date: “x” is not a date of the form YYYY-MM-DD. amount: A value is missing.",
        "中 Date: 中 bad-date amount: 中 missing",
    )
    assert rows[1] == ("a", "b", "c d", "5", "9", "", "Number of cells: 4, in the header 3.", "中 ragged")


def test_rejects_of_rejects_have_each_column_once() -> None:
    header = reject_header(["dealer", "date"])
    assert reject_header(header) == header
    row = next(reject_rows(header, 5, [(3, ["D", "x", "5", "7", "date", "old", "旧"], [])], {}, translated))
    assert row == ("D", "x", "5", "3", "", "", "")


def test_a_field_with_several_reasons_is_named_once() -> None:
    reasons = [Reject(2, code, reason(code), "document") for code in ("missing", "counted-document")]
    row = next(reject_rows(["a"], 1, [(2, ["x"], reasons)], {"document": m("Document")}, translated))
    assert row[-3:] == (
        "document",
        "Document: A value is missing. The document line counts already.",
        "中 Document: 中 missing 中 counted-document",
    )


def test_every_code_has_its_sentence() -> None:
    assert files.PROBLEMS.keys() == UNREADABLE.keys()
    assert {code: message.text for code, message in UNREADABLE.items()} == files.PROBLEMS
    assert {"ragged", "open-quote", "bad-character", "formula-error"} <= REASONS.keys()
    assert {"duplicate-column", "unnamed-column", "no-rows"} <= NOTES.keys()
    assert {code_of(message) for message in REASONS.values()} == REASONS.keys()
