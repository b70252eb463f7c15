"""The acts on a version of a document."""

from datetime import date
from typing import Annotated, Any

import msgspec

from channel.acts import LONGEST_TEXT, Act, Opened, Said, Why
from channel.errors import m


class DraftVersion(Act, frozen=True, kw_only=True):
    """The text of a version: what the document leaves out is as in the shipped one."""

    document: Annotated[dict[str, Any], Said(m("Text of the version"))]
    effective_from: Annotated[date, Said(m("Effective from"))]
    note: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT), Said(m("Note"), note=True)] = ""


class EditVersion(DraftVersion, frozen=True, kw_only=True):
    """Another text of a draft; with what was read (`opened`) it is refused where that has been changed since."""

    opened: Opened = None


class ProposeVersion(Why, frozen=True, kw_only=True):
    """Why a draft is put before another person."""


class ApproveVersion(Why, frozen=True, kw_only=True):
    """Why a version is approved; `effective_from` lets it count from a later day than the one that was proposed."""

    effective_from: Annotated[
        date | None,
        Said(m("Effective from"), hint=m("A later day than the one proposed, where that is over.")),
    ] = None


class RefuseVersion(Why, frozen=True, kw_only=True):
    """Why a version is refused."""


class WithdrawVersion(Why, frozen=True, kw_only=True):
    """Why a version is taken back."""
