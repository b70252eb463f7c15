"""What commands are asked alike."""

from datetime import date

import click
import pytest

from channel.cli.terminal.arguments import DAY


def test_a_day_is_read_and_asked_for_in_words() -> None:
    assert DAY.convert("2026-02-28", None, None) == date(2026, 2, 28)
    for wrong in ("2026-02-30", "28.2.2026", "", "2026-02-28T10:00"):
        with pytest.raises(click.BadParameter, match="is not a day such as 2013-01-31"):
            DAY.convert(wrong, None, None)
