"""The pupil who measures the load: it must see what a browser would see, or its figures mean nothing."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import event_loops
import numpy as np
import pytest
from serving import serve
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench import live_class
from bench.load import Plan, parse, watch
from bench.pupil import Pupil, visit
from bench.rush import out_of_rotation
from mnist_app.learning.training.presets import get_preset
from mnist_app.settings import Settings
from mnist_app.ui.parts.canvas_controls import message_of, written_strokes
from mnist_app.ui.session.draw_page import DEFAULT_BRUSH, CanvasMessage
from mnist_app.workspace.runs.run_store import Store


async def draw_some(address: str) -> list[str | None]:
    """Three digits, then something that is no picture; what is read of each."""
    rng = np.random.default_rng(0)
    drawn = [message_of(written_strokes(digit, DEFAULT_BRUSH, rng)) for digit in (7, 3, 0)]
    read = []
    async with visit(address) as pupil:
        await pupil.open()
        for message in [*drawn, CanvasMessage(b"no picture", {"objects": []})]:
            await pupil.draw(message)
            read.append(pupil.digit)
    return read


async def draw_and_look_inside(address: str) -> str | None:
    """Draw a 7 and touch Look inside so soon that the browser asks for that part of the page alone."""
    message = message_of(written_strokes(7, DEFAULT_BRUSH, np.random.default_rng(0)))
    data = "data:image/png;base64," + base64.b64encode(message.png).decode("ascii")
    async with visit(address) as pupil:
        pupil.kept["text"] = json.dumps({"look_inside": "Each layer"})
        await pupil.open()
        await pupil.draw(message_of(written_strokes(3, DEFAULT_BRUSH, np.random.default_rng(0))))
        await pupil.say(
            "canvas", json.dumps({"drawing": {"raw": message.json_data, "data": data}}), beside="map_order"
        )
        return pupil.digit


async def draw_while_asking(address: str) -> int:
    """Draw a 3 and ask the live socket meanwhile; the number of answers."""
    message = message_of(written_strokes(3, DEFAULT_BRUSH, np.random.default_rng(0)))
    async with visit(address) as pupil:
        await pupil.open()
        async with live_class.live_socket(address, pupil) as socket:
            return await live_class.draw_live(socket, pupil, message, live_class.Seen())


async def train(address: str) -> list[float]:
    """Train the smallest network and watch it for some seconds."""
    async with visit(address) as pupil:
        await pupil.open("train", "preset=dense&dataset=synthetic")
        await pupil.train()
        return await pupil.watch(3.0)


@pytest.mark.slow
def test_a_pupil_s_drawings_are_read_and_a_watched_run_refreshes(tmp_path: Path) -> None:
    with serve(tmp_path) as server:
        assert event_loops.run(draw_some(server.address)) == ["7", "3", "0", None]
        assert event_loops.run(draw_and_look_inside(server.address)) == "7"
        assert event_loops.run(draw_while_asking(server.address)) >= 2
        assert len(event_loops.run(train(server.address))) >= 2
        store = Store(replace(Settings.from_environment(), home=tmp_path))
        training = store.start(get_preset("dense").defaults, "another worker")
        assert len(event_loops.run(watch(server.address, training.run_id))) >= 2
        store.close()


def test_a_page_whose_refreshing_was_stopped_is_not_asked_again() -> None:
    begin, stop = ForwardMsg(), ForwardMsg()
    begin.auto_rerun.fragment_id, begin.auto_rerun.interval = "curves", 0.1
    stop.stop_auto_rerun.fragment_ids.append("curves")

    async def says() -> AsyncIterator[bytes]:
        for message in (begin, stop):
            yield message.SerializeToString()

    async def watched() -> list[float]:
        pupil = Pupil(says())  # type: ignore[arg-type]
        await pupil.listen()
        assert pupil.fault is None
        return await pupil.watch(60.0)

    assert event_loops.run(watched()) == []


def test_the_command_line_says_how_many_and_how_long() -> None:
    assert parse(["--pupils", "60", "--minutes", "2"]) == (
        Plan(60, 120.0, 120.0, 180.0, 60.0, 200, 60.0),
        None,
    )
    with pytest.raises(SystemExit):
        parse(["--pupils", "many"])


def test_a_pen_has_come_so_far_along_the_strokes() -> None:
    strokes = [{"path": [1, 2, 3], "strokeWidth": 20}, {"path": [4, 5], "strokeWidth": 20}]
    assert live_class.begun_strokes(strokes, 2) == [{"path": [1, 2], "strokeWidth": 20}]
    assert live_class.begun_strokes(strokes, 4) == [strokes[0]]
    assert live_class.begun_strokes(strokes, 5) == strokes


def test_turns_out_of_rotation_are_counted() -> None:
    assert out_of_rotation(list("abcabcab")) == 0
    assert out_of_rotation(list("abcca")) == 0
    assert out_of_rotation(list("abacb")) == 1
    assert out_of_rotation(list("aab")) == 1
    assert out_of_rotation(list("abaaa")) == 0
    assert out_of_rotation([]) == 0
