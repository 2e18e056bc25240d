"""The server's memory, and whether it grows with use."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page
from serving import serve

from bench.browsing import chromium, open_draw_page
from bench.measurement import NotHere, Options, Row

PREDICTIONS = 1000
BETWEEN_LOOKS = 50

DRAW_AND_WAIT = """
async (count) => {
  const picture = () => document.querySelector('section[aria-label="What the network sees"] img')?.src;
  const another = (before) =>
    new Promise((resolve, reject) => {
      const look = () => picture() && picture() !== before && (observer.disconnect(), resolve());
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      setTimeout(() => reject(new Error("no answer came within a minute")), 60000);
    });
  for (let index = 0; index < count; index++) {
    const buttons = [...document.querySelectorAll("button")];
    const answered = another(picture());
    buttons.find((each) => each.textContent.includes("Draw one for me")).click();
    await answered;
  }
}
"""
"""Script that presses "Draw one for me" so often, each time after the last picture has been replaced."""


def measure(options: Options) -> list[Row]:
    """Return resident memory after one prediction, and its growth after many more."""
    count = 100 if options.quick else PREDICTIONS
    if not Path("/proc/self/status").is_file():
        raise NotHere("memory is read from /proc, which only Linux has.")
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        page = open_draw_page(browser, server.address)
        first = resident_memory(server.process_id)
        warm, *later = [memory_after(page, server.process_id) for _ in range(1 + count // BETWEEN_LOOKS)]
    note = (
        f'by "Draw one for me" in one session, after {BETWEEN_LOOKS} to warm up that took {warm - first:+.1f}'
        f" MB; {later[-1] - later[len(later) // 2 - 1]:+.1f} MB of it in the second half"
    )
    growth = round(later[-1] - warm)
    return [
        Row("server's memory with the model loaded", first, "MB", 900, note="resident, after one prediction"),
        Row(f"its growth over {count:,} predictions more", growth, "MB", 0, note=note),
    ]


def memory_after(page: Page, process_id: int) -> float:
    """Return the server's resident memory in MB after some more predictions."""
    page.evaluate(DRAW_AND_WAIT, BETWEEN_LOOKS)
    return resident_memory(process_id)


def resident_memory(process_id: int) -> float:
    """Return a process's resident memory in MB (10⁶ bytes), from Linux."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    kibibytes = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert kibibytes
    return int(kibibytes[1]) * 1024 / 1e6
