"""Acts on versions of documents, and where they stand."""

from channel.versions.service.deciding import approve, deciding_of, propose, refuse, withdraw
from channel.versions.service.drafting import draft, edit
from channel.versions.service.standing import (
    Change,
    Version,
    check_document,
    compare,
    in_force,
    in_force_at,
    numbered,
    read_in_force,
    read_kept,
    read_version,
    version_of,
    versions_of,
)

__all__ = [
    "Change",
    "Version",
    "approve",
    "check_document",
    "compare",
    "deciding_of",
    "draft",
    "edit",
    "in_force",
    "in_force_at",
    "numbered",
    "propose",
    "read_in_force",
    "read_kept",
    "read_version",
    "refuse",
    "version_of",
    "versions_of",
    "withdraw",
]
