"""Messages and mail in SQL: told, taken up into a mail, sent or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted
from channel.tasks import tables
from channel.tasks.lists import MESSAGES, OUTBOX
from channel.tasks.rules.outbox import MailKind, MailState, Why

SENDING = "send mail"
"""Work: the mail whose number is the key."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What one person is to be told; `about` tells it from what else of its kind he is told of this dealer.

    `told` holds the ids from which its words are made.
    """

    person_id: int
    about: str
    told: Mapping[str, Any] = field(default_factory=dict)
    dealer_id: int = 0


_WRITE = """
INSERT INTO {table} ({key}id, kind, about, told, person_id, posting_id)
SELECT {key}nextval('message_number'), $1, about, told::jsonb, person_id, $2
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[]) AS u (dealer_id, about, told, person_id)
WHERE person_id IS DISTINCT FROM (SELECT p.id FROM posting o JOIN person p ON p.login = o.actor WHERE o.id = $2)
ON CONFLICT DO NOTHING RETURNING person_id
"""
_OF_DEALERS = _WRITE.format(table="message_dealer", key="dealer_id, ")
_GENERAL = _WRITE.format(table="message_general", key="")


async def record_messages(kind: str, new: Sequence[NewMessage], posting_id: int) -> set[int]:
    """What is told of a posting, but to whoever did it; whom it is told, of what was not told before."""
    people: set[int] = set()
    for sql, some in (
        (_OF_DEALERS, [each for each in new if each.dealer_id]),
        (_GENERAL, [each for each in new if not each.dealer_id]),
    ):
        if some:
            rows = await db.fetch(
                sql,
                kind,
                posting_id,
                [each.dealer_id for each in some],
                [each.about for each in some],
                [msgspec.json.encode(dict(each.told)).decode() for each in some],
                [each.person_id for each in some],
            )
            people |= {row["person_id"] for row in rows}
    return people


async def receiver(person_id: int) -> Record | None:
    """Where somebody is written to, when, and whether he still signs in."""
    return await db.fetchrow("SELECT email, messages, active FROM person WHERE id = $1", person_id)


_IN_THE_MORNING = """
SELECT p.id, p.daily FROM (SELECT id, active AND email IS NOT NULL AND messages = 'daily' AS daily FROM person) AS p
WHERE p.daily OR EXISTS (SELECT FROM message_dealer x WHERE x.person_id = p.id AND x.mail_id IS NULL)
   OR EXISTS (SELECT FROM message_general x WHERE x.person_id = p.id AND x.mail_id IS NULL)
"""


async def told_in_the_morning() -> list[Record]:
    """Who is told each morning (`daily`), and who besides has messages that no mail has taken up."""
    return await db.fetch(_IN_THE_MORNING)


_LOCKED = "SELECT id FROM {table} WHERE person_id = $1 AND mail_id IS NULL ORDER BY id FOR UPDATE"


async def waiting_messages(person_id: int) -> dict[str, list[int]]:
    """The messages of somebody that no mail has taken up, by their tables; held to the end of the transaction."""
    found = {}
    for table in ("message_dealer", "message_general"):
        found[table] = [row["id"] for row in await db.fetch(_LOCKED.format(table=table), person_id)]
    return found


async def record_mail(
    person_id: int,
    kind: MailKind,
    message_id: str,
    at: datetime,
    *,
    day: date | None = None,
    address: str | None = None,
    why: Why | None = None,
) -> int:
    """A new mail: waiting to be sent or, with `why`, one that has nobody to whom it could go."""
    state = MailState.WAITING if why is None else MailState.NOT_SENT
    row = tables.Mail(
        person_id=person_id,
        kind=kind.value,
        day=day,
        address=address,
        message_id=message_id,
        made_at=at,
        state=state.value,
        why=why and why.value,
        ended_at=None if why is None else at,
    )
    await row.save()
    return row.id


async def take_up(mail_id: int, messages: Mapping[str, Sequence[int]]) -> None:
    """Have these messages, which were held before, leave in this mail."""
    for table, ids in messages.items():
        await db.execute(f"UPDATE {table} SET mail_id = $1 WHERE id = ANY ($2::bigint[])", mail_id, ids)


async def has_mail_of(person_id: int, day: date) -> bool:
    """Whether somebody has his mail of a day."""
    found = await db.fetchval("SELECT true FROM mail WHERE person_id = $1 AND day = $2", person_id, day)
    return bool(found)


async def mail(mail_id: int) -> Record | None:
    """One mail, with where its receiver is written to now, and when."""
    return await db.fetchrow(
        "SELECT m.*, p.login, p.name, p.email, p.messages FROM mail m JOIN person p ON p.id = m.person_id"
        " WHERE m.id = $1",
        mail_id,
    )


async def messages_in(mail_id: int) -> int:
    """How many messages a mail has taken up, whoever may see them."""
    counted: int = await db.fetchval(
        "SELECT (SELECT count(*) FROM message_dealer WHERE mail_id = $1)"
        " + (SELECT count(*) FROM message_general WHERE mail_id = $1)",
        mail_id,
    )
    return counted


_TOLD = """
SELECT x.id, x.dealer_id, d.code AS dealer, d.name AS dealer_name, x.kind, x.about, x.told, x.posting_id,
       p.recorded_at, p.actor, x.mail_id
FROM (
    SELECT dealer_id, id, kind, about, told, posting_id, mail_id FROM message_dealer
    WHERE person_id = $1 AND kind = ANY ($2::text[]) AND ({which})
    UNION ALL
    SELECT NULL, id, kind, about, told, posting_id, mail_id FROM message_general
    WHERE person_id = $1 AND kind = ANY ($2::text[]) AND ({which})
) AS x JOIN posting p ON p.id = x.posting_id LEFT JOIN dealer d ON d.id = x.dealer_id
"""
_IN_MAIL = _TOLD.format(which="mail_id = $3") + " ORDER BY x.id"
_OWN = f"""
SELECT t.*, m.state AS mail_state FROM ({_TOLD.format(which="true")}) AS t LEFT JOIN mail m ON m.id = t.mail_id
"""


async def messages_of_mail(mail_id: int, person_id: int, kinds: Sequence[str]) -> list[Record]:
    """The messages of these kinds in a mail, as far as their receiver, in whose scope it is asked, may see them."""
    return await db.fetch(_IN_MAIL, person_id, kinds, mail_id)


async def own_messages(person_id: int, kinds: Sequence[str], wanted: Wanted) -> Page[Record]:
    """What somebody was told of these kinds, the latest first, as far as the asker may see it."""
    return await page_of(_OWN, (person_id, kinds), MESSAGES, wanted)


async def end_mail(
    mail_id: int,
    state: MailState,
    at: datetime,
    *,
    why: Why | None = None,
    fault: str | None = None,
    counted: tuple[int, int] | None = None,
) -> None:
    """What has become of a mail that waits; `counted` are the messages that it told, and those that it left out."""
    told, left_out = counted or (None, None)
    await db.execute(
        "UPDATE mail SET state = $2, ended_at = $3, why = $4, fault = $5, told = $6, left_out = $7"
        " WHERE id = $1 AND state = 'waiting'",
        mail_id,
        state.value,
        at,
        why and why.value,
        fault,
        told,
        left_out,
    )


async def wait_again(mail_id: int) -> None:
    """Have a mail that did not leave wait once more."""
    await db.change_exactly(
        1,
        "UPDATE mail SET state = 'waiting', ended_at = NULL, why = NULL, fault = NULL"
        " WHERE id = $1 AND state IN ('not sent', 'given up')",
        mail_id,
    )


async def latest_fault(mail_id: int) -> str | None:
    """What stood in the way of a mail when it was tried last."""
    fault: str | None = await db.fetchval(
        "SELECT fault FROM work WHERE kind = $1 AND key = $2::bigint::text", SENDING, mail_id
    )
    return fault


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Which mail is asked for; None leaves a question open. `text` is looked for in login and name."""

    state: MailState | None = None
    kind: MailKind | None = None
    text: str | None = None


_OUTBOX = f"""
SELECT m.id, m.kind, m.state, m.why, m.made_at, m.ended_at, p.login, p.name, m.address,
       coalesce(w.attempts, 0) AS attempts, coalesce(m.fault, w.fault) AS fault, w.due_at AS next_at,
       (SELECT count(*) FROM message_dealer x WHERE x.mail_id = m.id)
       + (SELECT count(*) FROM message_general x WHERE x.mail_id = m.id) AS messages, m.told, m.left_out
FROM mail m JOIN person p ON p.id = m.person_id
LEFT JOIN work w ON w.kind = '{SENDING}' AND w.key = m.id::text AND w.period IS NULL
WHERE ($1::text IS NULL OR m.state = $1) AND ($2::text IS NULL OR m.kind = $2)
  AND ($3::text IS NULL OR strpos(lower(p.login || ' ' || p.name), lower($3)) > 0)
"""


async def outbox(asked: MailFilter, wanted: Wanted) -> Page[Record]:
    """Mail, the latest first, without a word of what is in it."""
    return await page_of(
        _OUTBOX, (asked.state and asked.state.value, asked.kind and asked.kind.value, asked.text), OUTBOX, wanted
    )


_IN_THE_WAY = f"""
SELECT m.state, count(*) OVER () AS found, m.id, coalesce(m.fault, w.fault) AS fault, p.login,
       coalesce(w.attempts, 0) AS attempts
FROM mail m JOIN person p ON p.id = m.person_id
LEFT JOIN work w ON w.kind = '{SENDING}' AND w.key = m.id::text AND w.period IS NULL
WHERE (m.state = 'waiting' AND w.fault IS NOT NULL) OR (m.state = 'given up' AND m.ended_at > $1)
ORDER BY m.id DESC LIMIT $2
"""


async def in_the_way(since: datetime, most: int) -> list[Record]:
    """Mail that something keeps from leaving, or that was given up since a moment; each with how many there are."""
    return await db.fetch(_IN_THE_WAY, since, most)


async def placed_dealers(dealer_ids: Sequence[int]) -> list[Record]:
    """Who is responsible for each of these dealers today, if anybody is, and where the dealer stands."""
    return await db.fetch(
        "SELECT id, territory_id, responsible_id FROM dealer WHERE id = ANY ($1::bigint[])", dealer_ids
    )


_TASKS = """
SELECT x.id, x.kind, x.about, x.told, x.what, x.due_on, d.code AS dealer, d.name AS dealer_name
FROM task_dealer x JOIN dealer d ON d.id = x.dealer_id WHERE x.id = ANY ($1::bigint[])
UNION ALL
SELECT x.id, x.kind, x.about, x.told, x.what, x.due_on, NULL, NULL FROM task_general x WHERE x.id = ANY ($1::bigint[])
"""


async def tasks_told(numbers: Sequence[int]) -> list[Record]:
    """Tasks with what their words are made of, those about dealers as far as the asker sees these."""
    return await db.fetch(_TASKS, numbers)


# Of what is not the first that was ever recorded of a dealer.
_CHANGED = """
SELECT f.dealer_id, f.id FROM dealer_fact f
CROSS JOIN LATERAL (SELECT (
    SELECT b.value FROM dealer_fact b
    WHERE b.dealer_id = f.dealer_id AND b.fact = f.fact AND b.effective_on <= f.effective_on AND b.id < f.id
    ORDER BY b.effective_on DESC, b.id DESC LIMIT 1) AS value) AS before
WHERE f.posting_id = $1 AND f.value IS DISTINCT FROM before.value
  AND (f.fact = $2 OR (f.fact = $3 AND $4 IN (f.value, before.value)))
  AND EXISTS (SELECT FROM dealer_fact b WHERE b.dealer_id = f.dealer_id AND b.posting_id < f.posting_id)
ORDER BY f.dealer_id, f.id
"""


async def facts_changed(posting_id: int, grade: str, status: str, hold: str) -> list[Record]:
    """The grades that a posting changed, and the holds that it placed or released, of dealers known before."""
    return await db.fetch(_CHANGED, posting_id, grade, status, hold)


async def facts_told(ids: Sequence[int]) -> list[Record]:
    """Dated facts with what their words are made of."""
    return await db.fetch(
        "SELECT id, fact, value, effective_on, reason FROM dealer_fact WHERE id = ANY ($1::bigint[])", ids
    )
