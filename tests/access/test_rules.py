from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel import web
from channel.access import rules
from channel.access.rules import RIGHTS, WHOLE_COMPANY, Person, Right, Role, signing_in
from channel.errors import Forbidden

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(*minutes: float) -> list[datetime]:
    return [NOON - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("of_pair", "of_login", "of_place", "known", "wait_minutes"),
    [
        ([], [], [], False, None),
        (ago(1, 2, 3, 4), [], [], False, None),
        (ago(1, 2, 3, 4, 5), [], [], False, 10),
        (ago(1, 2, 3, 4, 14.5), [], [], False, 0.5),
        (ago(1, 2, 3, 4, 15), [], [], False, None),
        (ago(1, 2, 3, 4, 5, 14), [], [], False, 10),
        ([], ago(*range(1, 30)), [], False, None),
        ([], ago(*[20] * 30), [], False, 40),
        ([], ago(*[59.5] * 30), [], False, 0.5),
        ([], ago(*[60] * 30), [], False, None),
        ([], [], ago(*[1] * 19), False, None),
        ([], [], ago(*[1] * 20), False, 14),
        (ago(*[3] * 5), ago(*[3] * 5), ago(*[1] * 20), False, 14),
        ([], ago(*[1] * 100), ago(*[1] * 100), True, None),
        (ago(*[3] * 5), ago(*[1] * 100), ago(*[1] * 100), True, 12),
    ],
)
def test_when_the_next_try_is_let_through(
    of_pair: list[datetime],
    of_login: list[datetime],
    of_place: list[datetime],
    known: bool,
    wait_minutes: float | None,
) -> None:
    wait = signing_in.wait_until(signing_in.Tries(of_pair, of_login, of_place, known), NOON)
    assert wait == (None if wait_minutes is None else NOON + timedelta(minutes=wait_minutes))


@given(st.lists(st.integers(0, 9000), max_size=80), st.booleans())
def test_no_window_ever_holds_more_tries_than_the_limit(offered: list[int], known: bool) -> None:
    """From one place under one login, and from a new place for every try."""
    same: list[datetime] = []
    elsewhere: list[datetime] = []
    for seconds in sorted(offered):
        at = NOON + timedelta(seconds=seconds)
        if signing_in.wait_until(signing_in.Tries(same, same, same, known), at) is None:
            same.append(at)
        if signing_in.wait_until(signing_in.Tries([], elsewhere, [], known=False), at) is None:
            elsewhere.append(at)
    for taken, window, limit in (
        (same, signing_in.TRIES_WINDOW, signing_in.TRIES_PER_PAIR),
        (elsewhere, signing_in.LOGIN_WINDOW, signing_in.TRIES_PER_LOGIN),
    ):
        for at in taken:
            assert len([t for t in taken if at - window < t <= at]) <= limit


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("x" * 200, "x" * 100),
    ],
)
def test_by_what_tries_are_counted(address: str, place: str) -> None:
    assert signing_in.place_of(address) == place


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("elevenchars", False),
        ("twelve chars", True),
        ("aaaaaaaaaaaa", True),
        ("li.xiaoming.1", False),
        ("LI.Xiaoming.1", False),
        ("x" * 256, True),
        ("x" * 257, False),
        ("十二个汉字也是一个好密码", True),
    ],
)
def test_length_is_what_makes_a_password(password: str, fits: bool) -> None:
    assert (signing_in.password_fault(password, "li.xiaoming.1") is None) is fits


@pytest.mark.parametrize(
    ("login", "fits"),
    [("finance-1", True), ("李小明", True), ("a", True), ("", False), ("-a", False), ("a b", False), ("a:b", False)],
)
def test_what_can_be_a_login(login: str, fits: bool) -> None:
    assert (signing_in.login_fault(login) is None) is fits


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Safari/537.36",
            "Chrome, Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", "curl/8.5"),
        ("", ""),
    ],
)
def test_what_somebody_is_signed_in_with(agent: str, device: str) -> None:
    assert signing_in.device_of(agent) == device


def test_one_spelling_of_a_login() -> None:
    assert signing_in.plain_login("  Ｆinance-1 ") == "finance-1"


def test_deciding_keeping_people_and_reading_are_never_in_one_hand() -> None:
    for role in Role:
        assert not (role in RIGHTS[Right.DECIDE_LIMIT] and role in RIGHTS[Right.KEEP_PEOPLE])
    seeing = {Right.SEE_DEALERS, Right.SEE_SALES, Right.SEE_RECEIVABLES, Right.SEE_CREDIT, Right.READ_AUDIT}
    seeing |= {Right.SEE_REVIEWS}
    changing = set(Right) - seeing
    assert [right for right in changing if Role.AUDITOR in RIGHTS[right]] == []
    assert {right for right in changing if Role.ADMINISTRATOR in RIGHTS[right]} == {
        Right.KEEP_PEOPLE,
        Right.KEEP_SETTINGS,
    }


def test_what_concerns_the_whole_company_is_not_for_a_bound_token() -> None:
    free = Person("a", "a", Role.ADMINISTRATOR, person_id=1)
    bound = Person("a", "a", Role.ADMINISTRATOR, person_id=1, bound=True, narrowed=True, territory_ids=(1,))
    assert Right.KEEP_PEOPLE in WHOLE_COMPANY
    rules.require(free, Right.KEEP_PEOPLE)
    with pytest.raises(Forbidden, match="bound to territories"):
        rules.require(bound, Right.KEEP_PEOPLE)
    with pytest.raises(Forbidden) as refused:
        rules.require(Person("f", "f", Role.FINANCE), Right.KEEP_PEOPLE)
    assert web.translate(refused.value.title, "en") == (
        "This is not for your role (Finance). It belongs to: Administrator."
    )
    assert "财务" in web.translate(refused.value.title, "zh")
