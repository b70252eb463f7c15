"""The room `tasks` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="tasks",
    table_classes=table_finder(["channel.tasks.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "tasks"),
    migration_dependencies=["migrations.apps.dealers"],
)
