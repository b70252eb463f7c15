"""The trail's words of the room `credit`."""

from channel.access.trail_words import Form, TrailWords, dated, subject_words
from channel.credit.file_kinds import FIGURES
from channel.credit.rules import POLICY
from channel.credit.rules.choices import FACT_NAMES
from channel.errors import Message, m
from channel.versions.trail_words import trail_of


def asked_words(asked: str) -> Message:
    """What a run was asked to assess: all dealers, one, or a territory."""
    return subject_words("", asked).words


def _run(rest: str) -> Message:
    number, _, asked = rest.partition(": ")
    return m("Run %(run)s: %(dealers)s", run=number, dealers=asked_words(asked))


def _fact(subject: str) -> Message:
    fact, _, factor = subject.partition(" ")
    words = _FACTS.get(fact, fact)
    return m("%(kind)s: %(name)s", kind=words, name=factor) if factor else m("%(kind)s", kind=words)


_FACTS = {**FACT_NAMES, "reference_limits": m("Limits of trade references")}

_POLICY = trail_of(POLICY)

TRAIL = TrailWords(
    acts={
        **_POLICY.acts,
        "approve limit": m("Limit approved"),
        "assess credit": m("Limits assessed"),
        "edit credit policy": m("Draft of a credit policy edited"),
        "end limit": m("Limit ended with the cooperation"),
        "keep credit fact": m("Credit information recorded"),
        "keep statement": m("Financial statement recorded"),
        "propose limit": m("Limit proposed"),
        "refuse limit": m("Limit refused"),
        "void statement": m("Financial statement voided"),
        "withdraw limit": m("Limit proposal withdrawn"),
    },
    forms=(
        Form("limit proposal ", lambda number: m("Limit proposal %(number)s", number=number), "/credit/proposals/"),
        *_POLICY.forms,
        Form("run ", _run, "/credit/runs/"),
        Form("statement of ", lambda day: m("Statement of %(day)s", day=dated(day))),
    ),
    subjects={
        "all dealers": m("all dealers"),
        "limits of ended dealers": m("Limits of dealers who have ended"),
        "statements of a file": m("Statements of a file"),
    },
    subjects_of={"keep credit fact": _fact},
    names={
        **FIGURES,
        "amounts": m("amounts"),
        "as_of": m("as of"),
        "computed": m("computed"),
        "in_force": m("limit in force before"),
        "policy": m("policy"),
        "run": m("run"),
        "withheld": m("withheld"),
    },
    values={
        "kind": {
            "base": m("Limit"),
            "temporary": m("Temporary increase"),
            "end": m("End of the limit"),
            "raise_end": m("End of a raise"),
        },
        "state": {
            "open": m("open"),
            "in force": m("in force"),
            "one approval more": m("one approval more"),
            "approved": m("approved"),
            "refused": m("refused"),
            "withdrawn": m("withdrawn"),
            "proposed": m("proposed"),
        },
    },
)
