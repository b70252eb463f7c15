"""Piccolo's own command in a checkout reaches the database that the settings name, as its owner."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.installed import PATIENCE, ROOT, environment
from tests.cli.test_external import own

__all__ = ["own"]


def _piccolo(data: Path, own: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("piccolo")), *words],
        env=environment(data, NO_COLOR="1", **own),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_migrations_are_told_and_run_and_the_tables_are_found(
    own: dict[str, str],
    tmp_path: Path,
) -> None:
    before = [line.rsplit("|", 1)[-1].strip() for line in _piccolo(tmp_path, own, "migrations", "check").splitlines()]
    assert (before.count("False"), before.count("True")) == (len(list((ROOT / "migrations").glob("*/*_0*.py"))), 0)
    assert "Running" in _piccolo(tmp_path, own, "migrations", "forwards", "all")
    after = [line.rsplit("|", 1)[-1].strip() for line in _piccolo(tmp_path, own, "migrations", "check").splitlines()]
    assert (after.count("False"), after.count("True")) == (0, before.count("False"))
    assert "TABLE_LimitProposal" in _piccolo(tmp_path, own, "schema", "graph")


def test_without_the_owner_it_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="set CHANNEL_OWNER_DATABASE_URL"):
        _piccolo(tmp_path, {"CHANNEL_DATABASE_URL": "postgresql://channel_app@127.0.0.1/none"}, "migrations", "check")
