"""Texts of versions: drafted, and edited until they are proposed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from channel import clock
from channel.access import service as access
from channel.access.rules import Person
from channel.acts import OPENED
from channel.consent.rules import the_person
from channel.database import db
from channel.edits import Overtaken
from channel.errors import Message, invalid, m
from channel.versions import queries
from channel.versions.acts import DraftVersion, EditVersion
from channel.versions.rules import Paper, T, compare_documents, written
from channel.versions.service.standing import Version, check_document, compared, locked, record, require_of


class _Seen(msgspec.Struct):
    """The text of a draft as somebody opened it to change it."""

    document: dict[str, Any]
    effective_from: date
    note: str = ""


async def draft(person: Person, paper: Paper[T], act: DraftVersion, of: str = "") -> int:
    """A new version as a draft; what is left out of the document is as in the shipped one."""
    await require_of(person, paper.propose, paper, of)
    author = the_person(person)
    document = check_document(paper, act.document)
    async with db.transaction():
        await queries.lock_numbers()
        posting_id = await access.open_posting(person, f"draft {paper.code}")
        version = await queries.record_draft(
            paper.code, of, act.effective_from, written(document), act.note, author, clock.now()
        )
        await record(person, paper, (paper.code, of, version), "draft", act.note, posting_id, after=written(document))
    return version


async def edit(person: Person, paper: Paper[T], version: int, act: EditVersion, of: str = "") -> None:
    """Another text of a draft; whoever has edited it counts as an author and cannot approve it.

    A document is read as a whole: when somebody else has changed anything of the draft since it was `opened`, he is
    told what instead of mixing two texts that nobody has read together.
    """
    await require_of(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    document = check_document(paper, act.document)
    key = (paper.code, of, version)
    async with db.transaction():
        before = await locked(paper, key, "draft")
        if act.opened is not None and (others := _changed_since(paper, act.opened, before)):
            raise Overtaken(others, ())
        changes = compare_documents(before.document, document)
        if not changes and (act.effective_from, act.note) == (before.effective_from, before.note):
            return
        posting_id = await access.open_posting(person, f"edit {paper.code}")
        authors = sorted({*before.author_ids, person_id})
        await queries.change_draft(key, act.effective_from, written(document), act.note, authors)
        told = {path: old for path, old, _ in changes}, {path: new for path, _, new in changes}
        await record(person, paper, key, "edit", act.note, posting_id, *told)


def _changed_since(paper: Paper[T], opened: Mapping[str, Any], draft: Version[T]) -> list[tuple[str, Message, object]]:
    """What of a draft is no longer as somebody opened it: path, label, what stands now."""
    try:
        seen = msgspec.convert(opened, _Seen)
    except msgspec.ValidationError:
        raise invalid(OPENED, m("The page was too old to be sent. Please load it again and repeat the act.")) from None
    before = check_document(paper, seen.document)
    changed: list[tuple[str, Message, object]] = [
        (change.path, change.labels[-1], change.after or m("empty"))
        for change in compared(paper, before, draft.document)
    ]
    if seen.effective_from != draft.effective_from:
        changed.append(("effective_from", m("Effective from"), draft.effective_from))
    if seen.note.strip() != draft.note:
        changed.append(("note", m("Note"), draft.note))
    return changed
