"""A small app with the limits on uploads, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import runtime

from mnist_app.ui.server.upload_fields import MEGABYTE
from mnist_app.ui.server.upload_limits import UploadLimits
from mnist_app.ui.shared.lifespan import tidying

SERVER_MEGABYTES = 4
STALL_SECONDS = 1.0
LONGEST_SECONDS = 10.0


async def held(_request: Request) -> JSONResponse:
    """Answer which files each session holds, with their sizes."""
    storage = runtime.get_instance().uploaded_file_mgr.file_storage
    return JSONResponse(
        {
            session: {name: len(file.data) for name, file in files.items()}
            for session, files in storage.items()
        }
    )


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    async with tidying(every=0.1):
        yield


app = st.App(
    "small_script.py",
    lifespan=lifespan,
    routes=[Route("/held", held)],
    middleware=[
        Middleware(
            UploadLimits,
            server_bytes=SERVER_MEGABYTES * MEGABYTE,
            stall_seconds=STALL_SECONDS,
            longest_seconds=LONGEST_SECONDS,
        )
    ],
)
