"""What a check found, as its lists tell it."""

import pytest

from channel.imports.lists import COVERED, SILENT
from channel.lists import List
from channel.web.language import language
from channel.web.list_cells import table_rows
from channel.web.listing import file_rows

ROW = {
    "code": "D-1", "name": "Rider", "month": "2025-01", "first": "2025-01-05", "last": "2025-01-31", "days": 12,
    "lines": 1, "complete": False,
}  # fmt: skip


@pytest.mark.parametrize("listed", [COVERED, SILENT])
def test_the_days_that_a_check_kept_are_told_as_days(listed: List) -> None:
    columns = listed.on_page(("first", "last"))
    for code, told in (("en", "5 Jan 2025"), ("zh", "2025年1月5日")):
        assert told in table_rows(language(code), columns, ("From", "To"), [ROW])
    (cells,) = file_rows(listed, [ROW], language("en"))
    assert [f"{each:%Y-%m-%d}" for each in cells if hasattr(each, "year")] == ["2025-01-05", "2025-01-31"]  # type: ignore[str-format]
