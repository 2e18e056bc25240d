"""The app's own routes, beside Streamlit's.

Starlette asks them before the pages, so a route hides a page of the same name. Streamlit's checks of origin,
XSRF and sign-in belong to its own handlers: a route here must make them itself. Nor is
`server.baseUrlPath` put in front of a route.
"""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
