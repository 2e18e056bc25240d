"""The Test images page, without a browser."""

import re

import pytest
from opened import new_tab, open_page
from shown import html
from streamlit.testing.v1 import AppTest
from trained import KERAS_WARNING

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.filterwarnings(KERAS_WARNING)]
PAGE = "../pages/test_images.py"


def show(model: str = SHIPPED) -> AppTest:
    """The page, asked in its address for a model."""
    return open_page(new_tab(), "test_images", model=model)


def metrics(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


def test_the_shipped_model_is_measured_and_its_mistakes_shown() -> None:
    test = show()
    assert not test.error
    values = metrics(test)
    assert float(values["Accuracy"].removesuffix(" %")) > 90
    mistakes = int(values["Mistakes"].replace(",", ""))
    assert mistakes == round(
        (1 - float(values["Accuracy"][:-2]) / 100) * int(values["Images"].replace(",", ""))
    )
    assert html(test).count('<figure class="wrong"') == min(mistakes, 50)
    shares = [float(share) for share in re.findall(r"<small>([\d.]+) % sure", html(test))]
    assert shares == sorted(shares, reverse=True)


def test_the_accuracy_is_the_one_on_the_model_s_card() -> None:
    test = show()
    if test.selectbox(key=Key.DATASET_TESTED).value != "mnist":
        pytest.skip("Real MNIST is not here.")
    card = resources.shipped_card().measurements[0]
    assert metrics(test)["Accuracy"] == f"{100 * card.accuracy:.2f} %"


def test_the_images_of_a_digit_are_shown_fifty_at_a_time() -> None:
    test = show()
    test.selectbox(key=Key.TRUTH).set_value("7").run()
    test.selectbox(key=Key.ANSWER).set_value("any answer").run()
    assert html(test).count("is <b>7</b>") == 50
    first = html(test)
    test.session_state[Key.IMAGES_PAGE] = 2
    test.run()
    assert html(test).count("is <b>7</b>") == 50
    assert html(test) != first
    test.selectbox(key=Key.TRUTH).set_value("8").run()
    assert test.session_state[Key.IMAGES_PAGE] == 1


def test_a_run_s_model_is_measured_and_its_name_is_text(run: Run) -> None:
    test = show(run.id)
    assert not test.error
    chosen = test.selectbox(key=Key.MODEL_TESTED)
    assert chosen.value == run.id
    assert f"<b>bold</b> **too**, #{run.number}" in chosen.options
    assert "bold" not in html(test)
    assert float(metrics(test)["Accuracy"].removesuffix(" %")) < 50


def test_a_chosen_model_is_still_chosen_after_another_page(run: Run) -> None:
    test = show()
    test.selectbox(key=Key.MODEL_TESTED).set_value(run.id).run()
    test.switch_page("../pages/runs.py").run()
    test.query_params.clear()
    test.switch_page(PAGE).run()
    assert test.selectbox(key=Key.MODEL_TESTED).value == run.id


def test_a_run_that_is_not_there_gets_a_sentence_and_the_shipped_model() -> None:
    test = show("nothing<b>")
    assert "has no model, or was deleted" in test.info[0].value
    assert test.selectbox(key=Key.MODEL_TESTED).value == SHIPPED


def test_a_model_whose_file_is_gone_gets_a_sentence_until_it_is_back(run: Run) -> None:
    path = resources.model_files().model_path(run.id)
    kept = path.with_suffix(".kept")
    for digest in resources.evaluations().path(run.model_sha256 or "", "").parent.glob("*.npz"):
        if digest.name.startswith(run.model_sha256 or "-"):
            digest.unlink()
    path.rename(kept)
    resources.recogniser_of_run.clear()
    test = show(run.id)
    assert len(test.error) == 1 and "cannot be read" in test.error[0].value
    kept.rename(path)
    resources.recogniser_of_run.clear()
    test.run()
    assert not test.error and "Accuracy" in metrics(test)
