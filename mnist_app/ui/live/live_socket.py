"""The WebSocket that answers while the pen moves.

A page sends its strokes so far, and gets the network's answer. Each question is answered, after a wait for
its turn, before the next one is read. So a page cannot ask faster than its share.

    page:   {"drawing": 12, "strokes": [{"type": "path", "path": [["M", 1, 2], …], "strokeWidth": 20}]}
    server: {"wait": 12, …}

`drawing` is the number of a page run, and `strokes` are the strokes since then. `wait` is in milliseconds.
The rest of the answer comes from `LiveSession.respond`, and may be empty.
"""

import asyncio
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from starlette.status import (
    WS_1000_NORMAL_CLOSURE,
    WS_1003_UNSUPPORTED_DATA,
    WS_1008_POLICY_VIOLATION,
    WS_1009_MESSAGE_TOO_BIG,
)
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.server_util import is_url_from_allowed_origins

from mnist_app.ui.live.live_sessions import LIVE_SESSIONS, Answer, LiveSession, LiveSessions, Objects
from mnist_app.ui.live.pace import Pace

MOST_CHARACTERS = 500_000
"""Most characters of a question. A minute of drawing has about a tenth of them."""
IDLE_SECONDS = 600.0
"""Seconds of silence after which a socket is closed. The page opens another one with the next stroke."""

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The socket must be closed, with this code and this reason."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class LiveSocket:
    """The route's ASGI application. One thread answers all sockets in the order of their questions."""

    def __init__(
        self,
        sessions: LiveSessions = LIVE_SESSIONS,
        pace: Pace | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._pace = pace or Pace()
        self._idle_seconds = idle_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live answers")
        self._open: dict[str, WebSocket] = {}
        """The open socket of each ticket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit a page's socket, and answer its questions until it closes."""
        socket = WebSocket(scope, receive, send)
        session = self._sessions.find(socket.query_params.get("ticket", "")[:100])
        if session is None or not is_same_origin(socket):
            await socket.close(WS_1008_POLICY_VIOLATION)
            return
        await socket.accept()
        before, self._open[session.ticket] = self._open.get(session.ticket), socket
        if before is not None:
            await _close(before, WS_1000_NORMAL_CLOSURE, "This tab has opened another socket.")
        try:
            await self._answer_all(socket, session)
        except Refused as refused:
            logger.info("A socket was closed: %s", refused)
            await _close(socket, refused.code, str(refused))
        except WebSocketDisconnect:
            pass
        finally:
            if self._open.get(session.ticket) is socket:
                del self._open[session.ticket]

    async def _answer_all(self, socket: WebSocket, session: LiveSession) -> None:
        while True:
            question = await self._next_question(socket)
            if not self._sessions.has(session):
                raise Refused(WS_1000_NORMAL_CLOSURE, "The page has been left.")
            objects = read_question(question, session)
            answer, seconds = await self._answer(session, objects) if objects is not None else ({}, 0.0)
            wait = self._pace.note(session.ticket, seconds)
            await socket.send_text(json.dumps({**answer, "wait": round(1000 * wait)}))
            await asyncio.sleep(wait)

    async def _next_question(self, socket: WebSocket) -> str:
        try:
            async with asyncio.timeout(self._idle_seconds):
                message = await socket.receive()
        except TimeoutError:
            raise Refused(WS_1000_NORMAL_CLOSURE, "Nothing was asked for a while.") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", WS_1000_NORMAL_CLOSURE))
        text = message.get("text")
        if not isinstance(text, str):
            raise Refused(WS_1003_UNSUPPORTED_DATA, "A question is text.")
        if len(text) > MOST_CHARACTERS:
            raise Refused(WS_1009_MESSAGE_TOO_BIG, "The question is larger than any drawing.")
        return text

    async def _answer(self, session: LiveSession, objects: Objects) -> tuple[Answer, float]:
        """Return the answer and the seconds that it took, without the time for which it waited its turn."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, _timed_answer, session, objects)


def _timed_answer(session: LiveSession, objects: Objects) -> tuple[Answer, float]:
    """Return the answer, empty if it failed, and the seconds that it took."""
    started = time.perf_counter()
    try:
        answer = session.respond(objects)
    except Exception:
        logger.exception("A live answer failed.")
        answer = {}
    return answer, time.perf_counter() - started


def read_question(text: str, session: LiveSession) -> Objects | None:
    """Return all strokes of a question: those of the page run, and those since then.

    Returns:
        The strokes; None if the page run is too old to be known. The page's next question then builds on a
        newer run.

    Raises:
        Refused: The question has not the form that the Draw page sends.
    """
    try:
        question: Any = json.loads(text)
        drawing, strokes = question["drawing"], question["strokes"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(WS_1003_UNSUPPORTED_DATA, "This is not a question of the Draw page.") from None
    if type(drawing) is not int or not isinstance(strokes, list):
        raise Refused(WS_1003_UNSUPPORTED_DATA, "This is not a question of the Draw page.")
    known = session.drawings.get(drawing)
    return None if known is None else [*known, *strokes]


def is_same_origin(socket: WebSocket) -> bool:
    """Return whether a socket was opened by a page of this app, or of a site that Streamlit allows."""
    origin = socket.headers.get("origin", "")
    is_own = urlsplit(origin).netloc == socket.headers.get("host")
    return bool(origin) and (is_own or is_url_from_allowed_origins(origin))


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    """Close a socket, unless it is closed already."""
    try:
        await socket.close(code, reason)
    except (RuntimeError, WebSocketDisconnect):  # the latter if the page's end has gone without a word
        logger.debug("The socket was closed before.")
