"""The room `sales` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="sales",
    table_classes=table_finder(["channel.sales.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "sales"),
    migration_dependencies=["migrations.apps.imports"],
)
