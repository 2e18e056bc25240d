"""The tabs that may ask while the pen moves."""

from mnist_app.ui.live.live_sessions import KEPT_DRAWINGS, LiveSessions, Objects


def nothing(_: Objects) -> dict[str, str]:
    return {}


def test_a_tab_is_found_by_its_ticket_alone() -> None:
    sessions = LiveSessions()
    first, second = sessions.admit("a", [], nothing), sessions.admit("b", [], nothing)
    assert first.ticket != second.ticket
    assert sessions.find(first.ticket) is first and sessions.find(second.ticket) is second
    assert sessions.find("") is None and sessions.find("a") is None and sessions.find("ü\ud800") is None


def test_a_tab_keeps_its_ticket_from_one_page_run_to_the_next() -> None:
    sessions = LiveSessions()
    ticket = sessions.admit("a", [], nothing).ticket
    assert sessions.admit("a", [1], nothing).ticket == ticket


def test_a_question_may_build_on_the_page_runs_before() -> None:
    sessions = LiveSessions()
    for strokes in range(10):
        tab = sessions.admit("a", ["stroke"] * strokes, nothing)
    assert tab.drawing == 10
    assert sorted(tab.drawings) == list(range(11 - KEPT_DRAWINGS, 11))
    assert tab.drawings[10] == ["stroke"] * 9


def test_a_tab_that_has_left_is_let_in_no_more() -> None:
    sessions = LiveSessions()
    here, left = sessions.admit("a", [], nothing), sessions.admit("b", [], nothing)
    sessions.keep_only({"a"})
    assert sessions.has(here) and not sessions.has(left)
    assert sessions.find(left.ticket) is None
    again = sessions.admit("b", [], nothing)
    assert again.ticket != left.ticket and not sessions.has(left)
