"""Requests of a page that was left, and clicks that look like them, on a real server."""

from pathlib import Path

import event_loops
import pytest
from serving import serve

from bench.pupil import visit


async def click_after_the_answer(address: str) -> set[str]:
    """Go from Train to Draw when the browser has just told who visits; the buttons that are shown then."""
    async with visit(address) as pupil:
        await pupil.open("train")
        await pupil.click("")
        return pupil.labels


@pytest.mark.slow
def test_a_click_that_brings_the_browser_s_answer_along_opens_the_page(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        labels = event_loops.run(click_after_the_answer(server.address))
    assert "Train" not in labels
