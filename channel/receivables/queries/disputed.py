"""What of the open items was disputed, on a day or on many, as known at a moment; `rules.disputes` says the same."""

from channel.database.posted import known
from channel.receivables.queries.standing import standing, standing_today, stretches

_CONTESTED = "(x.dealer_id, x.document_id) IN (SELECT dealer_id, document_id FROM contested)"


def disputed(whose: str, as_of: str, known_at: str, *, today: bool = False) -> str:
    """SQL: what of each item was disputed, where anything was; never more than was left of it.

    Rows are those of `standing`, with `disputed` beside what was left (`amount`). `today` says that everything posted
    counts on the day (`standing.is_today`).
    """
    those = f"{whose} AND {_CONTESTED}"
    left = standing_today(those) if today else standing(those, as_of, known_at)
    return _spread(whose, f"ARRAY[{as_of}::date]", known_at, f"SELECT *, 1 AS first, 1 AS last FROM ({left}) AS one")


def disputed_part(rows: str, item: str) -> str:
    """SQL: what of an item (the alias of its row) is disputed by these rows of `disputed`, null where nothing is.

    It is looked up in a map that is made once. Joined, each item would be compared with each row: how many there are
    the planner cannot tell.
    """
    key = "{0}.document_id || '/' || {0}.instalment"
    made = f"SELECT jsonb_object_agg({key.format('part')}, part.disputed) FROM ({rows}) AS part"
    return f"(({made}) ->> ({key.format(item)}))::numeric"


def disputed_on_each(whose: str, days: str, known_at: str) -> str:
    """SQL: the same on many days in one reading, as `stretches` reads them, with the `place` of each row's day."""
    return _spread(whose, f"({days}::date[])", known_at, stretches(f"{whose} AND {_CONTESTED}", days, known_at))


def _spread(whose: str, days: str, known_at: str, left: str) -> str:
    """SQL: what is contested of a document, laid on what was left of its instalments, the first ones first."""
    # What is contested stands as a row before the instalments, not joined to them: how many of both there are the
    # planner cannot tell, and it would compare each with each.
    item = "PARTITION BY place, dealer_id, document_id ORDER BY instalment"
    return f"""
    WITH contested AS MATERIALIZED (
        SELECT at.place, x.dealer_id, x.document_id, sum(x.amount) AS amount
        FROM dispute x JOIN posting p ON p.id = x.posting_id
        JOIN unnest({days}) WITH ORDINALITY AS at (as_of, place) ON x.effective_on <= at.as_of
        WHERE {whose} AND {known(known_at)}
          AND NOT EXISTS (SELECT FROM dispute_end e JOIN posting p ON p.id = e.posting_id
                          WHERE e.dealer_id = x.dealer_id AND e.dispute_id = x.id AND e.effective_on <= at.as_of
                            AND {known(known_at)})
        GROUP BY 1, 2, 3
    )
    SELECT * FROM (
        SELECT place, dealer_id, document_id, instalment, currency, due_on, effective_on, amount,
               least(amount, greatest(sum(contested) OVER ({item}) - sum(amount) OVER ({item}) + amount, 0)) AS disputed
        FROM (
            SELECT at.place, l.dealer_id, l.document_id, l.instalment, l.currency, l.due_on, l.effective_on, l.amount,
                   0 AS contested
            FROM ({left}) AS l
            JOIN generate_series(1, cardinality({days})) AS at (place) ON at.place BETWEEN l.first AND l.last
            UNION ALL
            SELECT place, dealer_id, document_id, 0, NULL, NULL, NULL, 0, amount FROM contested
        ) AS each
    ) AS spread WHERE disputed > 0
    """
