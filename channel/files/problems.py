"""Why a file cannot be read at all; what is wrong with single records is told by the records."""

PROBLEMS = {
    "empty": "The file is empty.",
    "too-large": "The file is larger than %(limit)s bytes.",
    "not-a-table": "The file is neither CSV nor XLSX.",
    "old-excel": "This is an old or encrypted Excel file; save it as XLSX without a password, or as CSV.",
    "bad-workbook": "The workbook is damaged and cannot be read.",
    "workbook-too-large": "The workbook is too large to be read; save it as CSV.",
    "no-sheet": "There is no sheet %(sheet)s in the workbook.",
    "line-too-long": "A line is longer than %(limit)s bytes.",
    "record-too-long": "A record is longer than %(limit)s characters; is a quote missing?",
    "cell-too-long": "The record at line %(line)s has a cell of more than %(limit)s characters; is a quote missing?",
    "text-too-long": "The workbook has a cell of more than %(limit)s characters.",
    "unknown-encoding": "The encoding %(encoding)s is not known.",
    "unknown-delimiter": "“%(delimiter)s” is no delimiter: it is one character, such as , ; | or tab.",
    "no-such-line": "There is no header at line %(line)s.",
}
"""Code -> English text with its places. Faces translate by the code, since this floor knows no messages."""


class Unreadable(ValueError):  # noqa: N818 - told to people as a state of the file, not as an error of ours
    """The file cannot be read; `code` is a key of `PROBLEMS`, `params` fill the places of its text."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code = code
        self.params = params
        super().__init__(PROBLEMS[code] % params)
