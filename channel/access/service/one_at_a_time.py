"""What goes over the whole channel takes long and fills a connection: everybody does one such thing at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from channel.access.rules import Person
from channel.errors import TooMany, m

_under_way: set[tuple[str, int | None]] = set()
"""By whom something heavy is done in this process just now."""


@contextmanager
def one_at_a_time(person: Person) -> Iterator[None]:
    """An assessment or an export of all, by this person or machine; refused while another one is under way."""
    who = (person.login, person.person_id or person.token_id)
    if who in _under_way:
        raise TooMany(
            m("Another assessment or export of yours over the whole channel is under way. Wait until it is done.")
        )
    _under_way.add(who)
    try:
        yield
    finally:
        _under_way.discard(who)
