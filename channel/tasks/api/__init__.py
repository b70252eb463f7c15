"""Tasks and the company's calendar over the API."""

from channel.tasks.api import calendar, tasks

ROUTES = (*tasks.ROUTES, *calendar.ROUTES)
