"""A worker's pulse: there while the worker gets on, and gone when it does not."""

import io

from waiting import Clock

from mnist_app.workspace.workers.pulse import Pulse


def test_the_pulse_stops_without_progress_and_comes_back_with_it() -> None:
    heard, clock = io.StringIO(), Clock()
    pulse = Pulse(heard, stalled_after=900.0, clock=clock)

    def beats() -> bool:
        before = len(heard.getvalue())
        pulse.speak_if_due()
        return heard.getvalue()[before:] == "alive\n"

    assert beats()
    clock.now += 899
    assert beats()
    clock.now += 2
    assert not beats()
    pulse.progress()
    assert beats()
