"""The first layer on the Train page: its pictures, and one slider for everything that has moments."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from opened import new_tab, open_page
from PIL import Image
from shown import html
from streamlit.testing.v1 import AppTest

from mnist_app.learning.explanation.first_layer import WeightPictures
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.parts.figures import signed_colours
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.train.first_layer import first_layer_html, strip_uri
from mnist_app.workspace.runs.records import Moment, Point, Run, Snapshot, Status
from mnist_app.workspace.runs.run_store import Store

STRIP = r"--weights:url\(data:image/png;base64,([^)]+)\)"


def layer(count: int, side: int, level: int, units: int = 0) -> WeightPictures:
    """Pictures that are of one level each, but for the first pixel, which has the largest weight."""
    levels = np.full((count, side, side), level, np.int8)
    levels[0, 0, 0] = 127
    return WeightPictures(levels, 0.25, units or count)


def strip(address: str) -> np.ndarray:
    """The pixels of the image at a data address."""
    content = base64.b64decode(address.rsplit("base64,", maxsplit=1)[-1])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_each_picture_is_in_its_place_on_one_scale() -> None:
    levels = np.arange(-127, 128, 255 // 47, dtype=np.int16)[:50].astype(np.int8).reshape(2, 5, 5)
    pixels = strip(strip_uri(WeightPictures(levels, 0.5, 2)))
    assert pixels.shape == (10, 5, 3)
    expected = signed_colours(levels.reshape(10, 5) / 127)
    assert np.abs(pixels - expected).max() <= 255 / 30 + 1, "no further off than half a shade"


def test_blue_is_positive_orange_negative_and_black_nothing() -> None:
    pixels = strip(strip_uri(WeightPictures(np.array([[[127, 0], [0, -127]]], np.int8), 0.5, 1)))
    assert pixels[0, 0].tolist() == [126, 170, 255] and pixels[1, 1].tolist() == [255, 158, 84]
    assert not pixels[0, 1].any() and not pixels[1, 0].any()


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        (layer(24, 28, 9, 128), "24 of 128 neurons after 1.35 epochs"),
        (layer(32, 3, 9), "32 filters after 1.35 epochs"),
        (layer(32, 5, 9), "32 filters after 1.35 epochs"),
    ],
)
def test_the_pictures_have_one_name_for_screen_readers(pictures: WeightPictures, words: str) -> None:
    shown = first_layer_html(Snapshot(Moment(100, 1.35, 2.0), pictures))
    assert f'role="img" aria-label="{words}"' in shown
    assert shown.count("<i style=") == len(pictures.levels) + 1, "the legend's bar too"
    assert "−0.25" in shown and "+0.25" in shown


def test_what_is_sent_each_second_is_small() -> None:
    """The charts are allowed half of the 60 kB of a refresh; noise is the largest picture."""
    noise = np.random.default_rng(0).integers(-127, 128, (24, 28, 28)).astype(np.int8)
    assert len(first_layer_html(Snapshot(Moment(0, 0.0, 0.0), WeightPictures(noise, 0.1, 128)))) < 22_000


def training_run(store: Store, preset: str = "dense") -> Run:
    """A run in its third epoch of ten, with a snapshot after each half epoch and no watched digit."""
    lease = store.start(replace(PRESETS[preset].defaults, epochs=10), "test")
    store.report(
        lease,
        status=Status.TRAINING,
        epoch=2.5,
        steps_per_epoch=100,
        new_points=[Point("train", step, step / 100, 1 / step, 0.9) for step in range(1, 250)],
        new_snapshots=[
            Snapshot(Moment(50 * half, half / 2, half / 4.0), layer(24, 28, 20 * half, 128))
            for half in range(6)
        ],
    )
    return store.run(lease.run_id)


def show(run: Run) -> AppTest:
    return open_page(new_tab(DrawPage(is_restored=True)), "train", run=run.id)


def level_shown(test: AppTest) -> int:
    """The level of the last picture's pixels, rounded to the level of a snapshot of `training_run`."""
    (address,) = re.findall(STRIP, html(test))
    return round(int(strip(address)[-1, -1, 2]) / 255 * 127 / 20)


def test_the_first_layer_follows_the_training_and_the_slider_looks_back(store: Store) -> None:
    run = training_run(store)
    test = show(run)
    assert any("looks for, now" in each.value for each in test.markdown)
    assert "24 of 128 neurons after 2.50 epochs" in html(test) and level_shown(test) == 5
    test.select_slider[0].set_value(1.1).run()
    assert "24 of 128 neurons after 1.00 epochs" in html(test) and level_shown(test) == 2
    test.select_slider[0].set_value(0.0).run()
    assert "24 of 128 neurons after 0.00 epochs" in html(test) and level_shown(test) == 0
    test.select_slider[0].set_value(10.0).run()
    assert "24 of 128 neurons after 2.50 epochs" in html(test)


@pytest.mark.parametrize(("preset", "count"), [("dense", 24), ("cnn", 32), ("accurate", 32)])
def test_until_the_network_is_built_its_place_is_kept(store: Store, preset: str, count: int) -> None:
    lease = store.start(PRESETS[preset].defaults, "test")
    shown = html(show(store.run(lease.run_id)))
    assert f'style="--count:{count}"' in shown and shown.count("background-position") == count
    assert "Not built yet" in shown


def test_a_run_from_before_has_no_place_for_them(store: Store) -> None:
    lease = store.start(PRESETS["cnn"].defaults, "test")
    store.finish(lease, Status.FINISHED, epoch=10.0)
    test = show(store.run(lease.run_id))
    assert not re.findall(STRIP, html(test)) and 'class="first-layer"' not in html(test)
    assert not any("looks for" in each.value for each in test.markdown)


def test_the_slider_looks_back_after_the_end_too(store: Store) -> None:
    run = training_run(store)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET status = 'stopped', epoch = 2.5")
    test = show(run)
    assert any(each.value.endswith("looks for**") for each in test.markdown), "and not now any more"
    assert "after 2.50 epochs" in html(test)
    test.select_slider[0].set_value(0.5).run()
    assert "after 0.50 epochs" in html(test) and level_shown(test) == 1
