"""The room `dealers` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="dealers",
    table_classes=table_finder(["channel.dealers.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "dealers"),
    migration_dependencies=["migrations.apps.consent"],
)
