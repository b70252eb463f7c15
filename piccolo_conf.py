"""Where Piccolo's command finds the engine and the rooms' tables and migrations."""

from piccolo.conf.apps import AppRegistry

from channel.database.db import PICCOLO as DB

APP_REGISTRY = AppRegistry(
    apps=[
        "migrations.apps.access",
        "migrations.apps.consent",
        "migrations.apps.dealers",
        "migrations.apps.imports",
        "migrations.apps.sales",
        "migrations.apps.credit",
    ]
)

__all__ = ["APP_REGISTRY", "DB"]
