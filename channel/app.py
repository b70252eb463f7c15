"""The service put together: what the rooms bring, the door before them, start and stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
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
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from channel import clock, files, web
from channel.access import brings as access
from channel.access.pages import keep_language
from channel.access.pages.staff import use_member_parts
from channel.access.rules import Person
from channel.access.trail_words import TrailWords, use_trail_words
from channel.brings import Brings
from channel.credit import brings as credit
from channel.database import db
from channel.dealers import brings as dealers
from channel.dealers.service.ended import use_followers
from channel.dealers.service.responsible import use_successors
from channel.desk import brings as desk
from channel.desk.service.desk import use_panels
from channel.door import Door, know_who_is_lost
from channel.imports import brings as imports
from channel.imports.incoming import Incoming
from channel.imports.loader import use_loaders
from channel.imports.service.uploads import use_largest_file
from channel.receivables import brings as receivables
from channel.reviews import brings as reviews
from channel.sales import brings as sales
from channel.settings import Settings
from channel.tasks import brings as tasks
from channel.tasks.service.kinds import use_task_kinds
from channel.tasks.service.mail_ways import use_mail
from channel.tasks.service.messages import use_message_kinds
from channel.tasks.service.morning import use_waiting
from channel.web import bodies, moments
from channel.work.service import working

_WORTH_TELLING = timedelta(minutes=1)
_log = logging.getLogger(__name__)

ROOMS: Sequence[Brings] = (
    access.BRINGS,
    imports.BRINGS,
    dealers.BRINGS,
    tasks.BRINGS,
    sales.BRINGS,
    receivables.BRINGS,
    credit.BRINGS,
    reviews.BRINGS,
    desk.BRINGS,
)
"""The rooms of the house, from the lowest up."""


def use_rooms(rooms: Sequence[Brings]) -> None:
    """Let this process know what the rooms bring to each other; once, before anything else is done."""
    web.use_nav(each for room in rooms for each in room.nav)
    lines = {each.key: each.words for room in rooms for each in room.kept}
    lines |= {each.key: each.words for room in rooms for each in room.concerns}
    reconciled = {f"{part}.{key}": words for part in ("differences", "concerned") for key, words in lines.items()}
    loads = {f"load {each.spec.kind}": each.spec.loaded for room in rooms for each in room.loaders}
    use_trail_words((*(room.words for room in rooms), TrailWords(acts=loads, names=reconciled)))
    use_loaders(each for room in rooms for each in room.loaders)
    use_task_kinds([each for room in rooms for each in room.tasks])
    use_followers([each for room in rooms for each in room.followers])
    use_successors([each for room in rooms for each in room.successors])
    use_member_parts(each for room in rooms for each in room.of_members)
    use_message_kinds(each for room in rooms for each in room.messages)
    use_waiting([each for room in rooms for each in room.deciding], [each for room in rooms for each in room.waiting])
    use_panels(
        [each for room in rooms for each in room.deciding],
        [each for room in rooms for each in room.waiting],
        [each for room in rooms for each in room.panels],
    )


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
    rooms: Sequence[Brings] = ROOMS,
    background: Callable[[], AbstractAsyncContextManager[None]] | None = None,
) -> Litestar:
    """The service over a migrated database; `background` is what runs beside it (the clock's ticks)."""
    clock.use_zone(settings.timezone)
    use_rooms(rooms)
    web.sign_flashes_with(settings.secret)
    web.keep_language_with(keep_language)
    use_largest_file(settings.largest_file_mb << 20)
    use_mail(settings.mail_from, settings.public_url, settings.mail_url, settings.mail_dir)

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        await asyncio.to_thread(files.remove_left)
        await db.open_pool(dsn, size=settings.pool_size)
        try:
            await tell_of_the_clock()
            async with working([each for room in rooms for each in room.work]):
                if background is None:
                    yield
                else:
                    async with background():
                        yield
        finally:
            await db.close_pool()

    app = Service(
        route_handlers=[*web.ROUTES, *(each for room in rooms for each in room.routes)],
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
