"""What the environment chooses for a command."""

import os
from dataclasses import replace
from pathlib import Path

import click
from platformdirs import user_data_dir

from channel.settings import Settings, read_settings


def chosen_settings(*, demo: bool = False) -> Settings:
    """The settings of the environment; a wrong one ends the command with a sentence that names it.

    The demonstration has a data folder of its own unless one is named, so that it never mixes with real data.
    """
    try:
        settings = read_settings(os.environ)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    if demo and not is_set("CHANNEL_DATA_DIR"):
        settings = replace(settings, data_dir=Path(user_data_dir("channel-demo")))
    if demo and not is_set("CHANNEL_TIMEZONE"):
        settings = replace(settings, timezone="Asia/Shanghai")
    return settings


def is_set(name: str) -> bool:
    """Whether the environment says anything about it; an empty value says nothing."""
    return bool(os.environ.get(name, "").strip())
