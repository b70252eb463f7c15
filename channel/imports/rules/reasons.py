"""Why a line is refused, and what is noted without refusing: one code, one sentence."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from channel.errors import Message, m

REASONS: dict[str, Message] = {
    "missing": m("A value is missing."),
    "bad-date": m("“%(value)s” is not a date of the form %(expected)s."),
    "date-needs-form": m("“%(value)s” can be read in more than one way: set the form of the dates, such as D/M/YYYY."),
    "date-with-zone": m("“%(value)s” names a time zone, on which the day would depend; give the day alone."),
    "day-number": m("“%(value)s” is a spreadsheet's number for a day; give its column the format of a date."),
    "month-only": m("“%(value)s” is a month; a day is needed."),
    "no-such-month": m("“%(value)s”: there is no month %(month)s."),
    "no-such-day": m("“%(value)s”: no month has a day %(day)s."),
    "no-such-day-2": m("“%(value)s”: there is no %(day)s February %(year)s."),
    "no-such-day-4": m("“%(value)s”: there is no %(day)s April %(year)s."),
    "no-such-day-6": m("“%(value)s”: there is no %(day)s June %(year)s."),
    "no-such-day-9": m("“%(value)s”: there is no %(day)s September %(year)s."),
    "no-such-day-11": m("“%(value)s”: there is no %(day)s November %(year)s."),
    "date-out-of-range": m("%(value)s is before 1900 or after 2199."),
    "not-a-number": m("“%(value)s” is not a number with “%(decimal)s” before its decimals."),
    "percentage": m("“%(value)s” is a percentage; the number itself is needed."),
    "not-finite": m("“%(value)s” is not a number."),
    "hexadecimal": m("“%(value)s” is a hexadecimal number; decimal digits are needed."),
    "dash": m("“%(value)s” is a dash; leave the cell empty, or write 0 where that is meant."),
    "error-value": m("“%(value)s” is the error of a formula in the spreadsheet."),
    "number-with-unit": m("“%(value)s” has a unit; the number alone is needed."),
    "not-a-whole-number": m("%(value)s is not a whole number."),
    "out-of-range": m("%(value)s is out of range; expected %(expected)s."),
    "not-a-choice": m("“%(value)s” is not one of %(expected)s."),
    "bad-code": m("“%(value)s” is no code: up to 40 characters, not beginning with a space, without / ? # % \\."),
    "ambiguous-code": m("“%(value)s” can be any of %(codes)s, which differ only in how they are written."),
    "code-is-date": m("“%(value)s” is a date in the spreadsheet; give the column the format of a text."),
    "code-lost-digits": m(
        "“%(value)s” is a long number of which the spreadsheet keeps 15 digits; give the column the format of a text."
    ),
    "bad-currency": m("“%(value)s” is not a currency code of three letters, such as USD."),
    "bad-phone": m("“%(value)s” is no phone number such as +86 21 5555 0123 ext. 12."),
    "bad-mail": m("“%(value)s” is no mail address such as name@example.com."),
    "other-currency": m("“%(value)s” stands beside the number, and the line is in %(currency)s."),
    "too-long": m("The text is longer than %(limit)s characters."),
    "unmatched": m("“%(value)s” is not in the column %(column)s of %(file)s."),
    "unknown-dealer": m("The dealer %(value)s is not known."),
    "unknown-product": m("The product %(value)s is not known."),
    "unknown-line": m("The product line %(value)s is not known."),
    "unknown-territory": m("The territory %(value)s is not known."),
    "unknown-member": m("The member of staff %(value)s is not known."),
    "unknown-parent": m("The parent %(value)s is neither known nor in the file."),
    "unknown-second-tier": m("The second-tier customer %(value)s of this dealer is not known."),
    "no-rate": m("There is no rate of %(currency)s on %(date)s or in the 7 days before."),
    "outside-period": m("%(value)s is outside the period %(period)s."),
    "outside-dealers": m("The dealer %(value)s is not among the dealers of this report."),
    "duplicate-line": m("The document line is in the file already, at line %(line)s."),
    "loaded-line": m("The document line was loaded before, for a day that this report does not cover."),
    "duplicate-key": m("The same key is in the file already, at line %(line)s."),
    "own-parent": m("It is named as its own parent, directly or through others."),
    "ragged": m("Number of cells: %(found)s, in the header %(expected)s."),
    "open-quote": m("A quote opens in this line and takes in the %(count)s lines after it."),
    "bad-character": m("The line holds characters that cannot be read."),
    "formula-error": m("A formula in this row failed in the spreadsheet."),
    "counted-line": m("Line %(line)s of load %(load)s was brought already, by load %(by)s."),
    "not-rejected": m("Line %(line)s is none of the rejected lines of load %(load)s."),
    "counted-document": m("The document line counts already."),
    "spoken-for": m("Another report speaks for this dealer and day by now: load %(load)s."),
    "merged": m("The cell is merged with others (%(cells)s), and only the first of them holds a value."),
}
"""Code -> the sentence with its places. The code is stable and goes into the API; the sentence is translated."""

NOTES: dict[str, Message] = {
    "rounded": m("%(count)s values were rounded to the places that are stored."),
    "duplicate-column": m("The column %(about)s stands more than once in the header and cannot be used."),
    "unnamed-column": m("A column has no name and cannot be used."),
    "no-rows": m("There are no lines after the header."),
    "other-sheets": m("Other sheets of the workbook are not read: %(about)s"),
    "hidden-sheets": m("Hidden sheets of the workbook are not read: %(about)s"),
    "short-years": m("Years of two digits: 00 to 69 are read as 2000 to 2069, 70 to 99 as 1970 to 1999."),
    "decimal-comma": m("In the column %(column)s the comma stands before decimals, as its cells show."),
    "unused-column": m("The column %(column)s is not used."),
    "loaded-before": m("This file was loaded before in the same way; nothing has changed."),
}
"""What a person should know about a file that is not refused for it."""

UNREADABLE: dict[str, Message] = {
    "empty": m("The file is empty."),
    "too-large": m("The file is larger than %(limit)s bytes."),
    "not-a-table": m("The file is neither CSV nor XLSX."),
    "old-excel": m("This is an old or encrypted Excel file; save it as XLSX without a password, or as CSV."),
    "bad-workbook": m("The workbook is damaged and cannot be read."),
    "workbook-too-large": m("The workbook is too large to be read; save it as CSV."),
    "no-sheet": m("There is no sheet %(sheet)s in the workbook."),
    "line-too-long": m("A line is longer than %(limit)s bytes."),
    "record-too-long": m("A record is longer than %(limit)s characters; is a quote missing?"),
    "cell-too-long": m("The record at line %(line)s has a cell of more than %(limit)s characters; is a quote missing?"),
    "text-too-long": m("The workbook has a cell of more than %(limit)s characters."),
    "unknown-encoding": m("The encoding %(encoding)s is not known."),
    "unknown-delimiter": m("“%(delimiter)s” is no delimiter: it is one character, such as , ; | or tab."),
    "no-such-line": m("There is no header at line %(line)s."),
}
"""The problems of channel.files as messages, by the same codes and with the same places."""


def reason(code: str, **params: object) -> Message:
    """The message of a code of `REASONS` with its places filled; an unknown code raises `KeyError`."""
    return Message(REASONS[code].text, tuple(params.items()))


def code_of(message: Message) -> str:
    """The code whose sentence a message has; '' for a message of another origin."""
    return _CODES.get(message.text, "")


_CODES = {message.text: code for code, message in REASONS.items()}


@dataclass(frozen=True, slots=True)
class Reject:
    """Why the record at a line is refused; `field` is '' where the record as a whole is meant."""

    line_no: int
    code: str
    message: Message
    field: str = ""


LOAD_COLUMN, LINE_COLUMN = "rejected_load", "rejected_line"
REJECT_COLUMNS = (LOAD_COLUMN, LINE_COLUMN, "rejected_field", "reason", "原因")
"""Columns that a file of rejects has after the original ones. No field is proposed for them."""

Translate = Callable[[Message, str], str]
"""A message and a locale (`en`, `zh`) -> the sentence in that language."""


def reject_header(header: Sequence[str]) -> tuple[str, ...]:
    """The original columns and those of the reasons, which are not doubled when rejects are rejected again."""
    return (*(name for name in header if name not in REJECT_COLUMNS), *REJECT_COLUMNS)


def reject_rows(
    header: Sequence[str],
    load_id: int,
    rejected: Iterable[tuple[int, Sequence[str], Sequence[Reject]]],
    labels: Mapping[str, Message],
    translate: Translate,
) -> Iterator[tuple[str, ...]]:
    """Rows for `reject_header`: each refused record once, as it stood in the file, with all its reasons.

    `load_id` is the load whose file gave the lines their numbers; `rejected` gives (line number, cells, reasons). The
    cells are kept even where there are too few or too many of them.
    """
    kept = [place for place, name in enumerate(header) if name not in REJECT_COLUMNS]
    for line_no, cells, reasons in rejected:
        own = [cells[place] if place < len(cells) else "" for place in kept]
        if len(cells) > len(header) and own:
            own[-1] = " ".join([own[-1], *cells[len(header) :]]).strip()
        fields = "; ".join(dict.fromkeys(r.field for r in reasons if r.field))
        told = [_told(reasons, labels, locale, translate) for locale in ("en", "zh")]
        yield (*own, str(load_id), str(line_no), fields, *told)


def by_field(reasons: Iterable[tuple[str, Message]]) -> dict[str, list[Message]]:
    """The reasons of a line by their fields, in order: a field with several is named once."""
    found: dict[str, list[Message]] = {}
    for field, message in reasons:
        found.setdefault(field, []).append(message)
    return found


def _told(reasons: Sequence[Reject], labels: Mapping[str, Message], locale: str, translate: Translate) -> str:
    told = []
    for field, messages in by_field((r.field, r.message) for r in reasons).items():
        text = " ".join(translate(message, locale) for message in messages)
        name = translate(labels[field], locale) if field in labels else field
        told.append(f"{name}: {text}" if name else text)
    return " ".join(told)
