"""Limits on uploads, because Streamlit keeps every file in memory until its session ends.

Streamlit 1.67 takes any number of files of up to `server.maxUploadSize`, even if the session's page shows no
field for them. Here, the largest field on the session's page limits a file's size, which is counted as the
file arrives. A session keeps only its newest files, and all sessions together have a limit too.
"""

import asyncio
import logging
import re
from collections import Counter

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from mnist_app.ui.server.addresses import path_in_app
from mnist_app.ui.server.upload_fields import FIELDS, MEGABYTE
from mnist_app.ui.streamlit_fixes.patched import changed

FRAME_BYTES = 16 * 1024
"""Bytes of a form around its file: boundaries, headers and the file's name."""
MOST_AT_ONCE = 2
"""Most uploads of one session at the same time."""
SESSION_FILES = 2
"""Size limit of a session's files together, as a multiple of its page's size limit."""
SERVER_BYTES = 800 * MEGABYTE
"""Size limit of all uploads together, complete and in progress."""
STALL_SECONDS = 30.0
"""Seconds without data after which an upload is broken off."""
LONGEST_SECONDS = 900.0
"""Seconds after which an upload is broken off that is still on its way, because it occupies memory."""
_ADDRESS = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)")

logger = logging.getLogger(__name__)


class Refused(Exception):
    """An upload is refused, with this HTTP status and this sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class UploadLimits:
    """ASGI middleware that limits the uploads of sessions."""

    def __init__(
        self,
        app: ASGIApp,
        server_bytes: int = SERVER_BYTES,
        stall_seconds: float = STALL_SECONDS,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._app = app
        self._server_bytes = server_bytes
        self._stall_seconds = stall_seconds
        self._longest_seconds = longest_seconds
        self._uploads: Counter[str] = Counter()
        """Number of uploads in progress of each session."""
        self._arrived = 0
        """Bytes that have arrived of all uploads in progress."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on all requests but uploads that are too large or too many."""
        if scope["type"] != "http" or scope["method"] != "PUT" or "/upload_file/" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        begun = False

        async def note_begin(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._take(scope, receive, note_begin)
        except Refused as refused:
            logger.info("An upload was refused: %s", refused)
            if not begun:
                # The rest of the body is never read, so the connection must be closed.
                response: Response = PlainTextResponse(
                    str(refused), refused.status, headers={"Connection": "close"}
                )
                await response(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = _session_of(scope["path"])
        most = FIELDS.most_bytes(session)
        if most == 0:
            raise Refused(403, "The page that you are on takes no files.")
        most_body = _body_size(Headers(scope=scope), most)
        if self._uploads[session] >= MOST_AT_ONCE:
            raise Refused(429, f"Only {MOST_AT_ONCE} files can be uploaded at the same time.")
        files = _files()
        make_room(files, session, (SESSION_FILES - 1) * most)
        self._uploads[session] += 1
        arrived = 0
        latest = asyncio.get_running_loop().time() + self._longest_seconds

        async def count() -> Message:
            nonlocal arrived
            message = await self._next_part(receive, latest)
            _check_is_here(session)
            size = len(message.get("body", b""))
            arrived += size
            self._arrived += size
            if arrived > most_body:
                raise Refused(413, "The file is larger than this page takes.")
            self._make_room_on_server(files)
            return message

        try:
            await self._app(scope, count, send)
        finally:
            self._arrived -= arrived
            self._uploads[session] -= 1
            if not self._uploads[session]:
                del self._uploads[session]
        make_room(files, session, SESSION_FILES * most)

    async def _next_part(self, receive: Receive, latest: float) -> Message:
        """Return the next part of a body.

        Raises:
            Refused: Nothing came for too long, or `latest`, in the event loop's seconds, is over.
        """
        now = asyncio.get_running_loop().time()
        if now > latest:
            raise Refused(408, "The upload took too long. Try it again where the connection is faster.")
        try:
            async with asyncio.timeout(min(self._stall_seconds, latest - now)):
                return await receive()
        except TimeoutError:
            raise Refused(408, "The upload stopped on its way. Try it again.") from None

    def _make_room_on_server(self, files: MemoryUploadedFileManager) -> None:
        """Remove files of the sessions with the most bytes, until all uploads together are within the limit.

        Raises:
            Refused: The uploads in progress alone exceed the limit.
        """
        if self._arrived > self._server_bytes:
            raise Refused(503, "The server has too many uploads at the moment. Try again in a minute.")
        held = {session: _held(files, session) for session in list(files.file_storage)}
        for session in sorted(held, key=lambda each: held[each], reverse=True):
            excess = sum(held.values()) + self._arrived - self._server_bytes
            if excess <= 0:
                return
            make_room(files, session, held[session] - excess)
            held[session] = _held(files, session)


def _session_of(path: str) -> str:
    """Return the session in an upload's path.

    Raises:
        Refused: There is no such session, or its browser has left.
    """
    found = _ADDRESS.fullmatch(path_in_app(path))
    if not found:
        raise Refused(403, "No page that is open asks for this upload.")
    _check_is_here(found[1])
    return found[1]


def _check_is_here(session: str) -> None:
    """Raise `Refused` if there is no such session or its browser has left."""
    if not runtime.exists() or not runtime.get_instance().is_active_session(session):
        raise Refused(403, "No page that is open asks for this upload.")


def _body_size(headers: Headers, most: int) -> int:
    """Return the most bytes that the request's body may have.

    Args:
        headers: The request's headers.
        most: Size limit of the page, in bytes.

    Raises:
        Refused: The `Content-Length` is larger, or is not a number.
    """
    said = headers.get("content-length", "")
    if said and not (said.isascii() and said.isdigit()):
        raise Refused(400, "The upload's Content-Length is no number.")
    size = int(said[:20]) if said else most + FRAME_BYTES
    if size > most + FRAME_BYTES:
        raise Refused(413, f"A file may have at most {most // MEGABYTE} MB here.")
    return size


def _files() -> MemoryUploadedFileManager:
    files = runtime.get_instance().uploaded_file_mgr
    if not isinstance(files, MemoryUploadedFileManager):
        raise changed("how it keeps uploads", __name__)
    return files


def _held(files: MemoryUploadedFileManager, session: str) -> int:
    """Return the bytes of all files of a session."""
    return sum(len(file.data) for file in list(files.file_storage.get(session, {}).values()))


def make_room(files: MemoryUploadedFileManager, session: str, most: int) -> None:
    """Remove a session's oldest files until it has at most `most` bytes.

    Pages read an upload at once, so nobody needs an older file.
    """
    total = _held(files, session)
    for file in list(files.file_storage.get(session, {}).values()):
        if total <= most:
            return
        files.remove_file(session, file.file_id)
        total -= len(file.data)
