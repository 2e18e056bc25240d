"""Entry point of `streamlit run app.py`: the web app, which runs the page script for each visitor.

Streamlit finds the call of `st.App` by parsing this file, so the call must be literally in this file. The
module runs once, when the server starts, and must not import slow modules.
"""

import streamlit as st

from mnist_app.ui.live.routes import routes
from mnist_app.ui.server.middleware import middleware_of
from mnist_app.ui.server.start_settings import server_settings, start
from mnist_app.ui.shared.lifespan import lifespan

start()

app = st.App(
    "mnist_app/ui/frame/page_script.py",
    lifespan=lifespan,
    middleware=middleware_of(server_settings()),
    routes=routes(),
)
