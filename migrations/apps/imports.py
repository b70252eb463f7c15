"""The room `imports` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="imports",
    table_classes=table_finder(["channel.imports.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "imports"),
    migration_dependencies=["migrations.apps.dealers"],
)
