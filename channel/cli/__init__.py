"""The `channel` command. Each room's commands stand in the module of its name and are joined on here."""

import click

from channel.cli import access, credit, dealers, imports, login, operate, sales, upkeep, users

COMMANDS: tuple[click.Command, ...] = (
    operate.run,
    operate.migrate,
    operate.backup,
    operate.restore,
    operate.show_version,
    upkeep.reconcile,
    upkeep.bench,
    users.user,
    login.login,
    login.logout,
    login.whoami,
    access.token,
    access.audit,
    dealers.dealer,
    dealers.product,
    dealers.rate,
    dealers.territory,
    imports.import_file,
    sales.sales,
    credit.credit,
)


@click.group(commands=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Distributor and channel management: dealers by type, sales reports, credit limits with their reasons.

    With CHANNEL_URL set, commands speak to that server; otherwise to the installation in the data folder of this
    machine. Either way they act as the person of CHANNEL_TOKEN, or of `channel login`. The commands run, migrate,
    backup, restore, the first user add, reconcile and bench are the operator's and work on the data folder alone.
    """
