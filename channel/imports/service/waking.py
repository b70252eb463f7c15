"""Telling the workers of this process that a load waits."""

import asyncio

_woken: set[asyncio.Event] = set()


def wake_worker() -> None:
    """Tell the workers of this process that something waits; those of others look every few seconds."""
    for event in _woken:
        event.set()


def waking(event: asyncio.Event) -> None:
    """Have an event set whenever something waits; a worker that ends takes it away with `not_waking`."""
    _woken.add(event)


def not_waking(event: asyncio.Event) -> None:
    """The worker of this event is gone."""
    _woken.discard(event)
