"""The acts on documents: their bodies, said once for JSON, forms, the command line and the service."""

from datetime import date
from typing import Annotated

from channel.acts import Said
from channel.errors import m
from channel.receivables.acts.asking import MayWait


class ReverseDocument(MayWait, frozen=True, kw_only=True):
    """Take a document back whole, with everything that it settles or that settles it."""

    effective_on: Annotated[
        date | None, Said(m("From"), hint=m("The document's own day, unless a later one is given."), option="--on")
    ] = None
