"""What the tests of a class with a teacher share."""

from shown import session_of
from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT
from mnist_app.ui.session.page_memory import DrawPage

TEACHER_CODE = "the teacher's own code"
"""What opens the teacher's page while the fixture `class_store` is in use."""


def visit(page: str, is_teacher: bool = False, **address: str) -> AppTest:
    """A page at an address, as one of the class or the teacher sees it."""
    test = AppTest.from_file(str(PROJECT / "mnist_app/ui/frame/page_script.py"), default_timeout=120)
    session_of(test).draw = DrawPage(is_restored=True)
    session_of(test).is_teacher = is_teacher
    test.run()
    for name, value in address.items():
        test.query_params[name] = value
    test.switch_page(f"../pages/{page}.py").run()
    assert not test.exception
    return test
