"""What has been found out about a dealer: what there is to find out, and each finding with its day and source."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "dealers-0012"
VERSION = "1.38.0"
DESCRIPTION = "observed facts"

SQL = """
-- Names in both languages stand with the row, as they may come to be people's own. `choices` are [code, English, Chinese].
CREATE TABLE observed_definition (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE,
    block       text NOT NULL CHECK (block IN ('basic', 'traits', 'business', 'trade')),
    kind        text NOT NULL CHECK (kind IN ('number', 'words', 'choice', 'yes-no', 'day')),
    name_en     text NOT NULL,
    name_zh     text NOT NULL,
    unit_en     text,
    unit_zh     text,
    choices     jsonb,
    stale_days  integer CHECK (stale_days > 0),
    needed_by   text[] NOT NULL,
    CONSTRAINT observed_definition_choices CHECK ((kind = 'choice') = (choices IS NOT NULL)),
    CONSTRAINT observed_definition_unit CHECK ((unit_en IS NULL) = (unit_zh IS NULL))
);
-- A row without a value says that from its day on nothing is known any more.
CREATE TABLE observed_fact (
    dealer_id      bigint NOT NULL REFERENCES dealer (id),
    id             bigint GENERATED ALWAYS AS IDENTITY,
    definition_id  bigint NOT NULL REFERENCES observed_definition (id),
    number         numeric(24, 6),
    words          text,
    observed_on    date NOT NULL,
    source         text NOT NULL,
    posting_id     bigint NOT NULL REFERENCES posting (id),
    PRIMARY KEY (dealer_id, id),
    CONSTRAINT observed_fact_one_value CHECK (number IS NULL OR words IS NULL)
);
CREATE INDEX observed_fact_latest ON observed_fact (dealer_id, definition_id, observed_on DESC, id DESC);
ALTER TABLE observed_fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON observed_fact FOR ALL TO channel_app
    USING ((SELECT scope_is_open()) OR EXISTS (SELECT FROM dealer d WHERE d.id = observed_fact.dealer_id
     AND d.territory_id = ANY ((SELECT scope_territories())::bigint[])));
GRANT SELECT ON observed_definition TO channel_app;
GRANT SELECT, INSERT ON observed_fact TO channel_app;

INSERT INTO observed_definition
    (code, block, kind, name_en, name_zh, unit_en, unit_zh, choices, stale_days, needed_by)
VALUES
    ('founded_on', 'basic', 'day', 'Founded on', '成立日期', NULL, NULL,
     NULL, NULL, '{wholesale,terminal}'),
    ('legal_form', 'basic', 'choice', 'Legal form', '企业组织形式', NULL, NULL,
     '[["limited","Limited company","有限责任公司"],["joint-stock","Joint-stock company","股份有限公司"],["partnership","Partnership","合伙企业"],["sole","Sole proprietorship","个人独资企业"],["household","Individual business","个体工商户"]]', NULL, '{wholesale,terminal}'),
    ('address', 'basic', 'words', 'Business address', '经营地址', NULL, NULL,
     NULL, 730, '{wholesale,terminal}'),
    ('trade', 'basic', 'words', 'Trade', '主营业务', NULL, NULL,
     NULL, 730, '{wholesale,terminal}'),
    ('years_open', 'basic', 'number', 'Years in business', '经营年限', 'years', '年',
     NULL, 365, '{}'),
    ('total_assets', 'basic', 'number', 'Total assets', '资产总额', 'dealer''s currency', '经销商币种',
     NULL, 365, '{wholesale}'),
    ('bank', 'basic', 'words', 'Bank', '开户银行', NULL, NULL,
     NULL, 730, '{}'),
    ('sales_area', 'traits', 'words', 'Sales area', '销售区域范围', NULL, NULL,
     NULL, 730, '{wholesale,terminal}'),
    ('floor_area', 'traits', 'number', 'Floor area', '营业面积', 'm²', '平方米',
     NULL, 730, '{terminal}'),
    ('sales_power', 'traits', 'choice', 'Sales power', '销售能力', NULL, NULL,
     '[["high","high","强"],["medium","medium","中等"],["low","low","弱"]]', 365, '{wholesale,terminal}'),
    ('potential', 'traits', 'choice', 'Potential', '发展潜力', NULL, NULL,
     '[["high","high","强"],["medium","medium","中等"],["low","low","弱"]]', 365, '{wholesale,terminal}'),
    ('business_ideas', 'traits', 'words', 'Business ideas', '经营理念', NULL, NULL,
     NULL, 730, '{}'),
    ('direction', 'traits', 'words', 'Direction of the business', '经营方向', NULL, NULL,
     NULL, 730, '{}'),
    ('business_policy', 'traits', 'words', 'Business policy', '经营政策', NULL, NULL,
     NULL, 730, '{}'),
    ('annual_revenue', 'business', 'number', 'Annual revenue', '年营业额', 'dealer''s currency', '经销商币种',
     NULL, 365, '{wholesale,terminal}'),
    ('employees', 'business', 'number', 'Employees', '员工人数', 'people', '人',
     NULL, 365, '{wholesale,terminal}'),
    ('sales_staff', 'business', 'number', 'Sales staff', '销售人员数', 'people', '人',
     NULL, 365, '{wholesale}'),
    ('staff_quality', 'business', 'choice', 'Quality of managers and sales staff', '管理及业务人员素质', NULL, NULL,
     '[["high","high","强"],["medium","medium","中等"],["low","low","弱"]]', 365, '{}'),
    ('relation_to_rivals', 'business', 'words', 'Relation to rivals', '与其他竞争者的关系', NULL, NULL,
     NULL, 365, '{wholesale,terminal}'),
    ('relation_to_us', 'business', 'words', 'Relation to us', '与本公司的业务关系', NULL, NULL,
     NULL, 365, '{}'),
    ('attitude', 'business', 'choice', 'Attitude to working with us', '合作态度', NULL, NULL,
     '[["eager","eager","积极"],["willing","willing","一般"],["reluctant","reluctant","消极"]]', 365, '{wholesale,terminal}'),
    ('sales_activity', 'trade', 'words', 'Sales activity', '销售活动现状', NULL, NULL,
     NULL, 365, '{wholesale,terminal}'),
    ('problems', 'trade', 'words', 'Problems', '存在的问题', NULL, NULL,
     NULL, 365, '{}'),
    ('strengths', 'trade', 'words', 'Strengths', '保持的优势', NULL, NULL,
     NULL, 365, '{}'),
    ('measures', 'trade', 'words', 'Measures to be taken', '未来的对策', NULL, NULL,
     NULL, 365, '{}'),
    ('public_image', 'trade', 'choice', 'Public image', '企业形象与声誉', NULL, NULL,
     '[["good","good","良好"],["fair","fair","一般"],["poor","poor","较差"]]', 365, '{wholesale,terminal}'),
    ('online', 'trade', 'yes-no', 'Sells online', '开展线上销售', NULL, NULL,
     NULL, 365, '{}');
"""


async def forwards() -> MigrationManager:
    """The manager whose one raw step carries out the script in the runner's transaction."""
    manager = MigrationManager(migration_id=ID, app_name="dealers", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(SQL)

    manager.add_raw(run)
    return manager
