"""The ASGI application: three addresses, JSON in and out, every error a sentence."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shelfspace.serving.events import EventError, is_id, parse_events
from shelfspace.serving.log import LogError
from shelfspace.serving.state import State

LARGEST_BODY = 1 << 20
"""In bytes."""


def build_app(state: State) -> Starlette:
    """The service over a state, which it closes when it ends.

    - `POST /events` with an event, or a list of them: `{"accepted": true}`, or a list of these
      values, false where the id was known. It answers when the events are durable and count.
    - `GET /recommendations/{household}`: `{"household": 7, "items": [...]}`, best first.
    - `GET /health`: how many events there are, and whether more can be taken.

    Errors are `{"error": "a sentence"}`: 422 where the request is at fault, 413 where it is too
    large, 503 where the log can't be written.
    """

    async def post_events(request: Request) -> Response:
        events, is_list = parse_events(await _body(request), time.time())
        accepted = await state.accept(events)
        return _json({"accepted": accepted if is_list else accepted[0]})

    async def get_health(request: Request) -> Response:
        problem = state.log.problem
        found = {"events": state.events, "newest": state.newest, "problem": problem}
        return _json(found, 503 if problem else 200)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await state.log.close()

    return Starlette(
        routes=[
            Route("/recommendations/{household}", _Recommendations(state), methods=["GET"]),
            Route("/events", post_events, methods=["POST"]),
            Route("/health", get_health),
        ],
        exception_handlers={EventError: _error, LogError: _error, HTTPException: _error},
        lifespan=lifespan,
    )


class _Recommendations:
    """The address that is asked most: it goes without Starlette's request and response objects."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        household = _household(scope["path_params"]["household"])
        body = _dumped({"household": household, "items": self._state.recommend(household)})
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise HTTPException(
                    413,
                    f"The body has more than {LARGEST_BODY:,} bytes: send fewer events at once.",
                )
    except ClientDisconnect:  # an everyday thing, which needs no traceback in the terminal
        raise HTTPException(400, "The connection ended before the body: send it again.") from None
    return bytes(body)


def _household(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and is_id(int(text)):
        return int(text)
    raise EventError(
        f"The household in the address is {text[:40]!r}: put a whole number from 0 to 2^63 - 1."
    )


def _json(content: Any, status: int = 200) -> Response:
    return Response(_dumped(content), status, media_type="application/json")


def _dumped(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)  # a model's ids may be NumPy's


async def _error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        sentence = {
            404: f"There is nothing at {request.url.path[:80]}: there are /events, "
            "/recommendations/HOUSEHOLD and /health.",
            405: f"{request.url.path} takes no {request.method}: POST to /events, GET the rest.",
        }
        return _json({"error": sentence.get(error.status_code, error.detail)}, error.status_code)
    return _json({"error": str(error)}, 422 if isinstance(error, EventError) else 503)
