"""What is told of items that an archive does not hold."""

from mnist_app.workspace.archives.left_out import LeftOut, left_out_in_words, left_out_of_class_in_words

DRAWING = LeftOut("drawing", "abcdefghij", "a 4 by Zoë", "it has no ink")
CURVE = LeftOut("curve", "abcdefghij", "2 points of the curves of the run a", "no training has such numbers")
SETTINGS = LeftOut("settings", "", "the settings of the class", "they cannot be read")


def test_what_is_told_of_drawings_begins_with_a_capital_and_knows_no_reset() -> None:
    assert left_out_in_words([DRAWING, SETTINGS]) == (
        "2 items were left out, because they could not be imported again. "
        "A 4 by Zoë: it has no ink; the settings of the class: they cannot be read."
    )
    assert left_out_in_words([]) == left_out_of_class_in_words([]) == ""


def test_of_a_class_it_is_told_what_a_reset_leaves() -> None:
    assert left_out_of_class_in_words([DRAWING]).endswith(" is still here, also after a reset.")
    for lost in ([SETTINGS], [CURVE], [CURVE, SETTINGS]):
        assert "reset" not in left_out_of_class_in_words(lost)
    assert left_out_of_class_in_words([DRAWING, CURVE]).endswith(
        " is still here, also after a reset, but for points of curves and settings."
    )
