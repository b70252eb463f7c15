"""The service put together: the rooms' routes, the door before them, start and stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from channel import clock, files, web
from channel.access import api as access_api
from channel.access import pages as access_pages
from channel.access.rules import Person
from channel.credit import api as credit_api
from channel.credit import pages as credit_pages
from channel.credit.service.ended import end_limits
from channel.credit.service.loads import LOADERS as CREDIT_LOADERS
from channel.database import db
from channel.dealers import api as dealers_api
from channel.dealers import pages as dealers_pages
from channel.dealers.service.ended import Follower, use_followers
from channel.dealers.service.loads import LOADERS as DEALERS_LOADERS
from channel.desk import api as desk_api
from channel.desk import pages as desk_pages
from channel.door import Door, know_who_is_lost
from channel.imports import api as imports_api
from channel.imports import pages as imports_pages
from channel.imports.incoming import Incoming
from channel.imports.loader import Loader, use_loaders
from channel.imports.service.uploads import use_largest_file
from channel.imports.service.worker import working
from channel.sales import api as sales_api
from channel.sales import pages as sales_pages
from channel.sales.service.loader import LOADERS as SALES_LOADERS
from channel.settings import Settings
from channel.web import bodies, moments

_WORTH_TELLING = timedelta(minutes=1)
_log = logging.getLogger(__name__)

ROUTES: Sequence[ControllerRouterHandler] = (
    *web.ROUTES,
    *access_api.ROUTES,
    *access_pages.ROUTES,
    *imports_api.ROUTES,
    *imports_pages.ROUTES,
    *dealers_api.ROUTES,
    *dealers_pages.ROUTES,
    *credit_api.ROUTES,
    *credit_pages.ROUTES,
    *sales_api.ROUTES,
    *sales_pages.ROUTES,
    *desk_api.ROUTES,
    *desk_pages.ROUTES,
)
NAV: Sequence[web.NavItem] = (
    *desk_pages.NAV,
    *access_pages.NAV,
    *imports_pages.NAV,
    *sales_pages.NAV,
    *dealers_pages.NAV,
    *credit_pages.NAV,
)
"""The rooms' entries in the list beside every page."""

LOADERS: Mapping[str, Loader] = {**DEALERS_LOADERS, **SALES_LOADERS, **CREDIT_LOADERS}
"""Who checks and writes each kind of file."""

FOLLOWERS: Sequence[Follower] = (end_limits,)
"""What the end of a cooperation sets off, at once."""


class Service(Litestar):
    """The service; what cannot be read as a request is answered before anything of it runs."""

    async def __call__(
        self, scope: Scope | LifeSpanScope, receive: Receive | LifeSpanReceive, send: Send | LifeSpanSend
    ) -> None:
        """Answer a request, or begin and end."""
        if not await web.answer_unreadable(scope, send):
            await super().__call__(scope, receive, send)


async def tell_of_the_clock() -> None:
    """Warn when more was recorded or shown than the clock has come to: it was wrong then, or it is now."""
    async with db.held():
        ahead = await db.latest_moment() - clock.now()
    if ahead > _WORTH_TELLING:
        _log.warning(
            "The clock of the database is %s behind the latest moment that was recorded or shown. Until it has come"
            " there, what is recorded is stamped just after that moment. See that the clock is right.",
            timedelta(seconds=round(ahead.total_seconds())),
        )


async def current_person(request: "Request[Person, Any, Any]") -> Person:
    """The person behind the request, for handlers that name `person`."""
    return request.user


def create_app(
    settings: Settings,
    *,
    dsn: str,
    background: Callable[[], AbstractAsyncContextManager[None]] | None = None,
) -> Litestar:
    """The service over a migrated database; `background` is what runs beside it (the scheduler)."""
    clock.use_zone(settings.timezone)
    web.use_nav(NAV)
    web.sign_flashes_with(settings.secret)
    web.keep_language_with(access_pages.keep_language)
    use_loaders(LOADERS)
    use_largest_file(settings.largest_file_mb << 20)
    use_followers(FOLLOWERS)

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        await asyncio.to_thread(files.remove_left)
        await db.open_pool(dsn, size=settings.pool_size)
        try:
            await tell_of_the_clock()
            async with working():
                if background is None:
                    yield
                else:
                    async with background():
                        yield
        finally:
            await db.close_pool()

    app = Service(
        route_handlers=ROUTES,
        lifespan=[life],
        # Packing an answer takes its time: it is done when the door has let go of the connection.
        middleware=[DefineMiddleware(web.compression.middleware_class, config=web.compression), Door()],
        request_class=Incoming,
        before_request=web.check_request,
        exception_handlers={Exception: web.respond},
        dependencies={
            "person": Provide(current_person),
            "view": Provide(moments.view_asked),
            "as_of_day": Provide(moments.as_of_asked),
            "known_moment": Provide(moments.known_at_asked),
        },
        csrf_config=CSRFConfig(
            secret=settings.secret,
            exclude=["^/api/"],
            cookie_samesite="strict",
            cookie_secure=settings.secure_cookies == "on",
        ),
        state=State({"settings": settings}),
        after_exception=[know_who_is_lost],
        before_send=[web.secure],
        request_max_body_size=bodies.LONGEST_BODY,
        # Who runs the service says where its log goes; web.respond writes down what nobody expected.
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="channel",
            version="1",
            description="Send an API token as `Authorization: Bearer TOKEN`. Amounts are decimal strings.",
            # What the API looks like is no secret; a reader that fetched scripts from elsewhere would break the policy.
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
            openapi_router=Router("/api/schema", route_handlers=[], include_in_schema=False, opt={"static": True}),
            security=web.TOKEN_ASKED,
            components=web.api_components(),
        ),
    )
    web.learn_questions(app)
    web.describe(app)
    return app
