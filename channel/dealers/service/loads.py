"""Masters from files: how each kind is checked and written, from the staging tables of a load."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, overload

from asyncpg import Record

from channel import clock
from channel.access import queries as tree
from channel.access import service as access
from channel.access.rules import Person
from channel.access.rules.staff import Member
from channel.codes import code_key, codes_meant
from channel.dealers.file_kinds import DEALERS, PRODUCTS, RATES, TERRITORIES
from channel.dealers.queries.loads import dealers as dealer_loads
from channel.dealers.queries.loads import masters as loads
from channel.dealers.rules import currency_codes
from channel.dealers.rules.responsible import refused_responsible
from channel.dealers.service.changed import tell_changed
from channel.dealers.service.codes import settle_codes
from channel.dealers.service.ended import tell_ended
from channel.dealers.service.held import tell_held
from channel.dealers.service.moved import tell_moved
from channel.dealers.service.responsible import hand_over
from channel.dealers.service.territories import rewrite_grants
from channel.errors import m
from channel.imports.loader import Load, Loader, Unshared
from channel.imports.queries.staging import record_other_currencies
from channel.imports.rules.reasons import REASONS, reason
from channel.imports.rules.rows import territory_nodes

_SENTENCES = {code: message.text for code, message in REASONS.items()}
_STATUS_CHANGE = m("A dealer that is %(before)s cannot become %(after)s.").text
_NAMED = 100
_OWN_CURRENCY = m("%(value)s is the company's own currency: its rate is 1.").text


async def check_dealers(person: Person, effective_on: date | None, staged: str = dealer_loads.INCOMING) -> None:
    """Add a fault for all that is wrong with staged dealers; see `queries.loads`."""
    await dealer_loads.check_dealers(_SENTENCES, currency_codes(), staged)
    await dealer_loads.check_statuses(_STATUS_CHANGE, effective_on or clock.today(), staged)
    await _check_members(effective_on or clock.today(), staged)
    if person.bound:
        hidden = await dealer_loads.refuse_hidden(_SENTENCES["unknown-dealer"], staged)
        if hidden:
            # That they are refused tells that they exist: whoever asks so is written down, also by a mere check.
            told = {"count": len(hidden), "codes": sorted(hidden)[:_NAMED]}
            await access.audit(person, "find code taken", "dealers of a file", after=told)


async def _check_members(day: date, staged: str) -> None:
    refused = {}
    for row in await dealer_loads.members(staged):
        fault = refused_responsible(Member(**row), day, clock.today())
        if fault is not None:
            refused[row["code"]] = fault.reason
    if refused:
        await dealer_loads.refuse_members(refused, staged)


async def load_dealers(
    person: Person, posting_id: int, effective_on: date | None, staged: str = dealer_loads.INCOMING
) -> dict[str, int]:
    """Add what staged dealers say, effective from a day on (default today), and write each one's trail; counts.

    For what a sales report names: fill `missing_dealer` (`open_missing_dealers`), check it, and load it.
    """
    day = effective_on or clock.today()
    lines = await dealer_loads.lines(staged)
    done = await dealer_loads.write_dealers(posting_id, day, clock.today(), staged)
    for act, ids in (("add dealer", done.made), ("change dealer", done.changed)):
        if ids:
            after = {"effective_on": day, "by": "file"}
            await access.audit(person, act, "dealers of a file", dealer_ids=ids, after=after, posting_id=posting_id)
    if done.ended:
        await tell_ended(person, done.ended, None, posting_id)
    await tell_held(done.held, posting_id)
    if done.changed:
        await tell_moved(day)
        await tell_changed(posting_id)
    await hand_over(done.responsible, posting_id)
    return {
        "added": len(done.made),
        "changed": len(done.changed),
        "unchanged": lines - len(done.made) - len(done.changed),
        "facts": done.facts,
    }


class DealersLoader(Unshared):
    """Dealers: a later value is added and never overwrites one; an empty cell says nothing."""

    spec = DEALERS
    settle = staticmethod(settle_codes)

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Faults of the lines; how many dealers are new and how many are known."""
        await check_dealers(load.person, load.effective_on)
        await record_other_currencies(load.beside_numbers, dealer_loads.CURRENCIES)
        return await dealer_loads.counts()

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Dealers added, changed, unchanged, and facts added."""
        return await load_dealers(load.person, posting_id, load.effective_on)

    async def stands(self, _load_id: int, posting_id: int) -> bool:
        """Whether no dealer's fact was recorded since."""
        return await dealer_loads.nothing_recorded_since(posting_id)


class ProductsLoader(Unshared):
    """Products and, with them, their lines."""

    spec = PRODUCTS
    settle = staticmethod(settle_codes)

    async def check(self, _load: Load) -> Mapping[str, Any]:
        """How many products are new and how many are known; there is nothing more to be wrong."""
        return await loads.product_counts()

    async def write(self, _load: Load, _posting_id: int) -> Mapping[str, int]:
        """Products added, products and lines changed, product lines added."""
        return await loads.write_products()

    async def stands(self, _load_id: int, _posting_id: int) -> bool:
        """Products have no postings: the file is looked at again, and what is there already stays as it is."""
        return False


class RatesLoader(Unshared):
    """Exchange rates: company currency per unit."""

    spec = RATES
    settle = staticmethod(settle_codes)

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Faults of the lines; how many rates are new or other than before."""
        company = await access.company_currency()
        await loads.check_rates(_SENTENCES["bad-currency"], _OWN_CURRENCY, currency_codes(), company)
        await record_other_currencies(load.beside_numbers, loads.COMPANY_CURRENCY, company)
        return await loads.rate_counts(company)

    async def write(self, _load: Load, posting_id: int) -> Mapping[str, int]:
        """Rates added."""
        return {"added": await loads.write_rates(posting_id, await access.company_currency())}

    async def stands(self, _load_id: int, posting_id: int) -> bool:
        """Whether no rate was recorded since."""
        return await loads.no_rate_since(posting_id)


class TerritoriesLoader(Unshared):
    """Territories by code and parent, or by path; a node that is there gets the name and place that the file says."""

    spec = TERRITORIES
    settle = staticmethod(settle_codes)

    async def check(self, _load: Load) -> Mapping[str, Any]:
        """Faults of the lines; how many nodes are new and how many are known."""
        nodes, known = await _nodes(), {row["code"] for row in await tree.territories()}
        for code, node in nodes.items():
            several = codes_meant(code, known)
            if len(several) > 1:
                told = reason("ambiguous-code", value=code, codes=", ".join(several))
                await loads.record_fault(node.line_no, "code", told.as_json())
            elif node.parent is not None and node.parent not in nodes and node.parent not in known:
                await loads.record_fault(node.line_no, "parent", reason("unknown-parent", value=node.parent).as_json())
            elif _is_own_parent(code, nodes):
                await loads.record_fault(node.line_no, "parent", reason("own-parent").as_json())
        return {"new": len(nodes.keys() - known), "known": len(nodes.keys() & known)}

    async def write(self, _load: Load, posting_id: int) -> Mapping[str, int]:
        """Nodes added, renamed, moved."""
        # Before anything of the tree is read: what was looked at outside of the lock may have moved since.
        await tree.hold_tree(alone=True)
        return await _write_territories(await _nodes(), posting_id)

    async def stands(self, _load_id: int, _posting_id: int) -> bool:
        """Names have no postings: the file is looked at again, and what is there already stays as it is."""
        return False


class _Node:
    """A territory as the file says it: parent by code, the line that named it first."""

    __slots__ = ("level", "line_no", "name", "parent")

    def __init__(self, name: str, level: str, parent: str | None, line_no: int) -> None:
        self.name, self.level, self.parent, self.line_no = name, level, parent, line_no


async def _nodes() -> dict[str, _Node]:
    spelling = _Spelling(row["code"] for row in await tree.territories())
    nodes: dict[str, _Node] = {}
    for row in await loads.incoming_territories():
        if row["path"]:
            for code, name, level, parent in territory_nodes(row["path"], row["path_levels"] or ""):
                nodes.setdefault(spelling.of(code), _Node(name, level, spelling.of(parent), row["line_no"]))
        elif row["code"]:
            parent = spelling.of(row["parent"])
            nodes[spelling.of(row["code"])] = _Node(row["name"], row["level"], parent, row["line_no"])
    return nodes


class _Spelling:
    """Territories' codes as they are stored, else as a file has them first; one that can be several stays as it is."""

    def __init__(self, stored: Iterable[str]) -> None:
        self._by_key: dict[str, list[str]] = {}
        for code in stored:
            self._by_key.setdefault(code_key(code), []).append(code)

    @overload
    def of(self, code: str) -> str: ...
    @overload
    def of(self, code: None) -> None: ...
    def of(self, code: str | None) -> str | None:
        """The code by which a territory of the file is known."""
        if code is None:
            return None
        meant = codes_meant(code, self._by_key.setdefault(code_key(code), [code]))
        return meant[0] if len(meant) == 1 else code


def _is_own_parent(code: str, nodes: Mapping[str, _Node]) -> bool:
    seen, at = {code}, nodes[code].parent
    while at is not None and at in nodes:
        if at in seen:
            return at == code
        seen.add(at)
        at = nodes[at].parent
    return False


async def _write_territories(nodes: Mapping[str, _Node], posting_id: int) -> dict[str, int]:
    known = {row["code"]: row for row in await tree.territories()}
    ids = {code: row["id"] for code, row in known.items()}
    done = {"added": 0, "renamed": 0, "moved": 0}
    waiting = [code for code in nodes if code not in ids]
    while waiting:
        ready = [code for code in waiting if nodes[code].parent is None or nodes[code].parent in ids]
        for code in ready:
            node = nodes[code]
            above = None if node.parent is None else ids[node.parent]
            ids[code] = await tree.record_territory(code, node.name, node.level, above, posting_id)
            done["added"] += 1
        waiting = [code for code in waiting if code not in ids]
        if not ready:  # `check` found what hangs under nothing; a partial load goes on without it
            break
    for code, node in nodes.items():
        if code in known:
            done["renamed"] += await _renamed(known[code], node)
            done["moved"] += await _moved(known[code], node, ids, posting_id)
    if done["added"] or done["moved"]:
        await rewrite_grants(await loads.every_grant())
    return done


async def _renamed(row: Record, node: _Node) -> int:
    if (row["name"], row["level"]) == (node.name, node.level):
        return 0
    await tree.rename_territory(row["id"], node.name, node.level)
    return 1


async def _moved(row: Record, node: _Node, ids: Mapping[str, int], posting_id: int) -> int:
    above = None if node.parent is None else ids.get(node.parent)
    if above == row["parent_id"] or (above is not None and await tree.is_at_or_below(above, row["id"])):
        return 0
    await tree.move_territory(row["id"], above, posting_id)
    return 1


LOADERS: Sequence[Loader] = (DealersLoader(), ProductsLoader(), TerritoriesLoader(), RatesLoader())
