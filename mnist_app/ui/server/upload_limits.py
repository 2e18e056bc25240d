"""Limits on uploads, because Streamlit keeps every file in memory for as long as its session lasts.

Streamlit 1.67 takes any number of files of up to `server.maxUploadSize`, whatever the session's page asks
for. Here a file may be as large as the largest field on the session's page, counted as it arrives. A session
keeps its newest files only, and all sessions together have a limit as well.
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

FRAME_BYTES = 16 * 1024
"""What a form has around its file: boundaries, headers and the file's name."""
MOST_AT_ONCE = 2
"""Uploads of one session at the same time."""
SESSION_FILES = 2
"""A session's files may hold so many times the largest file that its page takes."""
SERVER_BYTES = 800 * MEGABYTE
"""All uploads together: those that are held and those on their way."""
STALL_SECONDS = 30.0
"""An upload that says nothing for so long is over."""
_ADDRESS = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)")

logger = logging.getLogger(__name__)


class Refused(Exception):
    """An upload that is not taken, with the status and the sentence that say so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class UploadLimits:
    """ASGI middleware that bounds what sessions upload."""

    def __init__(
        self, app: ASGIApp, server_bytes: int = SERVER_BYTES, stall_seconds: float = STALL_SECONDS
    ) -> None:
        self._app = app
        self._server_bytes = server_bytes
        self._stall_seconds = stall_seconds
        self._uploads: Counter[str] = Counter()
        """How many uploads of each session are on their way."""
        self._arrived = 0
        """Bytes that have arrived of all uploads on their way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but uploads that are too large or too many."""
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
                # What has not been read of the body is not read any more.
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

        async def count() -> Message:
            nonlocal arrived
            message = await self._next_part(receive)
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

    async def _next_part(self, receive: Receive) -> Message:
        try:
            async with asyncio.timeout(self._stall_seconds):
                return await receive()
        except TimeoutError:
            raise Refused(408, "The upload stopped on its way. Try it again.") from None

    def _make_room_on_server(self, files: MemoryUploadedFileManager) -> None:
        """Let go of files, from the sessions that hold most, until all uploads together keep to the limit.

        Raises:
            Refused: The uploads on their way are too much by themselves.
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
    """Return the session that an upload's address names.

    Raises:
        Refused: There is no such session with a browser.
    """
    found = _ADDRESS.fullmatch(path_in_app(path))
    if not found or not runtime.exists() or not runtime.get_instance().is_active_session(found[1]):
        raise Refused(403, "No page that is open asks for this upload.")
    return found[1]


def _body_size(headers: Headers, most: int) -> int:
    """Return how many bytes the request's body may have.

    Args:
        headers: The request's.
        most: Bytes of the largest file that the page takes.

    Raises:
        Refused: The request says that it has more, or says it wrongly.
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
        raise RuntimeError(
            "Streamlit keeps uploads elsewhere now, and ui/server/upload_limits.py must follow."
        )
    return files


def _held(files: MemoryUploadedFileManager, session: str) -> int:
    """Return the bytes of all files that a session holds."""
    return sum(len(file.data) for file in list(files.file_storage.get(session, {}).values()))


def make_room(files: MemoryUploadedFileManager, session: str, most: int) -> None:
    """Let go of a session's oldest files until it holds at most `most` bytes.

    Pages take what was uploaded at once, so an older file is not asked for again.
    """
    total = _held(files, session)
    for file in list(files.file_storage.get(session, {}).values()):
        if total <= most:
            return
        files.remove_file(session, file.file_id)
        total -= len(file.data)
