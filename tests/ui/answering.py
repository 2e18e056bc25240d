"""A tab whose browser has not said yet who its visitor is, and the browser's answer."""

import json

from opened import new_tab
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.session.widgets import Key


def open_directly(page: str, **address: str) -> AppTest:
    """A page as a tab shows it that was opened there, before the browser has answered."""
    test = new_tab()
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    test.switch_page(f"{PAGES}/{page}.py").run()
    assert not test.exception
    return test


def questions(test: AppTest) -> list[str]:
    """The ids of the components on the page that ask the browser."""
    found = [element.proto for element in test.get("bidi_component")]
    return [each.id for each in found if each.id.endswith(f"-{Key.BROWSER}")]


def answer(test: AppTest, token: str, person: str | None = None) -> None:
    """Have the browser answer, together with all that was entered and pressed since."""
    states: WidgetStates = test._tree.get_widget_states()
    kept = {"owner": token, "person": person, "text": None}
    states.widgets.add(id=questions(test)[0], json_value=json.dumps({"kept": kept}))
    test._run(states)
    assert not test.exception
