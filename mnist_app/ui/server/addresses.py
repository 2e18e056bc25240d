"""Addresses as they are below `server.baseUrlPath`."""

from streamlit import config


def path_in_app(path: str) -> str:
    """Return a request's path without the base path that the app is served below, if it has one."""
    return path.removeprefix(base_path())


def base_path() -> str:
    """Return the path that the app is served below, such as `/digits`; empty where there is none."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""
