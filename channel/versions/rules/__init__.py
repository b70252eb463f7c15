"""Documents whose fields are said once: read, written, compared and drawn by that. Pure rules on frozen values."""

from channel.versions.rules.document import (
    compare_documents,
    fields_of,
    label_of,
    put_at,
    read_document,
    specs_of,
    value_at,
    written,
)
from channel.versions.rules.paper import Document, Own, Paper, T
from channel.versions.rules.spec import SPEC, Holds, Keys, Spec, spec

__all__ = [
    "SPEC",
    "Document",
    "Holds",
    "Keys",
    "Own",
    "Paper",
    "Spec",
    "T",
    "compare_documents",
    "fields_of",
    "label_of",
    "put_at",
    "read_document",
    "spec",
    "specs_of",
    "value_at",
    "written",
]
