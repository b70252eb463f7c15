"""The `channel` command. Each room's commands stand in the module of its name and are joined on here."""

from collections.abc import Mapping

import click

from channel.cli.terminal.lazy_groups import Later, Sections

COMMANDS: Mapping[str, Mapping[str, Later]] = {
    "Who you are": {
        "login": Later("channel.cli.login:login", "Sign in, and keep a token for the commands that follow."),
        "logout": Later("channel.cli.login:logout", "Revoke the kept token and forget it."),
        "whoami": Later("channel.cli.login:whoami", "Tell whom the commands work as."),
        "account": Later("channel.cli.account:account", "Your own password, language, messages and sessions."),
        "desk": Later(
            "channel.cli.desk:desk", "Show your desk: what waits for your decision, what is late, and the figures."
        ),
    },
    "The channel": {
        "find": Later(
            "channel.cli.desk:find",
            "Find dealers by a part of the name or code, or the beginning of a contact's phone.",
        ),
        "dealer": Later("channel.cli.dealers:dealer", "Dealers: list, look at, add, change from a day on."),
        "territory": Later("channel.cli.masters:territory", "The tree of territories."),
        "product": Later("channel.cli.masters:product", "Products and product lines."),
        "rate": Later("channel.cli.masters:rate", "Exchange rates: company currency for one unit of another."),
        "import": Later(
            "channel.cli.imports:import_file",
            "Load FILE: sell-in, sell-through, stock, invoices, receipts, credit-notes, debit-notes, bills, dealers,"
            " products, territories, staff, holidays, statements or rates.",
        ),
        "load": Later("channel.cli.loads:load", "Loads of files, their rejected lines, and kept mappings."),
        "sales": Later("channel.cli.sales:sales", "Sales reports: what is reported, what is missing, who owes it."),
        "task": Later("channel.cli.tasks:task", "Tasks: who owes what by when."),
        "receivables": Later(
            "channel.cli.receivables:receivables", "What dealers owe: documents, what pays what, ageing and figures."
        ),
        "calls": Later(
            "channel.cli.calls:calls", "The call list of today: whom to call about what is overdue, next after next."
        ),
        "contact": Later(
            "channel.cli.contact:contact", "The contact log: what was said with whom at a dealer, and what is next."
        ),
        "credit": Later("channel.cli.credit:credit", "Credit limits from sales reports, with their reasons."),
        "review": Later(
            "channel.cli.reviews:review",
            "Reviews of dealers that open themselves: what is due, what was opened, and the plans that open them.",
        ),
    },
    "Who may do what": {
        "user": Later("channel.cli.access:user", "People who work with the service."),
        "staff": Later(
            "channel.cli.staff:staff", "The register of staff: who works for the company, under whom and where."
        ),
        "calendar": Later("channel.cli.tasks:calendar", "The days on which the company works."),
        "outbox": Later("channel.cli.outbox:outbox", "Mail and what became of it; a test of the way."),
        "token": Later("channel.cli.access:token", "API tokens, your own and those of machines."),
        "audit": Later("channel.cli.access:audit", "Search the audit trail, the latest first."),
    },
    "The operator's, on the machine of the data folder": {
        "run": Later(
            "channel.cli.operator.commands:run",
            "Run the service: its database, its scheduler and its pages, until Ctrl-C.",
        ),
        "migrate": Later(
            "channel.cli.operator.commands:migrate", "Bring the database up to this version; `run` does it by itself."
        ),
        "backup": Later(
            "channel.cli.operator.commands:backup", "Write the whole database into FILE, while the service runs or not."
        ),
        "restore": Later(
            "channel.cli.operator.commands:restore",
            "Read a backup in place of the database that is there; the service must not be running.",
        ),
        "reconcile": Later(
            "channel.cli.operator.upkeep:reconcile",
            "Compute again what is kept ready, and compare; exit code 1 when anything differs.",
        ),
        "clock": Later(
            "channel.cli.operator.clock_commands:clock",
            "The clock of a trial: a database made with CHANNEL_NOW has one that can be moved on.",
        ),
        "bench": Later(
            "channel.cli.operator.upkeep:bench",
            "Measure on this machine, as ratios; NAMES choose some of the measurements.",
        ),
        "version": Later("channel.cli.about:show_version", "Tell which version this is."),
    },
}


@click.group(
    cls=Sections, sections=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def main() -> None:
    """Distributor and channel management: dealers by type, sales reports, credit limits with their reasons.

    With CHANNEL_URL set, commands speak to that server; otherwise to the service of this machine's data folder,
    whether it runs or not. Either way they act as the person of CHANNEL_TOKEN, or of `channel login`. The operator's
    commands and the first `user add` work on the data folder alone.
    """
