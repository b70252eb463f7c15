"""Workbooks as people make them: covers before the table, merged cells, rows and sheets that are hidden."""

import io
from collections.abc import Callable, Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

HEADER = ("Dealer", "Date", "Product", "Quantity", "Amount")


def workbook(rows: Sequence[Sequence[object]], change: Callable[[Worksheet], None] = lambda _: None) -> bytes:
    """A cover, the sheet `Report` with a header and rows that `change` may alter, and a hidden sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        cover = book.add_worksheet("Cover")
        cover.write_row(0, 0, ["Monthly report", "of the East"])
        cover.write_row(1, 0, ["made by", "Grace"])
        report = book.add_worksheet("Report")
        for line, row in enumerate((HEADER, *rows)):
            report.write_row(line, 0, row)
        change(report)
        notes = book.add_worksheet("Notes")
        notes.write_row(0, 0, HEADER)
        notes.hide()
    return out.getvalue()
