"""What the addresses of documents have in common, of the API and of the pages."""

from litestar.di import Provide
from litestar.params import FromPath

from channel.versions.rules import Paper, T


def owner_asked(paper: Paper[T]) -> dict[str, Provide]:
    """The dependency `owner`: what the documents of the address belong to, '' where they belong to nothing."""

    async def owner(of: FromPath[str]) -> str:
        return of

    async def nobody() -> str:
        return ""

    return {"owner": Provide(owner if paper.has_owner else nobody)}
