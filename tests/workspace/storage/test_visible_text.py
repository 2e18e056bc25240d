"""What is seen of a text: any script, and nothing that hides or turns the direction of writing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.workspace.storage.visible_text import is_visible, visible_part


@pytest.mark.parametrize(
    "text", ["", "Zoë's 数字", "ليلى", "אבי", "می‌خواهم", "👩‍👩‍👧", "a　b", "<b>", "𝔘", "?"]
)
def test_any_script_is_seen_as_it_is(text: str) -> None:
    assert is_visible(text)
    assert visible_part(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\u202eevil\u202c", "evil"),
        ("\u202da\u2066b\u2069\u200e", "ab"),
        ("two\nlines\x00", "twolines"),
        ("half \ud800", "half "),
        ("\u200b\u3164", ""),
        (" \u200d ", ""),
    ],
)
def test_what_hides_or_turns_is_left_out(text: str, seen: str) -> None:
    assert not is_visible(text)
    assert visible_part(text) == seen


@given(st.text())
def test_what_is_left_is_seen_and_turns_nothing(text: str) -> None:
    part = visible_part(text)
    assert is_visible(part)
    assert not {unicodedata.bidirectional(character) for character in part} & {
        *("LRE", "RLE", "LRO", "RLO", "PDF"),
        *("LRI", "RLI", "FSI", "PDI"),
    }
