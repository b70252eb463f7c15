"""Where the real data sets lie, outside the repository."""

from pathlib import Path

import pytest

PROFILES = Path(__file__).parents[1] / "real" / "profiles"


def real_data(name: str) -> Path:
    """The folder of a data set; the test is skipped, with the reason, where the data is not at hand."""
    for parent in Path(__file__).resolve().parents:
        folder = parent / "shared" / "data" / name
        if folder.is_dir():
            return folder
    pytest.skip(f"the data set {name} is not at hand (a folder shared/data beside the repository)")
