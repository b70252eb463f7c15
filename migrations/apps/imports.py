"""The room `imports` as Piccolo's migration runner sees it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

APP_CONFIG = AppConfig(
    app_name="imports",
    migrations_folder_path=str(Path(__file__).parents[1] / "imports"),
    migration_dependencies=["migrations.apps.dealers"],
)
