"""The trail's words of a kind of versioned document."""

from channel.access.trail_words import Form, TrailWords
from channel.errors import m
from channel.versions.rules import Paper, T


def trail_of(paper: Paper[T]) -> TrailWords:
    """How the acts on its versions, and the versions, are called."""
    acts = {
        "draft": m("%(kind)s drafted", kind=paper.kind),
        "edit": m("Draft of %(one)s edited", one=paper.one),
        "propose": m("%(kind)s proposed", kind=paper.kind),
        "approve": m("%(kind)s approved", kind=paper.kind),
        "refuse": m("%(kind)s refused", kind=paper.kind),
        "withdraw": m("%(kind)s withdrawn", kind=paper.kind),
    }
    return TrailWords(
        acts={f"{act} {paper.code}": words for act, words in acts.items()},
        forms=(
            Form(
                f"{paper.code} ",
                lambda number: m("%(kind)s %(number)s", kind=paper.kind, number=number),
                None if paper.has_owner else f"{paper.address}/",
            ),
        ),
    )
