"""Requests under a key of their sender's (`Idempotency-Key`): carried out once, and answered again as they were.

Why each thing is as it is says docs/decisions/idempotency-keys.md.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.queries import KeptAnswer
from channel.access.rules import Person
from channel.database import db
from channel.errors import Conflict, FieldError, Message, NotFound, TooMany, invalid, m

KEY_HEADER = "Idempotency-Key"
KEY_LASTS = timedelta(days=7)
"""So long a request is kept; afterwards its key is like one that was never used."""
KEYS_OF_A_DAY = 10_000
"""Requests under keys that one token may send in 24 hours."""
LONGEST_ANSWER = 1 << 20
"""Bytes of the longest answer that is kept: 1 MiB."""
BEGUN_LASTS = timedelta(minutes=1)
"""A request of which a part is kept counts so long as still carried out: nobody else can know whether it broke off."""
_DAY = timedelta(days=1)
_KEY = re.compile(r"[!-~]{1,200}")
_A_MOMENT = 1
"""Seconds after which a request may be sent again while another one is carried out under its key."""

_BEGUN, _ANSWERED, _SHOWN_ONCE, _TOO_LONG = "begun", "answered", "shown once", "too long"
_NOT_KEPT = {
    _SHOWN_ONCE: m("This was done before under this key, and what it answered was shown once."),
    _TOO_LONG: m("This was done before under this key. What it answered was too long to be kept."),
    _BEGUN: m("This broke off before under this key, and a part of it is done. Look at that before you go on."),
}


class Keyed:
    """One request under a key, which is kept in the transaction that keeps what it does.

    `address` is the request without its body; the digest of that is asked for when all of it was read. What is
    `shown_once` holds a secret: neither its answer nor a digest of its body is kept.
    """

    def __init__(self, key: str, address: bytes, body: Callable[[], bytes], *, shown_once: bool) -> None:
        self._key = key
        self._address = address
        self._body = body
        self._shown_once = shown_once
        self._owner = ""
        self._territory_ids: Sequence[int] | None = None
        self._acts: list[Message] = []
        self._begun_at: datetime | None = None
        self._state = _BEGUN
        self._answer: KeptAnswer | None = None
        self._is_kept = False

    def check(self) -> None:
        """Refuse what can be no key."""
        if not _KEY.fullmatch(self._key):
            raise invalid(KEY_HEADER, m("This can be no key."), m("1 to 200 visible ASCII characters, said once"))

    async def is_used(self, person: Person) -> bool:
        """Whether a request was carried out under this key, with whose body that of this one is only compared."""
        return await self._found(_owner_of(person)) is not None

    async def claim(self, person: Person, *, is_read: bool) -> KeptAnswer | None:
        """Begin to carry the request out; where that was done, its answer, for who reaches still what it tells of.

        What was done while its body (`is_read`) comes in still cannot be compared with it yet.
        """
        self._territory_ids = person.territory_ids if person.bound else None
        return await self._claim(_owner_of(person), is_read=is_read)

    async def claim_sign_in(self, person_id: int) -> None:
        """Begin to sign somebody in, unless that was done."""
        await self._claim(f"person {person_id}", is_read=True)

    async def _claim(self, owner: str, *, is_read: bool) -> KeptAnswer | None:
        now = clock.now()
        is_mine, full_since = await queries.hold_key(owner, self._key, now - _DAY, KEYS_OF_A_DAY)
        if not is_mine:
            raise _under_way()
        # A statement of its own, which sees what was kept before the key was let go.
        found = await self._found(owner)
        if found is not None and not is_read:
            raise _under_way()
        if found is not None:
            return self._again(found)
        if full_since is not None:
            raise TooMany(
                m("Of one token %(most)s requests with keys are taken in a day.", most=KEYS_OF_A_DAY),
                after_seconds=-(-(full_since + _DAY - now) // timedelta(seconds=1)),
            )
        self._owner = owner
        db.keep_beside(self._keep_with)
        return None

    async def _found(self, owner: str) -> Record | None:
        return await queries.keyed_request(owner, self._key, clock.now() - KEY_LASTS)

    def _again(self, found: Record) -> KeptAnswer:
        """The answer of before, or why it is not given."""
        if found["digest"] != self._digest():
            raise _conflict(m("This key was used for another request."), m("a key of its own for each request"))
        if found["state"] != _SHOWN_ONCE and not found["is_seen"]:
            raise NotFound(m("There is nothing here, or nothing that you may see."))
        if found["state"] == _BEGUN and clock.now() - found["at"] < BEGUN_LASTS:
            raise _under_way()
        if found["state"] == _ANSWERED:
            return KeptAnswer(found["status"], [(name, value) for name, value in found["headers"]], found["body"])
        done = tuple(FieldError("done", Message.from_json(each)) for each in found["acts"])
        raise _conflict(_NOT_KEPT[found["state"]], done=done)

    def answered(self, answer: KeptAnswer | None) -> None:
        """Remember what the request is answered; None is too long to be kept."""
        if self._shown_once:
            self._state = _SHOWN_ONCE
        else:
            self._state, self._answer = _TOO_LONG if answer is None else _ANSWERED, answer

    async def keep(self) -> None:
        """Keep the request where nothing that it did was left to be kept together with its answer."""
        if self._owner and not self._is_kept:
            async with db.transaction():
                await self._keep_with(())

    async def refused(self) -> None:
        """Let the key be used anew; what stands of a request that is refused stands without it."""
        db.keep_beside(_nothing)
        if self._begun_at is not None:
            async with db.transaction():
                await queries.forget_keyed(self._owner, self._key, self._begun_at)

    async def _keep_with(self, acts: Sequence[Message]) -> None:
        """Keep the request with the acts that are about to be kept: as begun, until it is answered."""
        if self._is_kept or (self._state == _BEGUN and not acts):
            return
        now = clock.now()
        # The part of this request that was kept before, or a request past its time.
        await queries.forget_keyed(self._owner, self._key, self._begun_at or now - KEY_LASTS)
        self._acts += acts
        reach = self._territory_ids, db.dealers_noted()
        done = self._digest(), self._acts, reach, self._state, self._answer
        if not await queries.record_keyed(self._owner, self._key, now, *done):
            raise _under_way()
        self._begun_at, self._is_kept = now, self._state != _BEGUN

    def _digest(self) -> bytes:
        return hashlib.sha256(self._address + (b"" if self._shown_once else self._body())).digest()


def _owner_of(person: Person) -> str:
    """Whose a key is: the token's by which the request comes, of which each has its own."""
    return f"token {person.token_id}"


def _under_way() -> Conflict:
    return _conflict(m("A request under this key is being carried out."), after_seconds=_A_MOMENT)


def _conflict(
    reason: Message,
    expected: Message | None = None,
    *,
    done: tuple[FieldError, ...] = (),
    after_seconds: int | None = None,
) -> Conflict:
    return Conflict(reason, (FieldError(KEY_HEADER, reason, expected), *done), after_seconds=after_seconds)


async def _nothing(_: Sequence[Message]) -> None:
    """What is kept with the acts of a request that is refused."""
