"""The room `access` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="access",
    table_classes=table_finder(["channel.access.tables", "channel.work.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "access"),
)
