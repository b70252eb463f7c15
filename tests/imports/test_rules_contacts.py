import pytest

from channel.imports.rules.contacts import is_phone
from channel.mail import is_mail


@pytest.mark.parametrize(
    "phone",
    [
        "139 0013 8000",
        "+86 21 5555-0123",
        "(021) 55550123",
        "021-5555 0123 ext. 12",
        "021.5555.0123 转 8",
        "110",
        "139/1",
    ],
)
def test_what_can_be_dialled_is_a_phone(phone: str) -> None:
    assert is_phone(phone)


@pytest.mark.parametrize("phone", ["Lin", "12", "call 555", "555\n123", "5" * 21, "lin@example.com", "", "-1"])
def test_what_cannot_be_dialled_is_none(phone: str) -> None:
    assert not is_phone(phone)


@pytest.mark.parametrize(
    "mail", ["a@b.cn", "lin.xu+orders@mail.example-co.com", "林@例子.中国", "x_y@sub.example.co.uk"]
)
def test_one_address_is_a_mail(mail: str) -> None:
    assert is_mail(mail)


@pytest.mark.parametrize(
    "mail",
    [
        "lin", "lin@", "@example.com", "lin@example", "lin xu@example.com", "a@b.cn, c@d.cn", "a@@b.cn", "a@b..cn",
        "a@-b.cn", "<a@b.cn>", "a@b.cn;c@d.cn", "a" * 250 + "@b.cn", "a@b.c", "a@10.0.0.1",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_none(mail: str) -> None:
    assert not is_mail(mail)
