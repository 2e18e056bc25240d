"""The script of the answer panel, in a page of its own: what Streamlit may do to it while the pen is down."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from mnist_app.settings import ASSETS

pytestmark = pytest.mark.browser
PANEL = """<div id="{name}">
<div class="live-answer"></div><p class="on-the-way" data-words="on the way: {{digits}}"></p></div>"""
PAGE = '<!doctype html><div class="canvas"></div>' + "".join(
    PANEL.format(name=each) for each in ("one", "other")
)
PREPARE = """async source => {
    const canvas = document.createElement('canvas');
    canvas.className = 'upper-canvas';
    canvas.width = canvas.height = 320;
    document.querySelector('.canvas').attachShadow({ mode: 'open' }).append(canvas);
    window.pen = (type, x, y) => {
        const box = canvas.getBoundingClientRect();
        const place = { clientX: box.x + x, clientY: box.y + y, bubbles: true, composed: true };
        canvas.dispatchEvent(new MouseEvent(type, place));
    };
    const script = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    const numbers = { drawing: 1, strokes: 0, revision: 0, brush: 20, side: 320 };
    const live = { path: '/live', ticket: 't', model: 'm', ...numbers };
    window.mount = id => {
        const data = { answer: 'the answer of a run', live };
        return script.default({ data, parentElement: document.getElementById(id) });
    };
}"""


@pytest.fixture
def questions() -> list[dict[str, list[dict[str, list[object]]]]]:
    """What the panel asks; each question is answered at once."""
    return []


@pytest.fixture
def page(browser: Browser, questions: list[object]) -> Iterator[Page]:
    page = browser.new_page()
    page.route("http://panel.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))

    def answer(question: str | bytes) -> str:
        questions.append(json.loads(question))
        return json.dumps({"wait": 0, "answer": f"live {len(questions)}", "image": "", "digit": None})

    page.route_web_socket(
        lambda url: "/live?" in url,
        lambda socket: socket.on_message(lambda question: socket.send(answer(question))),
    )
    page.goto("http://panel.test/")
    page.evaluate(PREPARE, (ASSETS / "answer_panel.js").read_text(encoding="utf-8"))
    yield page
    page.close()


def test_a_stroke_goes_on_where_the_panel_is_mounted_again(
    page: Page, questions: list[dict[str, list[dict[str, list[object]]]]]
) -> None:
    page.evaluate("window.leave = mount('one'); pen('mousedown', 100, 100); pen('mousemove', 150, 100)")
    page.get_by_text("live 1").wait_for()
    page.evaluate("document.getElementById('one').remove(); leave(); mount('other')")
    assert page.locator("#other .live-answer").inner_text().startswith("live"), "not an answer of before"
    page.evaluate("pen('mousemove', 200, 100); pen('mouseup', 200, 100)")
    page.wait_for_function("document.querySelector('#other .live-answer').textContent !== 'live 1'")
    (stroke,) = questions[-1]["strokes"]
    assert stroke["path"][0][:1] == ["M"] and stroke["path"][-1][1] == pytest.approx(200, abs=0.1)


def test_a_panel_that_is_not_mounted_again_ends(
    page: Page, questions: list[dict[str, list[dict[str, list[object]]]]]
) -> None:
    page.clock.install()
    page.evaluate("window.leave = mount('one'); document.getElementById('one').remove(); leave()")
    page.clock.run_for(5000)
    page.evaluate("pen('mousedown', 100, 100); pen('mousemove', 150, 100); pen('mouseup', 150, 100)")
    page.evaluate("window.leave = mount('other'); pen('mousedown', 10, 10); pen('mouseup', 10, 10)")
    page.get_by_text("live 1").wait_for()
    assert len(questions[-1]["strokes"]) == 1, "the stroke without a panel is none of this one's"


def test_a_panel_that_is_called_anew_goes_on_though_its_first_call_is_cleaned_up(
    page: Page, questions: list[dict[str, list[dict[str, list[object]]]]]
) -> None:
    page.clock.install()
    page.evaluate("window.leave = mount('one'); mount('one'); leave()")
    page.clock.run_for(5000)
    page.evaluate("pen('mousedown', 100, 100); pen('mousemove', 150, 100); pen('mouseup', 150, 100)")
    page.locator("#one .live-answer", has_text="live").wait_for()
    assert questions[-1]["strokes"]
