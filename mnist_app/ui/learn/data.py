"""Interactive parts of chapter 1: an image as a picture and as numbers, and the counts of the digits."""

import streamlit as st

from mnist_app.learning.lessons.preparation import count_digits
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn.material import Material
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import DIGITS, bars, ten_bars
from mnist_app.ui.session.widgets import live_key

_PARTS = ("Training images", "Test images")


def show_pixels(material: Material) -> None:
    """Show the chosen image and its 28 × 28 numbers."""
    pixels = material.pixels
    inked = int((pixels > 0).sum())
    st.html(
        '<div class="pixels">'
        + figures.picture(pixels, f"Training image {material.index}: a {material.label}", 168)
        + f"<p><code>x_train[{material.index}]</code> is a table of 28 × 28 = {pixels.size} numbers. "
        f"{inked} of them are larger than 0: there is ink. The largest is {pixels.max()}.<br>"
        f"<code>y_train[{material.index}]</code> is {material.label}.</p></div>"
        + figures.grid(
            [[str(value) for value in line] for line in pixels],
            pixels / 255,
            f"The image's 28 rows of 28 numbers, from 0 to {pixels.max()}. Ink is in {inked} of them.",
            "large",
        )
    )


@fragment
def show_digit_counts(material: Material) -> None:
    """Show how often each digit occurs among the training or test images."""
    chosen = st.segmented_control(
        "Which images",
        _PARTS,
        default=_PARTS[0],
        key=live_key("counted"),
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    dataset = material.dataset
    counts = count_digits(dataset.y_train if chosen == _PARTS[0] else dataset.y_test)
    st.html(
        ten_bars(
            bars(DIGITS, counts / counts.max(), [f"{count:,}" for count in counts], f"{chosen} of each digit")
        )
    )
    rarest, commonest = int(counts.argmin()), int(counts.argmax())
    st.markdown(
        f"**{counts.sum():,}** images in all. The digit {rarest} occurs least often, {counts[rarest]:,} "
        f"times; {commonest} occurs most often, {counts[commonest]:,} times."
    )
