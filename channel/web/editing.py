"""Forms that carry what they showed when they were opened (`channel.edits`), shown again when they are refused."""

from collections.abc import Mapping

from channel.edits import Overtaken
from channel.errors import Refused


def still_typed(form: Mapping[str, str], refused: Refused) -> dict[str, str]:
    """What of a refused form is shown as it was typed.

    All of it; but where somebody else was quicker only what its writer changed, beside what stands now: sent again it
    puts that in the place of what it now shows.
    """
    if not isinstance(refused, Overtaken):
        return dict(form)
    return {name: value for name, value in form.items() if name in refused.mine}
