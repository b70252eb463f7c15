"""The pages' frame, look, words and charts, for the rooms above; it knows nothing of what they show."""

from channel.acts import OPENED
from channel.web.acting import act, act_routes, draw_again
from channel.web.api_description import (
    ANY_FILE,
    TOKEN_ASKED,
    DownloadOperation,
    FileOperation,
    api_components,
    describe,
)
from channel.web.apidocs import show_api
from channel.web.assets import static_file, static_url
from channel.web.charts import MeterPart, Series, age_colours
from channel.web.downloads import FileKind, disposition, download
from channel.web.editing import still_typed
from channel.web.faults import field_error
from channel.web.forms import text_in
from channel.web.frame import (
    Flash,
    NavItem,
    Viewer,
    here_of,
    keep_language_with,
    language_of,
    local_path,
    redirect,
    sign_flashes_with,
    use_nav,
    viewer_of,
)
from channel.web.health import live, ready
from channel.web.language import LANGUAGES, Language, choose, language, stored_message, translate
from channel.web.last_resort import answer_unreadable
from channel.web.listing import A_PAGE, MOST_TOLD, file_header, list_asked, list_file, list_page, list_routes
from channel.web.preferences import choose_preferences
from channel.web.problems import SIGN_IN_URL, error_page, problem_response, refusal_of, respond
from channel.web.questions import learn_questions, refuse_unknown
from channel.web.rendering import fragment, page, render
from channel.web.security import CONTENT_SECURITY_POLICY, compression, secure
from channel.web.texts import Text, check_request

ROUTES = (static_file, choose_preferences, show_api, live, ready)
"""The handlers of this package, for the app's routes."""

__all__ = [
    "ANY_FILE",
    "A_PAGE",
    "CONTENT_SECURITY_POLICY",
    "LANGUAGES",
    "MOST_TOLD",
    "OPENED",
    "ROUTES",
    "SIGN_IN_URL",
    "TOKEN_ASKED",
    "DownloadOperation",
    "FileKind",
    "FileOperation",
    "Flash",
    "Language",
    "MeterPart",
    "NavItem",
    "Series",
    "Text",
    "Viewer",
    "act",
    "act_routes",
    "age_colours",
    "answer_unreadable",
    "api_components",
    "check_request",
    "choose",
    "compression",
    "describe",
    "disposition",
    "download",
    "draw_again",
    "error_page",
    "field_error",
    "file_header",
    "fragment",
    "here_of",
    "keep_language_with",
    "language",
    "language_of",
    "learn_questions",
    "list_asked",
    "list_file",
    "list_page",
    "list_routes",
    "local_path",
    "page",
    "problem_response",
    "redirect",
    "refusal_of",
    "refuse_unknown",
    "render",
    "respond",
    "secure",
    "sign_flashes_with",
    "static_file",
    "static_url",
    "still_typed",
    "stored_message",
    "text_in",
    "translate",
    "use_nav",
    "viewer_of",
]
