"""The database as the rest of the house sees it: one held connection, its scope, its transactions, its clock.

A request, a job or a command holds one connection while it works (`held`); every query of every room runs on it,
Piccolo's as well, so that a pool of one connection is enough and the scope that row-level security reads is set exactly
once. What others pace, a client or a processor, goes on without one (`let_go`, `give_back`). Writing happens inside
`transaction()`, which stamps the postings made in it as its last act; what a request has written is kept when its
answer is whole (`until_answered`).
"""

from channel.database.asking import (
    change_exactly,
    check_changed,
    execute,
    execute_many,
    fetch,
    fetchrow,
    fetchval,
    planned_anew,
)
from channel.database.holding import (
    CLOSED,
    EVERYTHING,
    PICCOLO,
    UNHURRIED,
    Held,
    Patience,
    Scope,
    connection,
    given_to_piccolo,
    in_transaction,
    scope,
)
from channel.database.kept import acts_done, after_commit, commit, note_act, roll_back, until_answered
from channel.database.moments import AHEAD, CLOCK, known, latest_moment, measure_clock, settle
from channel.database.pool import (
    APP_ROLE,
    CONNECT_SECONDS,
    Reader,
    alone,
    close_pool,
    cut,
    give_back,
    held,
    let_go,
    narrow,
    open_pool,
    reader,
    take_time,
)
from channel.database.writing import note_posting, system_scope, transaction

__all__ = [
    "AHEAD",
    "APP_ROLE",
    "CLOCK",
    "CLOSED",
    "CONNECT_SECONDS",
    "EVERYTHING",
    "PICCOLO",
    "UNHURRIED",
    "Held",
    "Patience",
    "Reader",
    "Scope",
    "acts_done",
    "after_commit",
    "alone",
    "change_exactly",
    "check_changed",
    "close_pool",
    "commit",
    "connection",
    "cut",
    "execute",
    "execute_many",
    "fetch",
    "fetchrow",
    "fetchval",
    "give_back",
    "given_to_piccolo",
    "held",
    "in_transaction",
    "known",
    "latest_moment",
    "let_go",
    "measure_clock",
    "narrow",
    "note_act",
    "note_posting",
    "open_pool",
    "planned_anew",
    "reader",
    "roll_back",
    "scope",
    "settle",
    "system_scope",
    "take_time",
    "transaction",
    "until_answered",
]
