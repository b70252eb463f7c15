"""Acts on the credit policy: drafted, checked, compared, proposed, and decided by another person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.credit.acts import ApprovePolicy
from channel.credit.queries import policies as queries
from channel.credit.rules import Policy, compare_policies, label_of, policy_from_document, policy_to_document
from channel.credit.rules.choices import STATE_NAMES
from channel.database import db
from channel.edits import Overtaken
from channel.errors import Conflict, Forbidden, Invalid, Message, NotFound, invalid, m
from channel.view import View


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the policy: its figures and where it stands."""

    policy: Policy
    effective_from: date
    state: str
    note: str
    author: str
    author_ids: tuple[int, ...]
    proposer_id: int | None
    created_at: datetime
    approved_at: datetime | None
    approver: str | None

    @property
    def version(self) -> int:
        """The number."""
        return self.policy.version

    @property
    def name(self) -> str:
        """How people call it."""
        return self.policy.name


@dataclass(frozen=True, slots=True)
class Opened:
    """The text of a draft as somebody opened it to change it."""

    document: dict[str, Any]
    effective_from: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A field in which two policies differ; None where a side has no such field."""

    path: str
    labels: tuple[Message, ...]
    before: str | None
    after: str | None


def read_version(row: Record) -> Version:
    """The version that a row holds."""
    read = policy_from_document(row["document"], row["version"])
    if isinstance(read, list):
        raise RuntimeError(  # noqa: TRY004 - no type is wrong: the kept document is
            f"policy {row['version']} cannot be read: {read[0].field}: {read[0].reason}"
        )
    return Version(
        read,
        row["effective_from"],
        row["state"],
        row["note"],
        row["author"],
        tuple(row["author_ids"]),
        row["proposer_id"],
        row["created_at"],
        row["approved_at"],
        row["approver"],
    )


def the_person(person: Person) -> tuple[int, str]:
    """Id and login of the human being behind an act that another one must decide or has proposed."""
    if person.person_id is None:
        raise Forbidden(m("Only a person may do this, not a machine."))
    return person.person_id, person.login


async def all_versions(person: Person) -> list[Version]:
    """Every version, the latest first."""
    require(person, Right.SEE_CREDIT)
    return [read_version(row) for row in await queries.policies()]


async def version_of(person: Person, version: int) -> Version:
    """One version."""
    require(person, Right.SEE_CREDIT)
    row = await queries.policy(version)
    if row is None:
        raise NotFound(m("There is no policy %(version)s.", version=str(version)))
    return read_version(row)


async def policy_numbered(version: int) -> Policy:
    """One version, whatever its state."""
    row = await queries.policy(version)
    if row is None:
        raise NotFound(m("There is no policy %(version)s.", version=str(version)))
    return read_version(row).policy


async def policy_at(view: View) -> Policy:
    """The policy that counts on the day as known at the moment; now is now, whatever the clock says."""
    return (await policies_at(view))[0]


async def policies_at(*views: View) -> list[Policy]:
    """The same for each of these views, in their order."""
    return (await policies_and_currency(*views))[0]


async def policies_and_currency(*views: View) -> tuple[list[Policy], str | None]:
    """The same with the currency in which the company counts; None while none is chosen."""
    rows = await queries.policies_at(views)
    for row, view in zip(rows, views, strict=True):
        if row["version"] is None:
            raise NotFound(m("No credit policy is effective on %(on)s.", on=view.as_of))
    read = {row["version"]: read_version(row).policy for row in {row["version"]: row for row in rows}.values()}
    return [read[row["version"]] for row in rows], rows[0]["company_currency"]


def check_document(document: Mapping[str, Any]) -> Policy:
    """The policy in the document; a wrong one is refused with every error in it."""
    read = policy_from_document(document)
    if isinstance(read, list):
        raise Invalid(m("The policy cannot be used so."), tuple(read))
    return read


def compared(before: Policy, after: Policy) -> list[Change]:
    """Every field that differs, with its labels."""
    return [Change(path, label_of(path), old, new) for path, old, new in compare_policies(before, after)]


async def compare(person: Person, version: int, other: int | None = None) -> tuple[Version, Version, list[Change]]:
    """A version against another one; without one, against the latest approved version before it."""
    after = await version_of(person, version)
    if other is None:
        earlier = [each for each in await all_versions(person) if each.version < version and each.state == "approved"]
        if not earlier:
            raise NotFound(m("There is no version before %(version)s to compare with.", version=str(version)))
        before = earlier[0]
    else:
        before = await version_of(person, other)
    return before, after, compared(before.policy, after.policy)


async def draft_policy(person: Person, document: Mapping[str, Any], effective_from: date, note: str) -> int:
    """A new version as a draft; what is left out of the document is as in the shipped policy."""
    require(person, Right.PROPOSE_POLICY)
    author = the_person(person)
    policy = check_document(document)
    async with db.transaction():
        await queries.lock_numbers()
        posting_id = await access.open_posting(person, "draft credit policy")
        version = await queries.record_draft(
            effective_from, policy_to_document(policy), note.strip(), author, clock.now()
        )
        await queries.record_decision(version, "draft", person.login, note.strip() or None, clock.now(), posting_id)
        await _audit(person, "draft credit policy", version, None, policy, note, posting_id)
    return version


async def edit_policy(
    person: Person,
    version: int,
    document: Mapping[str, Any],
    effective_from: date,
    note: str,
    *,
    opened: Opened | None = None,
) -> None:
    """Another text of a draft; whoever has edited it counts as an author and cannot approve it.

    A policy is read as a whole: when somebody else has changed anything of the draft since it was `opened`, he is
    told what instead of mixing two texts that nobody has read together.
    """
    require(person, Right.PROPOSE_POLICY)
    person_id, _ = the_person(person)
    policy = check_document(document)
    async with db.transaction():
        before = await _locked(version, "draft")
        if opened is not None and (others := _changed_since(opened, before)):
            raise Overtaken(others, ())
        posting_id = await access.open_posting(person, "edit credit policy")
        authors = sorted({*before.author_ids, person_id})
        await queries.change_draft(version, effective_from, policy_to_document(policy), note.strip(), authors)
        await queries.record_decision(version, "edit", person.login, note.strip() or None, clock.now(), posting_id)
        await _audit(person, "edit credit policy", version, before.policy, policy, note, posting_id)


def _changed_since(opened: Opened, draft: Version) -> list[tuple[str, Message, object]]:
    """What of a draft is no longer as somebody opened it: path, label, what stands now."""
    before = check_document(opened.document)
    changed: list[tuple[str, Message, object]] = [
        (change.path, change.labels[-1], change.after or m("empty")) for change in compared(before, draft.policy)
    ]
    if opened.effective_from != draft.effective_from:
        changed.append(("effective_from", m("Effective from"), draft.effective_from))
    if opened.note.strip() != draft.note:
        changed.append(("note", m("Note"), draft.note))
    return changed


async def propose_policy(person: Person, version: int, act: Why) -> None:
    """Put a draft before another person; from now on it cannot be edited."""
    require(person, Right.PROPOSE_POLICY)
    person_id, _ = the_person(person)
    async with db.transaction():
        draft = await _locked(version, "draft")
        _check_day(draft)
        await _decide(person, version, "propose", "proposed", act.reason, proposer_id=person_id)


async def approve_policy(person: Person, version: int, act: ApprovePolicy) -> None:
    """Let a proposed version count from its day on; only somebody who neither wrote nor proposed it may.

    The approver may let it count from a later day (`act.effective_from`), and must where its own day is over; nothing
    else of what was proposed can be changed.
    """
    require(person, Right.DECIDE_POLICY)
    person_id, _ = the_person(person)
    effective_from, reason = act.effective_from, act.reason
    async with db.transaction():
        # One approval at a time, so that two versions for one day have an order.
        await queries.lock_numbers()
        proposed = await _locked(version, "proposed")
        if person_id == proposed.proposer_id or person_id in proposed.author_ids:
            raise Forbidden(m("Another person than the authors and the proposer approves a policy."))
        if effective_from is not None and effective_from < proposed.effective_from:
            expected = m("%(on)s or a later day", on=str(proposed.effective_from))
            raise invalid("effective_from", m("It was not proposed for so early a day."), expected)
        if effective_from is not None and effective_from != proposed.effective_from:
            proposed = replace(proposed, effective_from=effective_from)
            _check_day(proposed)
            await queries.postpone(version, effective_from)
            reason = f"{reason} ({effective_from.isoformat()})"
        _check_day(proposed)
        await _decide(person, version, "approve", "approved", reason)


async def refuse_policy(person: Person, version: int, act: Why) -> None:
    """Refuse a proposed version."""
    require(person, Right.DECIDE_POLICY)
    the_person(person)
    async with db.transaction():
        await _locked(version, "proposed")
        await _decide(person, version, "refuse", "refused", act.reason)


async def withdraw_policy(person: Person, version: int, act: Why) -> None:
    """Take back a draft or a proposal; its authors and its proposer may."""
    require(person, Right.PROPOSE_POLICY)
    person_id, _ = the_person(person)
    async with db.transaction():
        found = await _locked(version, "draft", "proposed")
        if person_id != found.proposer_id and person_id not in found.author_ids:
            raise Forbidden(m("Only the authors and the proposer take a policy back; another person refuses it."))
        await _decide(person, version, "withdraw", "withdrawn", act.reason)


async def _locked(version: int, *states: str) -> Version:
    row = await queries.lock_policy(version)
    if row is None:
        raise NotFound(m("There is no policy %(version)s.", version=str(version)))
    if row["state"] not in states:
        raise Conflict(
            m(
                "Policy %(version)s is %(state)s; this act needs: %(needed)s.",
                version=str(version),
                state=STATE_NAMES[row["state"]],
                needed=[STATE_NAMES[state] for state in states],
            )
        )
    return read_version(row)


def _check_day(version: Version) -> None:
    """A policy cannot count from a day that is over: limits of that day were given under another one."""
    if version.effective_from < clock.today():
        raise Conflict(
            m(
                "Policy %(version)s would count from %(on)s, which is over: give a later day when you approve it, or"
                " in the draft.",
                version=str(version.version),
                on=version.effective_from,
            )
        )


async def _decide(
    person: Person, version: int, act: str, state: str, reason: str, *, proposer_id: int | None = None
) -> None:
    posting_id = await access.open_posting(person, f"{act} credit policy")
    await queries.change_state(
        version, state, proposer_id=proposer_id, approved_by=posting_id if state == "approved" else None
    )
    await queries.record_decision(version, act, person.login, reason, clock.now(), posting_id)
    await access.audit(
        person, f"{act} credit policy", f"credit policy {version}", after=state, reason=reason, posting_id=posting_id
    )


async def _audit(
    person: Person, act: str, version: int, before: Policy | None, after: Policy, note: str, posting_id: int
) -> None:
    changes = {path: [old, new] for path, old, new in compare_policies(before, after)} if before else None
    await access.audit(
        person,
        act,
        f"credit policy {version}",
        before=None if changes is None else {path: old for path, (old, _) in changes.items()},
        after=policy_to_document(after) if changes is None else {path: new for path, (_, new) in changes.items()},
        reason=note.strip() or None,
        posting_id=posting_id,
    )
