"""Search for a Chromium for the tests, and its installation: `.venv/bin/python tools/chromium.py`.

The first choice is one on the PATH, then Playwright's own, then the system's package if it can be installed
without a question. It runs in the environment that Playwright is installed in.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NONE_HERE = "There is no Chromium on the PATH, nor one of Playwright's own"
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium() -> str | None:
    """Return the path of the first Chromium that starts, or None."""
    return next((path for path in candidates() if succeeds(path, "--version")), None)


def candidates() -> Iterator[str]:
    """Yield possible paths. A file is not enough: Ubuntu's can be a shell script that asks for a snap."""
    yield from filter(None, map(shutil.which, NAMES))
    # In a process of its own: Playwright cannot be started twice in one, and a test may be using it.
    answer = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        yield answer.stdout.strip()


def succeeds(*command: str) -> bool:
    """Return whether a command can be run, ends within a minute and reports success."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def download() -> None:
    """Let Playwright download its own Chromium; its output goes to the terminal."""
    environment = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000", **os.environ}
    try:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, env=environment, check=False, timeout=900)
    except subprocess.TimeoutExpired:
        print("Playwright's download was broken off after a quarter of an hour.", file=sys.stderr)


def install_debian_package() -> None:
    """Install Debian's Chromium, if there is apt-get and no password is needed."""
    apt_get = shutil.which("apt-get")
    become_root = [] if os.name != "nt" and os.geteuid() == 0 else ["sudo", "-n"]
    if not apt_get or not succeeds(*become_root, "true"):
        return
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", apt_get, "-qq"]
    packages = ["chromium", "fonts-liberation"]
    subprocess.run([*apt, "update"], check=False)
    subprocess.run([*apt, "install", "-y", "--no-install-recommends", *packages], check=False)


def in_continuous_integration(environment: Mapping[str, str]) -> bool:
    """Return whether nobody is watching (`CI=true`), so that a skipped test would go unnoticed."""
    return environment.get("CI", "").strip().lower() not in ("", "0", "false")


def main() -> int:
    """Find or install a Chromium; return 0 even without one, unless `CI` is set."""
    for bring in (download, install_debian_package):
        if find_chromium():
            return 0
        bring()
    if find_chromium():
        return 0
    print(f"{NONE_HERE}, and none could be brought: ", file=sys.stderr, end="")
    if in_continuous_integration(os.environ):
        print("install one and start again.", file=sys.stderr)
        return 1
    print("the tests that need a browser will be skipped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
