"""Bars that show how far a command is, beside the data: a pipe carries data alone."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


def bars(*, size: bool = False) -> Progress:
    """Bars in parts of a hundred and time gone, or of a file's size and time left."""
    described, bar = TextColumn("{task.description}"), BarColumn()
    if size:
        return Progress(described, bar, DownloadColumn(), TimeRemainingColumn(), console=_beside(), transient=True)
    share = TextColumn("{task.percentage:>3.0f}%")
    return Progress(described, bar, share, TimeElapsedColumn(), console=_beside(), transient=True)


def _beside() -> Console:
    return Console(stderr=True)
