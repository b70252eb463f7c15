"""Tables in files, in and out: CSV and XLSX become rows of text, and rows become CSV and XLSX.

Knows nothing of dealers or imports; a file is read in constant memory (XLSX within limits), with the line
number under which a person finds the record in the file.
"""

from channel.files.encodings import checked_encoding, find_encoding
from channel.files.kept_files import Source, Stored, store, store_async
from channel.files.notices import Merged, OpenQuote, Seen
from channel.files.problems import PROBLEMS, Unreadable
from channel.files.scratch import remove_left, scratch
from channel.files.shape import FileShape, Known, Note, checked_delimiter, read_blocks, read_rows, sniff
from channel.files.table import Block, Record, together
from channel.files.workformats import Exact
from channel.files.written import Cell, as_text, csv_bytes, write_xlsx

__all__ = [
    "PROBLEMS",
    "Block",
    "Cell",
    "Exact",
    "FileShape",
    "Known",
    "Merged",
    "Note",
    "OpenQuote",
    "Record",
    "Seen",
    "Source",
    "Stored",
    "Unreadable",
    "as_text",
    "checked_delimiter",
    "checked_encoding",
    "csv_bytes",
    "find_encoding",
    "read_blocks",
    "read_rows",
    "remove_left",
    "scratch",
    "sniff",
    "store",
    "store_async",
    "together",
    "write_xlsx",
]
