"""The names by which the chapters' texts call the parts to touch."""

from mnist_app.ui.learn.data import show_digit_counts, show_pixels
from mnist_app.ui.learn.material import LivePart
from mnist_app.ui.learn.normalise import show_normalise, show_reshape
from mnist_app.ui.learn.one_hot import show_one_hot

PARTS = {
    "pixels": LivePart(show_pixels, needs_image=True, is_wide=True),
    "digit_counts": LivePart(show_digit_counts),
    "reshape": LivePart(show_reshape, needs_image=True),
    "normalise": LivePart(show_normalise, needs_image=True),
    "one_hot": LivePart(show_one_hot, needs_image=True),
}
