"""The room `reviews` as Piccolo's commands see it."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="reviews",
    table_classes=table_finder(["channel.reviews.tables"]),
    migrations_folder_path=str(Path(__file__).parents[1] / "reviews"),
    migration_dependencies=["migrations.apps.credit"],
)
