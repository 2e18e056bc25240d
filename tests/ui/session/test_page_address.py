"""The page's address comes from the browser, and so from anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.draw.pictures import lends_camera
from mnist_app.ui.lesson_link.lesson_address import lesson_address
from mnist_app.ui.session.page_address import well_formed
from mnist_app.workspace.classroom.class_settings import ClassSettings


@pytest.mark.parametrize(
    "address", [None, "", "http://school:8501/app/train?preset=dense", "http://[::1]:8501"]
)
def test_what_a_browser_tells_is_taken(address: str | None) -> None:
    assert well_formed(address) == address


@pytest.mark.parametrize("address", ["http://[::1", "http://]/", "//[v9]:1", "http://a\u2100b/"])
def test_a_forged_address_is_as_good_as_none(address: str) -> None:
    assert well_formed(address) is None


@given(st.text(alphabet="htp:/[]@?#%.1a\u2100", max_size=20) | st.text())
def test_any_text_gives_a_link_and_an_answer_about_the_camera(address: str) -> None:
    here = well_formed(address)
    assert lesson_address(here or "", PRESETS["dense"].defaults, ClassSettings()).endswith("preset=dense")
    assert lends_camera(here) in (True, False)
