"""A part of the address that a page both obeys and writes."""

from mnist_app.ui.session.page_memory import STALE_SECONDS, AddressPart


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(value: str | None, clock: Clock) -> AddressPart:
    """The part once a page was opened with it, or by an address without it."""
    part = AddressPart(clock)
    part.note(part.wanted(value) or "first", value)
    return part


def test_the_address_that_opens_a_page_is_obeyed() -> None:
    assert AddressPart(Clock()).wanted("layers") == "layers"
    assert AddressPart(Clock()).wanted(None) is None


def test_an_address_from_before_a_change_is_not_obeyed() -> None:
    part = opened("data", Clock())
    part.note("layers", "data")
    part.note("loss", "data")
    assert part.wanted("data") is None and part.wanted("layers") is None
    assert part.wanted("testing") == "testing"


def test_once_the_browser_knows_of_the_change_the_address_from_before_is_a_way_back() -> None:
    part = opened("data", Clock())
    part.note("layers", "data")
    assert part.wanted("layers") is None
    assert part.wanted("data") == "data"


def test_so_it_is_after_a_while() -> None:
    clock = Clock()
    part = opened("data", clock)
    part.note("layers", "data")
    clock.now += STALE_SECONDS
    assert part.wanted("data") == "data"
