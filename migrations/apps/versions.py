"""The room `versions` as Piccolo's migration runner sees it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="versions",
    table_classes=table_finder(["channel.versions.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "versions"),
    migration_dependencies=["migrations.apps.access"],
)
