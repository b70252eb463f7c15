"""The room `consent` as Piccolo's migration runner sees it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig(
    app_name="consent",
    migrations_folder_path=str(Path(__file__).parents[1] / "consent"),
    migration_dependencies=["migrations.apps.access"],
)
