"""Addresses as they are below `server.baseUrlPath`."""

from streamlit import config


def path_in_app(path: str) -> str:
    """Return a request's path without the base path that the app is served below, if it has one."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return path.removeprefix(f"/{base}") if base else path
