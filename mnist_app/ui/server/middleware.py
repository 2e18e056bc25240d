"""The middleware that wraps Streamlit's own and all routes, the outermost first."""

from starlette.middleware import Middleware

MIDDLEWARE: list[Middleware] = []
