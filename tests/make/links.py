"""What an answer of the API names, as links of its description to whatever asks for it: the ways of a walk."""

import copy
import re
from typing import Any

_LISTS = {
    "code": ("/api/v1/dealers", "code"),
    "waiting": ("/api/v1/receivables/waiting", "id"),
    "proposal": ("/api/v1/credit/proposals", "id"),
    "run": ("/api/v1/credit/runs", "id"),
    "statement": ("/api/v1/receivables/statements", "number"),
    "assessment": ("/api/v1/credit/runs/{run}/assessments", "id"),
    "load_id": ("/api/v1/imports", "id"),
    "login": ("/api/v1/people", "login"),
    "member": ("/api/v1/staff", "code"),
    "token_id": ("/api/v1/tokens", "id"),
    "session_id": ("/api/v1/me/sessions", "id"),
    "version": ("/api/v1/credit/policies", "version"),
    "contact_id": ("/api/v1/dealers/{code}/contacts", "id"),
    "grant_id": ("/api/v1/dealers/{code}/exclusivity", "id"),
    "document_id": ("/api/v1/receivables/documents", "id"),
    "customer": ("/api/v1/dealers/{code}/second-tier", "code"),
}
"""The name in an address -> the list that tells it, and the field of its lines."""


def linked(document: dict[str, Any]) -> dict[str, Any]:
    """The description with a link from each list to what asks for one of its lines, and to its own next page.

    Where the line lies under a dealer and the list does not, the line tells whose it is.
    Nobody is asked for a token: a walk is of one who has come in.
    """
    linked = copy.deepcopy(document)
    linked.pop("security")
    paths = linked["paths"]
    for path, item in paths.items():
        asked = re.findall(r"{(\w+)}", path)
        for operation in item.values():
            if asked and asked[-1] in _LISTS:
                source, field = _LISTS[asked[-1]]
                given = {f"path.{asked[-1]}": f"$response.body#/items/0/{field}"}
                for name in asked[:-1]:
                    told = f"$request.path.{name}" if f"{{{name}}}" in source else "$response.body#/items/0/dealer"
                    given[f"path.{name}"] = told
                _link(paths[source], operation, given)
            if {"cursor"} & {each["name"] for each in operation.get("parameters", ())}:
                given = {f"path.{name}": f"$request.path.{name}" for name in asked}
                _link(item, operation, {**given, "query.cursor": "$response.body#/next"})
    return linked


def _link(source: dict[str, Any], operation: dict[str, Any], given: dict[str, str]) -> None:
    links = source["get"]["responses"]["200"].setdefault("links", {})
    links[f"{operation['operationId']}By{len(links)}"] = {"operationId": operation["operationId"], "parameters": given}
