"""Which version this is."""

import sys
from importlib.metadata import PackageNotFoundError, version

import click


@click.command("version")
def show_version() -> None:
    """Tell which version this is."""
    try:
        click.echo(f"channel {version('channel')}, Python {sys.version.split()[0]}")
    except PackageNotFoundError:
        click.echo(f"channel (not installed), Python {sys.version.split()[0]}")
