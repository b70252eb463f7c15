"""`channel receivables`: what dealers owe, what they paid, and the rules by which it is kept."""

import click

from channel.cli import receivables_allocating, receivables_documents
from channel.cli.receivables_account import account
from channel.cli.receivables_ageing import ageing
from channel.cli.receivables_disputes import dispute, disputes
from channel.cli.receivables_figures import figures
from channel.cli.receivables_incidents import incidents
from channel.cli.receivables_months import months
from channel.cli.receivables_promises import promise, promises
from channel.cli.receivables_statements import statement, statements
from channel.cli.receivables_unknown import unknown
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.versions import commands_of
from channel.receivables.rules.settings import LEDGER_RULES


@click.group(
    cls=ListedGroup,
    commands=(
        commands_of(LEDGER_RULES, "rules"),
        *receivables_documents.COMMANDS,
        account,
        ageing,
        disputes,
        dispute,
        figures,
        months,
        incidents,
        promises,
        promise,
        statements,
        statement,
        unknown,
        *receivables_allocating.COMMANDS,
    ),
)
def receivables() -> None:
    """What dealers owe: documents, what pays what, ageing and figures."""
