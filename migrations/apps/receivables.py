"""The room `receivables` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="receivables",
    table_classes=table_finder(["channel.receivables.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "receivables"),
    migration_dependencies=["migrations.apps.versions", "migrations.apps.sales"],
)
