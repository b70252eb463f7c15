"""A grant of exclusivity is closed once, and a record's own keys are never changed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0005"
VERSION = "1.38.0"
DESCRIPTION = "what is closed stays"

SQL = """
-- Codes stay: whatever was written down names them.
REVOKE UPDATE ON product_line, product, dealer, contact, second_tier FROM channel_app;
GRANT UPDATE (name, wanted_type) ON product_line TO channel_app;
GRANT UPDATE (name, line_id, unit) ON product TO channel_app;
GRANT UPDATE (name, selling_way, assortment, margin_level, price_level, price_transparency, brands_carried,
              exclusivity_wanted, type, territory_id, parent_id, grade, status, currency, terms_days)
    ON dealer TO channel_app;
GRANT UPDATE (name, role, phone, email) ON contact TO channel_app;
GRANT UPDATE (name, kind) ON second_tier TO channel_app;

-- Everybody reads all grants, because an overlap must be found whoever asks; nobody opens one again.
ALTER TABLE exclusivity ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON exclusivity FOR ALL TO channel_app USING (true);
CREATE POLICY closed_once ON exclusivity AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (closed_by IS NULL) WITH CHECK (closed_by IS NOT NULL);

-- An ending with which all is done is never due again.
CREATE POLICY done_once ON dealer_ended AS RESTRICTIVE FOR UPDATE TO channel_app
    USING (due_on IS NOT NULL) WITH CHECK (true);
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
