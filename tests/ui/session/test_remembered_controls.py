"""Each control of a page keeps its value while its visitor is on another page."""

import pytest
from opened import new_tab, open_page
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Checkbox, NumberInput, Slider, TextInput, Toggle
from trained import KERAS_WARNING

from mnist_app.ui.session.draw_page import DrawPage

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.slow]
Control = Slider[float] | NumberInput | TextInput | Toggle | Checkbox
ADDRESSES = [
    ("train", {"preset": "cnn"}),
    *[
        ("learn", {"chapter": chapter, "preset": preset})
        for chapter in ("data", "normalise", "layers", "loss", "training", "testing", "own-digit")
        for preset in ("cnn", "dense")
    ],
]


def controls(test: AppTest) -> dict[str | None, Control]:
    """Return the sliders, fields of numbers and switches of a page by their keys."""
    fields = [each for each in test.main.text_input if each.value.replace(".", "").isdigit()]
    found = [*test.slider, *test.number_input, *fields, *test.toggle, *test.checkbox]
    return {each.key: each for each in found}


def change(control: Control) -> object:
    """Give a control another value, and return it."""
    if isinstance(control, Toggle | Checkbox):
        value: object = not control.value
    elif isinstance(control, TextInput):
        value = f"{control.value}1" if "." in control.value else str(max(int(control.value) - 1, 1))
    else:
        step, before = control.step or 1, float(control.value or 0)
        value = before + step if before + step <= float(control.max or 0) else before - step
    control.set_value(value).run()  # type: ignore[arg-type]
    return value


@pytest.mark.parametrize(("page", "address"), ADDRESSES)
def test_what_was_set_is_still_so_after_another_page(page: str, address: dict[str, str]) -> None:
    test = open_page(new_tab(DrawPage(is_restored=True)), page, **address)
    wanted = {}
    for key in list(controls(test)):
        wanted[key] = change(controls(test)[key])
        assert not test.exception
    assert wanted
    test.switch_page("../pages/runs.py").run()
    test.switch_page(f"../pages/{page}.py").run()
    assert not test.exception
    assert {key: controls(test)[key].value for key in wanted} == wanted
