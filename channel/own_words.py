"""What the service itself wrote where people write: told to every reader in their own language.

The policy that comes with the service has a name and a note, the duties that come with it have names, and a run that is
given no reason says what it was. They are kept as texts, like those of people, and known again by their words; what
people wrote is never translated.
"""

import re
from datetime import date

from channel.errors import Message, m

_WRITTEN = {
    str(each): each
    for each in (
        m("Turnover on sell-in"),
        m("The policy that comes with the service"),
        m("The rules that come with the service"),
        m("Standard"),
        m("published table, holes closed"),
        m("cooperation ended"),
        m("no credit"),
        m("watch closely"),
        m("normal"),
        m("larger limit"),
        m("Head of a region"),
        m("Collector"),
        m("Market representative"),
        m("Key-account manager"),
        m("Technical support"),
        m("Recruiter of dealers"),
        m("Receivables each week"),
        m("Receivables each month"),
        m("Limits that end"),
        m("Limits used for a month"),
        m("Financial statements each year"),
        m("Files not kept up"),
        m("A plan that comes with the service"),
    )
}
_RUN = re.compile(r"assessment of (?P<day>\d{4}-\d\d-\d\d), policy (?P<version>\d+)")


def reason_of_run(as_of: date, policy_version: int) -> str:
    """The reason of a run's proposals where nobody gave one, as it is kept."""
    return str(_of_run(as_of.isoformat(), str(policy_version)))


def own(text: str) -> Message | str:
    """A text that is kept: as a message when the service wrote it, else as it stands."""
    run = _RUN.fullmatch(text)
    return _of_run(run["day"], run["version"]) if run else _WRITTEN.get(text, text)


def _of_run(day: str, version: str) -> Message:
    return m("assessment of %(day)s, policy %(version)s", day=day, version=version)
