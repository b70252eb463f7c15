"""Assessments as they were kept, each with the policy under which it was computed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from channel.credit.queries import assessments as queries
from channel.credit.rules import POLICY, Policy
from channel.credit.rules.snapshot import Collected, collected_from_document
from channel.credit.service.looks import Asked
from channel.versions.service import read_kept


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept assessment: of what day, from what and under which policy it was computed."""

    id: int
    as_of: date
    asked: Asked
    collected: Collected
    policy: Policy


async def kept(assessment_ids: Collection[int], known: Policy) -> dict[int, Kept]:
    """These assessments by their numbers; `known` is a policy that was read already."""
    rows = await queries.documents(sorted(set(assessment_ids)))
    policies = {known.version: known}
    for row in rows:
        if row["policy"] is not None and row["policy_version"] not in policies:
            policies[row["policy_version"]] = read_kept(POLICY, row["policy"], row["policy_version"])
    found = {}
    for row in rows:
        collected = collected_from_document(row["inputs"])
        inputs = collected.inputs
        asked = Asked(row["dealer_id"], inputs.dealer, inputs.dealer_type, row["currency"])
        found[row["id"]] = Kept(row["id"], row["as_of"], asked, collected, policies[row["policy_version"]])
    return found
