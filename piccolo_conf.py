"""Where Piccolo finds the engine and the rooms' tables and migrations.

The service gives Piccolo the connection that it holds. Piccolo's own command, run in a checkout, connects as the owner
to the database that the settings of `channel` name.
"""

import sys
from pathlib import Path

from piccolo.conf.apps import AppRegistry

from channel.database.db import PICCOLO as DB

if Path(sys.argv[0]).stem == "piccolo":
    from channel.cli.operator.own_connection import connect_as_owner

    DB.connect = connect_as_owner

APP_REGISTRY = AppRegistry(
    apps=[
        "migrations.apps.access",
        "migrations.apps.consent",
        "migrations.apps.versions",
        "migrations.apps.dealers",
        "migrations.apps.imports",
        "migrations.apps.tasks",
        "migrations.apps.sales",
        "migrations.apps.receivables",
        "migrations.apps.credit",
        "migrations.apps.reviews",
    ]
)

__all__ = ["APP_REGISTRY", "DB"]
