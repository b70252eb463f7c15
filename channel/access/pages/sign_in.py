"""Signing in and out in the browser."""

from litestar import Response, get, post
from litestar.datastructures import Cookie

from channel import web
from channel.access import service
from channel.access.from_requests import address_of
from channel.access.pages.forms import AnyRequest
from channel.access.rules import Person
from channel.access.rules.signing_in import SESSION_LASTS
from channel.errors import Refused

SESSION_COOKIE = "channel_session"


@get("/sign-in", opt={"open": True, "asks": ("next",)}, include_in_schema=False)
async def show_sign_in(request: AnyRequest) -> Response[str] | Response[None]:
    """The page with sign-in name and password; whoever is signed in goes straight on."""
    onward = web.local_path(request.query_params.get("next"))
    if request.user is not None:
        return web.redirect(onward)
    return web.page(request, "access/sign_in.html", onward=onward)


@post("/sign-in", opt={"open": True, "any_text": True}, include_in_schema=False)
async def sign_in(request: AnyRequest) -> Response[str] | Response[None]:
    """Begin a session and go on to where the reader wanted to."""
    form = await request.form()
    login, password, next_ = (web.text_in(form, name) for name in ("login", "password", "next"))
    onward = web.local_path(next_)
    try:
        token = await service.sign_in(
            login,
            password,
            address=address_of(request),
            agent=request.headers.get("user-agent", ""),
        )
    except Refused as refused:
        return web.page(request, "access/sign_in.html", refused=refused, form={"login": login}, onward=onward)
    if isinstance(request.user, Person) and request.user.session_id is not None:
        await service.sign_out(request.user)
    answer = web.redirect(onward)
    answer.set_cookie(session_cookie(request, token))
    return answer


@post("/sign-out", opt={"open": True}, include_in_schema=False)
async def sign_out(request: AnyRequest) -> Response[None]:
    """End the session."""
    if isinstance(request.user, Person):
        await service.sign_out(request.user)
    answer = web.redirect("/sign-in")
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def session_cookie(request: AnyRequest, token: str) -> Cookie:
    """The session's cookie: out of scripts' reach, not sent from other sites, and over https only where it came so."""
    choice = request.app.state.settings.secure_cookies
    return Cookie(
        key=SESSION_COOKIE,
        value=token,
        httponly=True,
        samesite="lax",
        secure=choice == "on" or (choice == "auto" and request.url.scheme == "https"),
        path="/",
        max_age=int(SESSION_LASTS.total_seconds()),
    )


ROUTES = (show_sign_in, sign_in, sign_out)
