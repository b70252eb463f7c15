"""The trail in words: acts, subjects and changes as people read them, in both languages."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from channel import web
from channel.access.changes import Change, changes_of
from channel.access.rules import OPERATOR
from channel.access.service import audit
from channel.access.trail_words import ACTS, NAMES, VALUES, act_words, acts_said, subject_words, via_words
from channel.dealers.rules.facts import Fact
from channel.imports.loader import specs

EN, ZH = web.language("en"), web.language("zh")
CHANNEL = Path(web.__file__).parent.parent


def written() -> set[str]:
    """The acts that the code names where it writes them down, as far as they stand there as they are."""
    found = set()
    for file in CHANNEL.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and len(call.args) > 1:
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                act = call.args[1]
                if name in {"audit", "open_posting", "_audit", "_audit_of"} and isinstance(act, ast.Constant):
                    found.add(str(act.value))
    return found


def test_every_act_has_its_words_in_both_languages() -> None:
    assert len(written()) > 25
    assert written() <= set(ACTS)
    # Those that are put together.
    assert {f"change {fact}" for fact in Fact} <= set(ACTS)
    assert {f"load {kind}" for kind in specs()} <= set(ACTS)
    for words in (*ACTS.values(), *NAMES.values(), *VALUES.values()):
        assert ZH.tell(words) != words.text
    assert len({ZH.tell(words) for words in ACTS.values()}) == len(ACTS)
    assert str(act_words("an old act, 100% forgotten")) == "an old act, 100% forgotten"


async def test_an_act_without_words_is_a_fault_of_the_code() -> None:
    with pytest.raises(RuntimeError, match="no words"):
        await audit(OPERATOR, "do something", "company")


def test_an_act_is_found_by_the_words_that_people_read() -> None:
    assert acts_said("LIMIT APP", EN.tell) == ["approve limit"]
    closed = {"act in closed months", "load in closed months"}
    approving = {"credit policy", "hold", "ledger rules", "limit", "review plan", "write-off"} | closed
    assert set(acts_said("批准", ZH.tell)) == {f"approve {each}" for each in approving}
    assert acts_said("approve limit", EN.tell) == []


@pytest.mark.parametrize(
    ("act", "subject", "english", "chinese", "url"),
    [
        ("approve limit", "limit proposal 313", "Limit proposal 313", "额度申请 313", "/credit/proposals/313"),
        ("change grade", "dealer D/1%", "Dealer D/1%", "经销商 D/1%", "/dealers/D%2F1%25"),
        ("assess credit", "run 3: all dealers", "Run 3: all dealers", "测算批次 3：全部经销商", "/credit/runs/3"),
        ("assess credit", "run 3: dealer D-1", "Run 3: Dealer D-1", "测算批次 3：经销商 D-1", "/credit/runs/3"),
        ("keep product line", "product line AC", "Product line AC", "产品线 AC", None),
        ("keep rate", "rate HKD 2026-11-02", "Rate of HKD of 2 Nov 2026", "2026年11月2日 HKD 汇率", None),
        ("keep statement", "statement of 2025-12-31", "Statement of 31 Dec 2025", "2025年12月31日 财务报表", None),
        ("keep statement", "statement of once", "Statement of once", "once 财务报表", None),
        ("keep mapping", "sell-in Monthly ERP", "Sell-in: Monthly ERP", "进货：Monthly ERP", None),
        ("keep credit fact", "score payment", "Score of a factor: payment", "因素评分：payment", None),
        ("keep credit fact", "stated_need", "Stated need", "申报需求", None),
        ("set company currency", "company", "The company", "本公司", None),
        ("back up", "a file of 100%", "a file of 100%", "a file of 100%", None),
    ],
)
def test_a_subject_is_told_in_words_with_where_it_lies(
    act: str, subject: str, english: str, chinese: str, url: str | None
) -> None:
    found = subject_words(act, subject)
    assert (EN.tell(found.words), ZH.tell(found.words), found.url) == (english, chinese, url)


def test_the_door_is_told_in_words() -> None:
    told = [ZH.tell(via_words(via)) for via in ("session 12", "token 3", "sign-in", "operator", "session")]
    assert told == ["会话 12", "API 令牌 3", "登录页", "operator", "session"]


def test_what_was_changed_is_told_as_people_write_it() -> None:
    before = {"in_force": "132600.0000", "state": "open"}
    after = {"kind": "base", "amount": "1.01400E+6", "currency": "CNY", "state": "in force"}
    assert changes_of(before, after, EN) == [
        Change("state", "open", "in force"),
        Change("kind", None, "Limit"),
        Change("amount", None, "1,014,000"),
        Change("currency", None, "CNY"),
        # It held then; it was not taken away.
        Change("limit in force before", None, "132,600"),
    ]
    assert changes_of("20800.0000", {"amount": "31400", "to": "2027-11-22", "run": 3}, ZH) == [
        Change("金额", "20,800", "31,400"),
        Change("截止日（不含）", None, ZH.day(date(2027, 11, 22))),
        Change("测算批次", None, "3"),
    ]
    assert changes_of({"name": "Old"}, None, EN) == [Change("name", "Old", None)]
    assert changes_of(None, None, EN) == []
    assert changes_of("USD", "EUR", EN) == [Change("", "USD", "EUR")]
    assert changes_of(None, {"active": False, "day": "2026-02-30"}, EN) == [
        Change("active", None, "no"),
        Change("day", None, "2026-02-30"),
    ]
    assert changes_of(None, {"role": "manager", "expires_at": "2026-12-28T20:54:36.868153Z"}, ZH) == [
        Change("角色", None, "渠道经理"),
        Change("到期", None, ZH.moment(datetime(2026, 12, 28, 20, 54, tzinfo=UTC))),
    ]
    differing = {"mend": False, "differences": {"codes": 2}, "concerned": {"codes": "a / A, b / B"}}
    assert [str(each.after) for each in changes_of(None, differing, ZH)] == [
        "否",
        "仅写法不同的编码 2",
        "仅写法不同的编码 a / A, b / B",
    ]
    assert len(changes_of(None, {str(n): n for n in range(1, 40)}, EN)) == 39
