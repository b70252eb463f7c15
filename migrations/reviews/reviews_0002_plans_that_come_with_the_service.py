"""The plans of reviews that come with the service."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "reviews-0002"
VERSION = "1.38.0"
DESCRIPTION = "plans that come with the service"

SQL = """
WITH shipped AS (
    INSERT INTO posting (act, actor, recorded_at) VALUES ('ship review plan', 'channel', '1900-01-01 00:00:00+00')
    RETURNING id
)
INSERT INTO review_plan (code, posting_id)
SELECT u.code, shipped.id FROM shipped, (VALUES
    ('receivables-weekly'),
    ('receivables-monthly'),
    ('limit-ends'),
    ('limit-used'),
    ('statements-yearly'),
    ('stale-files')) AS u (code);

SELECT ship_document_of('review plan', 'receivables-weekly', '{
 "name": "Receivables each week",
 "kind": "receivables",
 "when": {"rhythm": "weekly", "weekday": "monday", "day": 1, "month": 1, "once_on": null, "again_days": 30,
    "missed": "last"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": true, "use_above": "0.8", "days_above": null, "days_above_days": 30,
    "limit_ends_days": null, "statement_old": false, "file_months": null, "contact_days": null,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 5, "remind_days": 1,
    "escalate_days": 2},
 "findings": [
  {"finding": "overdue_rising", "edge": "0.1", "weight": 30},
  {"finding": "days_worse", "edge": "5", "weight": 20},
  {"finding": "use_high", "edge": "0.8", "weight": 20},
  {"finding": "promise_broken", "edge": "0", "weight": 30},
  {"finding": "incidents", "edge": "0", "weight": 20},
  {"finding": "sell_in_above", "edge": "1.2", "weight": 15},
  {"finding": "reports_missing", "edge": "0", "weight": 5},
  {"finding": "terms_stretched", "edge": "0", "weight": 10},
  {"finding": "limit_off", "edge": "0.1", "weight": 15},
  {"finding": "limit_ends", "edge": "30", "weight": 20}
 ]
}', 'A plan that comes with the service');

SELECT ship_document_of('review plan', 'receivables-monthly', '{
 "name": "Receivables each month",
 "kind": "receivables",
 "when": {"rhythm": "monthly", "weekday": "monday", "day": 1, "month": 1, "once_on": null, "again_days": 30,
    "missed": "each"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": false, "use_above": null, "days_above": null, "days_above_days": 30,
    "limit_ends_days": null, "statement_old": false, "file_months": null, "contact_days": null,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 10, "remind_days": 2,
    "escalate_days": 2},
 "findings": [
  {"finding": "overdue_rising", "edge": "0.1", "weight": 30},
  {"finding": "days_worse", "edge": "5", "weight": 20},
  {"finding": "use_high", "edge": "0.8", "weight": 20},
  {"finding": "promise_broken", "edge": "0", "weight": 30},
  {"finding": "incidents", "edge": "0", "weight": 20},
  {"finding": "sell_in_above", "edge": "1.2", "weight": 15},
  {"finding": "reports_missing", "edge": "0", "weight": 5},
  {"finding": "terms_stretched", "edge": "0", "weight": 10},
  {"finding": "limit_off", "edge": "0.1", "weight": 15},
  {"finding": "limit_ends", "edge": "30", "weight": 20}
 ]
}', 'A plan that comes with the service');

SELECT ship_document_of('review plan', 'limit-ends', '{
 "name": "Limits that end",
 "kind": "limit",
 "when": {"rhythm": "event", "weekday": "monday", "day": 1, "month": 1, "once_on": null, "again_days": 30,
    "missed": "last"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": false, "use_above": null, "days_above": null, "days_above_days": 30,
    "limit_ends_days": 30, "statement_old": false, "file_months": null, "contact_days": null,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 10, "remind_days": 3,
    "escalate_days": 2},
 "findings": [
  {"finding": "limit_off", "edge": "0.1", "weight": 15},
  {"finding": "limit_ends", "edge": "30", "weight": 20},
  {"finding": "limit_old", "edge": "12", "weight": 5},
  {"finding": "use_high", "edge": "0.8", "weight": 20},
  {"finding": "overdue_rising", "edge": "0.1", "weight": 30},
  {"finding": "days_worse", "edge": "5", "weight": 20},
  {"finding": "incidents", "edge": "0", "weight": 20},
  {"finding": "sell_in_above", "edge": "1.2", "weight": 15},
  {"finding": "terms_stretched", "edge": "0", "weight": 10},
  {"finding": "statement_old", "edge": null, "weight": 5}
 ]
}', 'A plan that comes with the service');

SELECT ship_document_of('review plan', 'limit-used', '{
 "name": "Limits used for a month",
 "kind": "limit",
 "when": {"rhythm": "event", "weekday": "monday", "day": 1, "month": 1, "once_on": null, "again_days": 30,
    "missed": "last"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": false, "use_above": null, "days_above": "0.9", "days_above_days": 30,
    "limit_ends_days": null, "statement_old": false, "file_months": null, "contact_days": null,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 5, "remind_days": 1,
    "escalate_days": 2},
 "findings": [
  {"finding": "limit_off", "edge": "0.1", "weight": 15},
  {"finding": "limit_ends", "edge": "30", "weight": 20},
  {"finding": "limit_old", "edge": "12", "weight": 5},
  {"finding": "use_high", "edge": "0.8", "weight": 20},
  {"finding": "overdue_rising", "edge": "0.1", "weight": 30},
  {"finding": "days_worse", "edge": "5", "weight": 20},
  {"finding": "incidents", "edge": "0", "weight": 20},
  {"finding": "sell_in_above", "edge": "1.2", "weight": 15},
  {"finding": "terms_stretched", "edge": "0", "weight": 10},
  {"finding": "statement_old", "edge": null, "weight": 5}
 ]
}', 'A plan that comes with the service');

SELECT ship_document_of('review plan', 'statements-yearly', '{
 "name": "Financial statements each year",
 "kind": "statements",
 "when": {"rhythm": "yearly", "weekday": "monday", "day": 1, "month": 5, "once_on": null, "again_days": 30,
    "missed": "last"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": false, "use_above": null, "days_above": null, "days_above_days": 30,
    "limit_ends_days": null, "statement_old": false, "file_months": null, "contact_days": null,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 20, "remind_days": 5,
    "escalate_days": 5},
 "findings": [
  {"finding": "statement_old", "edge": null, "weight": 5}
 ]
}', 'A plan that comes with the service');

SELECT ship_document_of('review plan', 'stale-files', '{
 "name": "Files not kept up",
 "kind": "stale_file",
 "when": {"rhythm": "quarterly", "weekday": "monday", "day": 15, "month": 1, "once_on": null, "again_days": 30,
    "missed": "last"},
 "dealers": {
  "statuses": [{"status": "active"},  {"status": "on hold"}],
  "territories": [],
  "grades": [],
  "type": null,
  "currency": null,
  "responsible": null
 },
 "conditions": {"overdue": false, "use_above": null, "days_above": null, "days_above_days": 30,
    "limit_ends_days": null, "statement_old": true, "file_months": 12, "contact_days": 90,
    "hold_placed": false, "promise_broken": false},
 "deciding": {"role": "finance", "duty": null, "to_responsible": true, "days": 20, "remind_days": 5,
    "escalate_days": 5},
 "findings": [
  {"finding": "statement_old", "edge": null, "weight": 5},
  {"finding": "file_stale", "edge": "12", "weight": 5},
  {"finding": "no_contact", "edge": "90", "weight": 5}
 ]
}', 'A plan that comes with the service');

"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="reviews", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
