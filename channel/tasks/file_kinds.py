"""The kind of file that brings the company's days off."""

from channel.access.rules import Right
from channel.errors import m
from channel.imports.rules.kinds import FileField, KindSpec, Type
from channel.tasks.rules.working_days import LONGEST_WORDS

HOLIDAYS = KindSpec(
    "holidays",
    m("Days off"),
    (
        FileField(
            "day",
            m("Day"),
            m("The date that is not as its weekday says."),
            ("day", "date", "holiday date", "日期", "节假日日期"),
            Type.DATE,
            required=True,
        ),
        FileField(
            "words",
            m("What it is"),
            m("Such as the name of the holiday."),
            ("what it is", "name", "holiday", "holiday name", "description", "名称", "节日", "节假日", "说明"),
            required=True,
            limit=LONGEST_WORDS,
        ),
        FileField(
            "works",
            m("Working day"),
            m("Whether the company works on it; without it it does not."),
            ("works", "working day", "is workday", "workday", "是否上班", "上班"),
            Type.FLAG,
        ),
    ),
    (Right.KEEP_SETTINGS,),
    m("Days off loaded"),
    240,
    key=("day",),
)
FILES = (HOLIDAYS,)
