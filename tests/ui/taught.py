"""What the tests of a class with a teacher share."""

from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT
from mnist_app.ui.session.page_memory import DrawPage

TEACHER_CODE = "the teacher's own code"
"""What opens the teacher's page while the fixture `class_store` is in use."""


def visit(page: str, is_teacher: bool = False, **address: str) -> AppTest:
    """A page at an address, as one of the class or the teacher sees it."""
    test = AppTest.from_file(str(PROJECT / "mnist_app/ui/frame/page_script.py"), default_timeout=120)
    test.session_state["draw_page"] = DrawPage(is_restored=True)
    test.session_state["is_teacher"] = is_teacher
    test.run()
    for name, value in address.items():
        test.query_params[name] = value
    test.switch_page(f"../pages/{page}.py").run()
    assert not test.exception
    return test
