"""Check whether the app serves on this machine: `python tools/healthy.py PORT` exits with 0 or 1."""

import sys
import urllib.request


def is_healthy(port: str) -> bool:
    """Return whether the server at this port says that it is ready."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by way of a proxy
    try:
        with opener.open(f"http://127.0.0.1:{port}/_stcore/health", timeout=4) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not is_healthy(sys.argv[1]))
