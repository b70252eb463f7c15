"""The duties that come with the service are told in the language of each reader."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0013"
VERSION = "1.38.0"
DESCRIPTION = "names of duties"

SQL = """
-- One name each, which is known again by its words and translated like all that the service wrote itself.
UPDATE duty d SET name = u.name FROM (VALUES
    ('Head of a region 大区负责人', 'Head of a region'),
    ('Collector 催收员', 'Collector'),
    ('Market representative 市场代表', 'Market representative'),
    ('Key-account manager 大客户经理', 'Key-account manager'),
    ('Technical support 技术支持', 'Technical support'),
    ('Recruiter of dealers 招商专员', 'Recruiter of dealers')) AS u (shipped, name)
WHERE d.name = u.shipped;
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
