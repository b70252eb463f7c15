"""The room `credit` as Piccolo's migration runner sees it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig(
    app_name="credit",
    migrations_folder_path=str(Path(__file__).parents[1] / "credit"),
    migration_dependencies=["migrations.apps.sales"],
)
