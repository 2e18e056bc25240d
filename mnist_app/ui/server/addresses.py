"""The base path of the app, `server.baseUrlPath`."""

from streamlit import config


def path_in_app(path: str) -> str:
    """Return a request's path without the app's base path."""
    return path.removeprefix(base_path())


def base_path() -> str:
    """Return the app's base path, such as `/digits`; empty if it has none."""
    base = config.get_option("server.baseUrlPath").strip("/")
    return f"/{base}" if base else ""
