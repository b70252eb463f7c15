"""The room `sales` as Piccolo's migration runner sees it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig(
    app_name="sales",
    migrations_folder_path=str(Path(__file__).parents[1] / "sales"),
    migration_dependencies=["migrations.apps.imports"],
)
