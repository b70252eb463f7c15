"""Bars that show how far a command is, beside the data: a pipe carries data alone."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_WHAT = TextColumn("{task.description}")
_SHARE = TextColumn("{task.percentage:>3.0f}%")


def bars(*, size: bool = False) -> Progress:
    """Bars in parts of a hundred and time gone, or of a file's size and time left."""
    beside = Console(stderr=True)
    parts = (DownloadColumn(), TimeRemainingColumn()) if size else (_SHARE, TimeElapsedColumn())
    # Where nobody looks, not even the line is left on which a bar would have been.
    hidden = not beside.is_terminal
    return Progress(_WHAT, BarColumn(), *parts, console=beside, transient=True, disable=hidden)
