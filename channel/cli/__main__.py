"""`python -m channel.cli` is the `channel` command, where it is not installed as one."""

from channel.cli import main

main(prog_name="channel")
