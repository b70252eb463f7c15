"""Duties of members of staff by day, and the rights that they add."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "access-0011"
VERSION = "1.38.0"
DESCRIPTION = "duties by day"

SQL = """
-- What somebody can be charged with, and the rights that it adds. What may be among them is a closed list of the
-- service's (`ADDED_BY_DUTIES`), which reads no other; the database keeps out what would let anybody decide, keep
-- people or read the trail.
CREATE TABLE duty (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code    text NOT NULL CONSTRAINT duty_code_once UNIQUE,
    name    text NOT NULL,
    rights  text[] NOT NULL CONSTRAINT duty_decides_nothing CHECK (NOT rights && ARRAY[
        'decide limit', 'decide policy', 'propose policy', 'keep people', 'keep settings', 'read audit', 'operate',
        'close months', 'write off', 'keep territories', 'keep products', 'keep rates', 'keep unknown money'])
);
GRANT SELECT, INSERT, UPDATE (name, rights) ON duty TO channel_app;

-- Who has a duty on the days [from_on, to_on); ended earlier it is kept with its new end, on its first day with none.
CREATE TABLE staff_duty (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id   bigint NOT NULL REFERENCES staff_member (id),
    duty_id     bigint NOT NULL REFERENCES duty (id),
    from_on     date NOT NULL,
    to_on       date,
    CONSTRAINT staff_duty_days CHECK (to_on >= from_on),
    CONSTRAINT staff_duty_once EXCLUDE USING gist
        (member_id WITH =, duty_id WITH =, daterange(from_on, to_on) WITH &&)
);
CREATE INDEX staff_duty_member ON staff_duty (member_id);
CREATE INDEX staff_duty_duty ON staff_duty (duty_id);
GRANT SELECT, INSERT, UPDATE (to_on) ON staff_duty TO channel_app;

-- The rights that the duties of a day add to the person whose sign-in the member has, while the member is there.
CREATE FUNCTION rights_of_duties(asked bigint, day date) RETURNS text[] LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT added), '{}')
    FROM staff_member s JOIN staff_duty x ON x.member_id = s.id JOIN duty d ON d.id = x.duty_id
    CROSS JOIN LATERAL unnest(d.rights) AS added
    WHERE s.person_id = asked AND s.first_on <= day AND (s.last_on IS NULL OR s.last_on >= day)
      AND x.from_on <= day AND (x.to_on IS NULL OR x.to_on > day)
$$;

INSERT INTO duty (code, name, rights) VALUES
    ('head-of-region', 'Head of a region 大区负责人', '{}'),
    ('collector', 'Collector 催收员', '{}'),
    ('market-representative', 'Market representative 市场代表', '{}'),
    ('key-account-manager', 'Key-account manager 大客户经理', '{}'),
    ('technical', 'Technical support 技术支持', '{}'),
    ('recruiter', 'Recruiter of dealers 招商专员', '{}');
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="access", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
