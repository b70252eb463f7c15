"""The outbox: messages put into mail, mail sent at least once, and what its keeper can do about it."""

from collections.abc import Sequence
from datetime import timedelta

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.access.rules.mail import Messages
from channel.database import db
from channel.errors import Conflict, Message, NotFound, m
from channel.lists import Page, Wanted
from channel.panels import WaitingItem
from channel.tasks.acts import SendAgain, SendTest
from channel.tasks.queries import outbox as queries
from channel.tasks.queries.outbox import SENDING, MailFilter
from channel.tasks.rules.letters import compose
from channel.tasks.rules.outbox import RESENDING, SENT_AGAIN, MailKind, MailState, Why
from channel.tasks.service.letters import (
    Written,
    messages_told,
    why_not,
    write_daily,
    write_messages,
    write_test,
)
from channel.tasks.service.mail_ways import RefusedForGood, Way, the_way
from channel.tasks.service.messages import GATHERING
from channel.tasks.service.morning import sections_for
from channel.work.service import Due, Work, ask, finishing

_TOLD_FOR = timedelta(days=7)
"""So long mail that was given up stands on the desk of whoever keeps the settings."""


async def _gather(due: Due) -> None:
    """Put what waits for a person into a mail, unless he is told in the morning."""
    person_id = int(due.key)
    who = await queries.receiver(person_id)
    if who is None:
        return
    why = Why.GONE if not who["active"] else Why.NO_ADDRESS if who["email"] is None else None
    if why is None and who["messages"] == Messages.DAILY:
        return
    if why is None and who["messages"] == Messages.NONE:
        why = Why.WANTS_NONE
    waiting = await queries.waiting_messages(person_id)
    if not any(waiting.values()):
        return
    number = await queries.record_mail(person_id, MailKind.MESSAGES, the_way().new_message_id(), clock.now(), why=why)
    await queries.take_up(number, waiting)
    if why is None:
        await ask(SENDING, str(number))


async def _send(due: Due) -> None:
    """Hand a mail over, then write down that it left: killed between the two, it leaves again as the same mail."""
    number, way = int(due.key), the_way()
    async with db.held(db.EVERYTHING):
        mail = await queries.mail(number)
        person = None if mail is None else await access.person_behind(mail["person_id"], None, None)
    if mail is None or mail["state"] != MailState.WAITING:
        await _end(due, None)
        return
    written = await _write(mail, person, way)
    if written.letter is None:
        await _end(due, MailState.NOT_SENT, written)
        return
    try:
        await way.deliver(compose(written.letter, way.sender, mail["message_id"], clock.now()))
    except RefusedForGood as refused:
        await _end(due, MailState.GIVEN_UP, Written(why=Why.REFUSED), str(refused))
        return
    await _end(due, MailState.SENT, written)


async def _write(mail: Record, person: Person | None, way: Way) -> Written:
    why = why_not(mail, person)
    if person is None or why is not None:
        return Written(why=why)
    if mail["kind"] == MailKind.TEST:
        return Written(write_test(mail, person, way))
    # What row-level security hides from the receiver, the mail does not tell.
    async with db.held(access.scope_of(person)):
        words, left_out = await messages_told(mail, person)
        parts = await sections_for(person) if mail["kind"] == MailKind.DAILY else []
    if not (words or parts):
        return Written(why=Why.NOTHING_LEFT, left_out=left_out)
    if mail["kind"] == MailKind.DAILY:
        letter = write_daily(mail, person, parts, words, way)
    else:
        letter = write_messages(mail, person, words, way)
    return Written(letter, told=len(words), left_out=left_out)


_LONGEST_FAULT = 500


async def _end(due: Due, state: MailState | None, written: Written | None = None, fault: str | None = None) -> None:
    number = int(due.key)
    async with db.held(db.EVERYTHING), finishing(due):
        if state is None or written is None:
            return
        taken_up = await queries.messages_in(number)
        counted = (written.told, taken_up - written.told)
        fault = fault and fault[:_LONGEST_FAULT]
        await queries.end_mail(number, state, clock.now(), why=written.why, fault=fault, counted=counted)


async def _give_up(due: Due) -> None:
    number = int(due.key)
    fault = await queries.latest_fault(number)
    await queries.end_mail(
        number, MailState.GIVEN_UP, clock.now(), why=Why.TOO_OFTEN, fault=fault and fault[:_LONGEST_FAULT]
    )


GATHERED = Work(GATHERING, _gather)
SENT = Work(SENDING, _send, retries=RESENDING, own=True, given_up=_give_up)


async def outbox(person: Person, asked: MailFilter, wanted: Wanted) -> Page[Record]:
    """Mail, the latest first, without a word of what is in it."""
    require(person, Right.KEEP_SETTINGS)
    return await queries.outbox(asked, wanted)


async def send_again(person: Person, number: int, act: SendAgain) -> None:
    """Have a mail that did not leave try it once more, as the same mail."""
    require(person, Right.KEEP_SETTINGS)
    async with db.transaction():
        mail = await queries.mail(number)
        if mail is None:
            raise NotFound(m("There is no mail %(number)s.", number=str(number)))
        if mail["state"] not in SENT_AGAIN:
            raise Conflict(m("The mail was sent, or waits to be sent already."))
        await queries.wait_again(number)
        await ask(SENDING, str(number))
        before = {"state": mail["state"]}
        await access.audit(person, "send mail again", f"mail {number}", before=before, reason=act.reason)


async def send_test(person: Person, act: SendTest) -> int:
    """Send a mail that says only that it came; its number in the outbox, which tells what became of it."""
    require(person, Right.KEEP_SETTINGS)
    if person.person_id is None:
        raise Conflict(m("A machine is not written to."))
    async with db.transaction():
        number = await queries.record_mail(
            person.person_id, MailKind.TEST, the_way().new_message_id(), clock.now(), address=act.address
        )
        await ask(SENDING, str(number))
        await access.audit(person, "send test mail", f"mail {number}", after={"address": act.address})
    return number


async def kept_from_leaving(count: int) -> Sequence[Record]:
    """The latest mail that does not leave, for the desk."""
    return await queries.in_the_way(clock.now() - _TOLD_FOR, count)


def keeps_from_leaving(row: Record) -> WaitingItem:
    """What one of them is, and what stands in its way."""
    fault = row["fault"] or ""
    why = m("%(fault)s", fault=fault) if fault else m("nothing is known of why")
    what: Message = m("Mail %(number)s to %(login)s does not leave", number=str(row["id"]), login=row["login"])
    if row["state"] == MailState.GIVEN_UP:
        what = m("Mail %(number)s to %(login)s was given up", number=str(row["id"]), login=row["login"])
    return WaitingItem(str(row["id"]), what, f"/outbox?state={row['state'].replace(' ', '+')}", why)
