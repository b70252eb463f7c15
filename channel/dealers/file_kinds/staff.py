"""The kind of file that brings the register of staff."""

from channel.access.rules import Right
from channel.access.rules.signing_in import LONGEST_LOGIN
from channel.errors import m
from channel.imports.rules.kinds import FileField, KindSpec, Type

_STAFF = (
    FileField(
        "code",
        m("Code"),
        m("The member's code, once and for all."),
        (
            "code",
            "staff code",
            "employee code",
            "employee id",
            "employee no",
            "staff id",
            "工号",
            "员工编号",
            "员工编码",
        ),
        Type.CODE,
        required=True,
        of="staff_member",
    ),
    FileField(
        "name",
        m("Full name"),
        m("The member's name."),
        ("name", "full name", "staff name", "employee name", "姓名", "员工姓名"),
        required=True,
        limit=100,
    ),
    FileField(
        "manager",
        m("Manager"),
        m("Code of the manager, who may stand in the same file; empty where it stays as it is."),
        ("manager", "manager code", "reports to", "supervisor", "上级工号", "直接上级", "上级", "主管"),
        Type.CODE,
        of="staff_member",
    ),
    FileField(
        "territory",
        m("Territory"),
        m("Code of the territory; a new member without one works for the whole company."),
        ("territory", "territory code", "region", "area", "区域", "区域编码", "销售区域", "大区", "地区"),
        Type.PATH,
        plain=True,
        of="territory",
    ),
    FileField(
        "first_on",
        m("First day"),
        m("The first day of work; a new member without one begins with the day from which the file holds."),
        ("first day", "first on", "start date", "hired on", "hire date", "入职日期", "入职时间"),
        Type.DATE,
    ),
    FileField(
        "last_on",
        m("Last day"),
        m("The last day of work."),
        ("last day", "last on", "end date", "left on", "离职日期", "离职时间"),
        Type.DATE,
    ),
    FileField(
        "login",
        m("Sign-in name"),
        m("Of the person who signs in."),
        ("login", "sign-in name", "user", "user name", "account", "登录名", "账号", "用户名"),
        limit=LONGEST_LOGIN,
    ),
    FileField(
        "duties",
        m("Duties"),
        m("Codes of duties, separated by semicolons, from the day on from which the file holds; others stay."),
        ("duties", "duty", "职责", "职务", "岗位"),
        Type.LIST,
        of="duty",
    ),
)
STAFF = KindSpec("staff", m("Staff"), _STAFF, (Right.KEEP_PEOPLE,), m("Staff loaded"), 230, key=("code",))
