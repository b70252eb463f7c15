"""Tasks and the company's calendar over the API."""

from channel.tasks.api import calendar, outbox, tasks

ROUTES = (*tasks.ROUTES, *calendar.ROUTES, *outbox.ROUTES)
