"""Networks that were put away are let go, whatever was frozen before."""

import gc
import time
import weakref

import pytest

from mnist_app.ui.shared.garbage import collect_garbage
from mnist_app.ui.shared.recogniser import Recogniser


class Network:
    """In circles, as Keras's are: counting references alone does not let go of it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.slow
def test_of_twenty_networks_loaded_one_after_another_the_last_is_kept() -> None:
    collect_garbage()  # freezes what is here now, if nobody did before
    frozen = gc.get_freeze_count()
    loaded: list[weakref.ref[Network]] = []

    def load() -> Network:
        network = Network()
        loaded.append(weakref.ref(network))
        return network

    for _ in range(20):
        recogniser = Recogniser(load, object)  # type: ignore[arg-type]
        assert recogniser.wait(60)
        recogniser.close()
    end = time.monotonic() + 60
    while sum(network() is not None for network in loaded) > 1:  # a thread may be about to let go of one
        assert time.monotonic() < end
        gc.collect()
    assert loaded[-1]() is not None
    assert gc.get_freeze_count() <= frozen
