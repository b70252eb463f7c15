"""The room `consent` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="consent",
    table_classes=table_finder(["channel.consent.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "consent"),
    migration_dependencies=["migrations.apps.access"],
)
