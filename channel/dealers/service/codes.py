"""The codes of a file as they are stored, and what is stored under codes that look alike."""

from channel.codes import code_key
from channel.dealers.file_kinds import DEALERS, PRODUCTS
from channel.dealers.file_kinds.staff import STAFF
from channel.dealers.queries import codes as queries
from channel.errors import ambiguous
from channel.imports.loader import Load
from channel.imports.rules.kinds import Type
from channel.imports.rules.reasons import REASONS

_ADDED_TO = frozenset({DEALERS.kind, PRODUCTS.kind, STAFF.kind})
"""The kinds of files whose new codes are added unasked."""


async def settle_codes(load: Load) -> None:
    """Give every code of the staged lines the spelling that is stored; one that can be several is a fault.

    A new code that a file writes in several ways has the spelling of its first line.
    """
    firsts: dict[str, dict[str, str]] = {}
    adds, held = bool(load.create_missing) or load.spec.kind in _ADDED_TO, False
    for field in load.spec.fields:
        if field.of and field.name in load.given:
            listed = field.type is Type.LIST
            await queries.find_codes(field.name, listed=listed)
            unknown = await queries.spelled_otherwise(field.of, field.name)
            if unknown and adds and not held:
                # Who waits here for somebody else's new codes looks for his own once more.
                await queries.hold_new_codes()
                held = True
                unknown = await queries.spelled_otherwise(field.of, field.name)
            if not unknown:
                continue
            alike = await queries.alike(field.of, unknown)
            several = {code: ", ".join(found) for code, found in alike.items() if len(found) > 1}
            if several:
                await queries.refuse_ambiguous(field.name, REASONS["ambiguous-code"].text, several, listed=listed)
            first = firsts.setdefault(field.of, {})
            meant = {code: found[0] for code, found in alike.items() if len(found) == 1}
            for code in unknown:
                if code not in alike and (spelled := first.setdefault(code_key(code), code)) != code:
                    meant[code] = spelled
            if meant:
                await queries.respell(field.name, meant, listed=listed)
    if "second_tier" in load.given:
        await queries.respell_second_tier()


async def dealers_meant(codes: frozenset[str]) -> frozenset[str]:
    """These codes of dealers as they are stored; `Conflict` where one can be several."""
    alike = await queries.alike("dealer", sorted(codes))
    for code, found in alike.items():
        if len(found) > 1:
            raise ambiguous("dealers", code, ", ".join(found))
    return frozenset(alike.get(code, [code])[0] for code in codes)
