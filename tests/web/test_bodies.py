"""Bodies and answers at the client's pace: what is too slow or too large is refused, and nothing waits for a reader."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from channel.errors import Refused
from channel.web.bodies import LONGEST_BODY, Answer, Coming, Pace, in_pieces, read_whole

LARGE = b"0123456789abcdef" * (1 << 16)


class Asked:
    """What reading asks of a request."""

    def __init__(self, **headers: str) -> None:
        self.headers = headers


def receiving(*pieces: bytes, then_waits: bool = False) -> Callable[[], Any]:
    """`receive` of a client that sends these, and then no more or nothing for ever."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or then_waits}

    return receive


async def body_of(receive: Callable[[], Any]) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    return body


async def test_a_body_is_read_and_given_again() -> None:
    again = await read_whole(Asked(), Coming(receiving(b"a=", b"1"), Pace()))  # type: ignore[arg-type] # of its headers
    assert await body_of(again) == b"a=1"


@pytest.mark.parametrize("pieces", [(b"x" * (LONGEST_BODY + 1),), (b"x" * (LONGEST_BODY // 2),) * 3])
async def test_a_form_has_an_end(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(Refused) as refused:
        await read_whole(Asked(), Coming(receiving(*pieces), Pace()))  # type: ignore[arg-type] # of its headers
    assert refused.value.status == 413


@pytest.mark.parametrize("said", [str(LONGEST_BODY + 1), "9" * 5000])
async def test_a_form_that_says_that_it_is_too_large_is_not_read(said: str) -> None:
    with pytest.raises(Refused) as refused:
        await read_whole(Asked(**{"content-length": said}), receiving())  # type: ignore[arg-type] # of its headers
    assert refused.value.status == 413


@pytest.mark.parametrize("pace", [Pace(grace_seconds=0.02), Pace(longest_seconds=0.02)])
async def test_who_sends_nothing_more_is_refused(pace: Pace) -> None:
    with pytest.raises(Refused) as refused:
        await body_of(Coming(receiving(b"x", then_waits=True), pace))
    assert refused.value.status == 408


async def test_the_clock_stands_still_while_nobody_waits() -> None:
    coming = Coming(receiving(b"x", b"y"), Pace(grace_seconds=0.2))
    await coming()
    await asyncio.sleep(0.3)  # what the reader does with the first piece; a slow one costs the sender nothing
    assert (await coming())["body"] == b"y"


async def test_a_sender_who_left_is_no_fault() -> None:
    async def receive() -> Any:  # noqa: ANN401 - ASGI
        return {"type": "http.disconnect"}

    with pytest.raises(Refused) as refused:
        await Coming(receive, Pace())()
    assert refused.value.status == 400


@pytest.mark.parametrize("pieces", [[b"small"], [b""], [LARGE], [LARGE, b"", LARGE], [b"a", b"b"]])
async def test_an_answer_is_sent_only_when_it_is_let_go(pieces: list[bytes]) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    answer = Answer(send)
    await answer.keep({"type": "http.response.start", "status": 200, "headers": []})
    for number, piece in enumerate(pieces, 1):
        await answer.keep({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})
    assert sent == []
    await answer.send_on()
    answer.close()
    assert sent[0]["type"] == "http.response.start"
    assert b"".join(each["body"] for each in sent[1:]) == b"".join(pieces)
    assert [each["more_body"] for each in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert max(len(each["body"]) for each in sent[1:]) <= 64 << 10, "a slow reader keeps no more than that in memory"


async def test_what_lies_in_memory_for_all_goes_in_pieces() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI
        sent.append(message)

    await in_pieces(send)({"type": "http.response.body", "body": LARGE, "more_body": False})
    assert b"".join(each["body"] for each in sent) == LARGE
    assert [each["more_body"] for each in sent] == [True] * (len(sent) - 1) + [False]
