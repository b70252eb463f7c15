"""The room `credit` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="credit",
    table_classes=table_finder(["channel.credit.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "credit"),
    migration_dependencies=["migrations.apps.versions", "migrations.apps.receivables"],
)
