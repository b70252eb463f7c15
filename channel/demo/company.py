"""What is fixed about the made-up company: its territories, its goods, its people, and words for its dealers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from channel.access.rules.mail import Messages

COMPANY_CURRENCY = "CNY"
OTHER_CURRENCY = "HKD"
SEED = 20_130_101


@dataclass(frozen=True, slots=True)
class Node:
    """A territory: its code, names, level and the code of the one above."""

    code: str
    name: str
    level: str
    parent: str | None


_REGIONS: Mapping[tuple[str, str], Mapping[tuple[str, str], Sequence[str]]] = {
    ("E", "East China 华东"): {
        ("SH", "Shanghai 上海"): ("Pudong 浦东", "Minhang 闵行"),
        ("HZ", "Hangzhou 杭州"): ("Xihu 西湖", "Yuhang 余杭"),
        ("NJ", "Nanjing 南京"): ("Xuanwu 玄武", "Jiangning 江宁"),
        ("SZ", "Suzhou 苏州"): ("Gusu 姑苏", "Kunshan 昆山"),
    },
    ("S", "South China 华南"): {
        ("GZ", "Guangzhou 广州"): ("Tianhe 天河", "Panyu 番禺"),
        ("SN", "Shenzhen 深圳"): ("Nanshan 南山", "Longgang 龙岗"),
        ("XM", "Xiamen 厦门"): ("Siming 思明", "Jimei 集美"),
    },
    ("N", "North China 华北"): {
        ("BJ", "Beijing 北京"): ("Chaoyang 朝阳", "Haidian 海淀"),
        ("TJ", "Tianjin 天津"): ("Heping 和平", "Binhai 滨海"),
        ("QD", "Qingdao 青岛"): ("Shinan 市南", "Huangdao 黄岛"),
    },
    ("H", "Hong Kong and Macau 港澳"): {
        ("HK", "Hong Kong 香港"): ("Hong Kong Island 港岛", "Kowloon 九龙", "New Territories 新界"),
        ("MO", "Macau 澳门"): ("Macau Peninsula 澳门半岛", "Taipa 氹仔"),
    },
}


def territories() -> list[Node]:
    """The tree from the top down: region, city, district."""
    nodes = []
    for (code, name), cities in _REGIONS.items():
        nodes.append(Node(code, name, "region", None))
        for (city, city_name), districts in cities.items():
            nodes.append(Node(f"{code}-{city}", city_name, "city", code))
            nodes += [
                Node(f"{code}-{city}-{number}", district, "district", f"{code}-{city}")
                for number, district in enumerate(districts, start=1)
            ]
    return nodes


@dataclass(frozen=True, slots=True)
class Line:
    """A product line: the type of dealer that should sell it, how it sells over the year (January first), its goods.

    `goods` are name and list price in the company's currency.
    """

    code: str
    name: str
    wanted_type: str
    unit: str
    season: tuple[float, ...]
    goods: tuple[tuple[str, int], ...]


_LOOKED_AFTER = (
    ("E-SH", "E12"), ("E-HZ", "E13"), ("E", "E11"), ("H", "E22"), ("S", "E21"), ("N-BJ", "E32"), ("N", "E31"),
)  # fmt: skip


def looks_after(territory: str) -> str:
    """Who of the staff looks after the dealers of a territory, by the narrowest that is somebody's."""
    return next((member for place, member in _LOOKED_AFTER if territory.startswith(place)), "")


LINES: tuple[Line, ...] = (
    Line(
        "AC",
        "Air conditioners 空调",
        "wholesale",
        "set 台",
        (0.45, 0.55, 0.85, 1.15, 1.5, 1.9, 1.85, 1.3, 0.75, 0.5, 0.6, 0.6),
        (
            ("Wall unit 1.0 HP 挂机 1 匹", 1_899),
            ("Wall unit 1.5 HP 挂机 1.5 匹", 2_399),
            ("Floor unit 3 HP 柜机 3 匹", 5_499),
            ("Duct unit 风管机", 7_899),
            ("Portable unit 移动空调", 1_399),
        ),
    ),
    Line(
        "HT",
        "Heaters 取暖器",
        "wholesale",
        "piece 件",
        (1.7, 1.2, 0.7, 0.4, 0.3, 0.3, 0.35, 0.5, 0.95, 1.5, 2.1, 2.0),
        (
            ("Oil radiator 油汀", 459),
            ("Fan heater 暖风机", 189),
            ("Panel heater 踢脚线取暖器", 599),
            ("Bathroom heater 浴霸", 799),
        ),
    ),
    Line(
        "KA",
        "Kitchen appliances 厨房电器",
        "terminal",
        "piece 件",
        (1.25, 0.7, 0.85, 0.9, 1.05, 1.15, 0.85, 0.85, 1.05, 1.0, 1.45, 0.9),
        (
            ("Range hood 油烟机", 2_199),
            ("Gas hob 燃气灶", 1_299),
            ("Steam oven 蒸烤箱", 3_999),
            ("Rice cooker 电饭煲", 399),
            ("Dishwasher 洗碗机", 3_599),
        ),
    ),
    Line(
        "WP",
        "Water purifiers 净水设备",
        "terminal",
        "piece 件",
        (0.9, 0.75, 1.0, 1.0, 1.1, 1.15, 1.15, 1.1, 1.0, 0.95, 1.05, 0.85),
        (
            ("Under-sink purifier 厨下净水器", 1_799),
            ("Whole-house filter 前置过滤器", 999),
            ("Water dispenser 台式净饮机", 1_199),
        ),
    ),
    Line(
        "SP",
        "Spare parts and filters 配件滤芯",
        "",
        "piece 件",
        (0.9, 0.85, 1.0, 1.0, 1.05, 1.1, 1.1, 1.05, 1.0, 0.95, 1.0, 1.0),
        (("Filter set 滤芯套装", 149), ("Remote control 遥控器", 49), ("Installation kit 安装辅材包", 119)),
    ),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in to the demonstration, where he works if his reach is bounded, and when he is told."""

    login: str
    name: str
    role: str
    territories: tuple[str, ...] = ()
    messages: Messages = Messages.DAILY


ACCOUNTS: tuple[Account, ...] = (
    Account("admin", "Lin An 林安", "administrator"),
    Account("fang", "Fang Yuan 方圆", "finance"),
    Account("grace", "Grace Ho 何慧", "finance"),
    Account("qian", "Qian Jin 钱进", "finance"),
    Account("mei", "Mei Li 梅丽", "manager", messages=Messages.AT_ONCE),
    Account("oscar", "Oscar Wu 吴奥", "manager"),
    Account("dong", "Dong Hao 董浩", "regional", ("E",)),
    Account("nancy", "Nancy Lau 刘楠", "regional", ("S", "H"), Messages.AT_ONCE),
    Account("zhong", "Zhong Zheng 钟正", "auditor", messages=Messages.NONE),
)
PASSWORD = "open the demonstration"  # noqa: S105 - printed for everybody; it opens made-up data alone

CHINESE_FIRST: Sequence[str] = tuple("恒鑫宏瑞盛嘉华信泰联广达永康金源德润东方海天云腾中诚")
CHINESE_SECOND: Sequence[str] = tuple("丰隆兴通达源泰和顺昌茂旺辉成利安平远博雅")
PINYIN: Mapping[str, str] = MappingProxyType(
    {
        "恒": "Heng",
        "鑫": "Xin",
        "宏": "Hong",
        "瑞": "Rui",
        "盛": "Sheng",
        "嘉": "Jia",
        "华": "Hua",
        "信": "Xin",
        "泰": "Tai",
        "联": "Lian",
        "广": "Guang",
        "达": "Da",
        "永": "Yong",
        "康": "Kang",
        "金": "Jin",
        "源": "Yuan",
        "德": "De",
        "润": "Run",
        "东": "Dong",
        "方": "Fang",
        "海": "Hai",
        "天": "Tian",
        "云": "Yun",
        "腾": "Teng",
        "中": "Zhong",
        "诚": "Cheng",
        "丰": "Feng",
        "隆": "Long",
        "兴": "Xing",
        "通": "Tong",
        "和": "He",
        "顺": "Shun",
        "昌": "Chang",
        "茂": "Mao",
        "旺": "Wang",
        "辉": "Hui",
        "成": "Cheng",
        "利": "Li",
        "安": "An",
        "平": "Ping",
        "远": "Yuan",
        "博": "Bo",
        "雅": "Ya",
    }
)
WHOLESALE_WORDS: Sequence[tuple[str, str]] = (
    ("贸易有限公司", "Trading"),
    ("商贸有限公司", "Commerce"),
    ("电器批发有限公司", "Appliance Wholesale"),
    ("供应链有限公司", "Supply Chain"),
)
TERMINAL_WORDS: Sequence[tuple[str, str]] = (
    ("家电有限公司", "Home Appliances"),
    ("厨卫专营店", "Kitchen & Bath"),
    ("电器城", "Electric City"),
    ("舒适家居有限公司", "Comfort Living"),
    ("环境科技有限公司", "Environment Technology"),
)
ENGLISH_FIRST: Sequence[str] = (
    "Harbour", "Victoria", "Peak", "Lion Rock", "Jade", "Pearl River", "Golden Gate", "Kowloon", "Orient", "Summit",
    "Evergreen", "Silverlink", "Bayview", "Nova", "Crown", "Union", "Pacific", "Lucky", "Star", "Bright",
)  # fmt: skip
ENGLISH_LAST: Sequence[str] = (
    "Trading Ltd", "Appliances", "Home Living", "Electrical Co", "Air & Water", "Kitchens", "Supplies", "Engineering",
)  # fmt: skip
CONTACTS: Sequence[str] = (
    "王建国", "李敏", "张伟", "Chan Tai Man", "刘洋", "陈静", "Wong Ka Yan", "赵磊", "黄丽", "周杰", "Lee Mei", "吴强",
    "徐芳", "孙涛", "Ng Siu Ming", "朱红", "马超", "胡斌", "Cheung Wai", "郭亮",
)  # fmt: skip

RATE_AT_FIRST = Decimal("0.9180")
"""Company currency for one HKD when the story begins."""
