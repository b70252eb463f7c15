"""How acts on tasks and on the company's calendar are told in the trail."""

from channel.access.rules import Right
from channel.access.trail_words import Form, TrailWords
from channel.errors import m

TRAIL = TrailWords(
    acts={
        "add task": m("Task written down"),
        "finish task": m("Task done"),
        "put off task": m("Task put off"),
        "hand on task": m("Task handed on"),
        "withdraw task": m("Task withdrawn"),
        "open tasks": m("Tasks opened"),
        "end tasks": m("Tasks ended, since their cause is gone"),
        "hand on tasks": m("Tasks handed on to who may do them"),
        "escalate tasks": m("Late tasks escalated"),
        "send mail again": m("Mail sent again"),
        "send test mail": m("Test of the mail sent"),
        "set working week": m("Working days of the week set"),
        "set escalation": m("Escalation of late tasks set"),
        "set company day": m("Day off or further working day set"),
        "take back company day": m("Day off or further working day taken back"),
    },
    forms=(
        Form("mail ", lambda number: m("Mail %(number)s", number=number)),
        Form("task ", lambda number: m("Task %(number)s", number=number), "/tasks/", Right.SEE_DEALERS),
        Form("company day ", lambda day: m("Day %(day)s", day=day)),
    ),
    subjects={"company calendar": m("Company calendar")},
    names={
        "due_on": m("due on"),
        "owner": m("owner"),
        "what": m("what"),
        "weekdays": m("working days of the week, Monday is 1"),
        "escalate_days": m("escalated after working days"),
        "works": m("the company works"),
        "words": m("what it is"),
    },
)
