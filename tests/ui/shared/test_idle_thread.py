"""The thread that ends when it is not asked: it answers in order, rests, and is begun again."""

import subprocess
import sys
import threading

import pytest
from waiting import until

from mnist_app.ui.shared.idle_thread import IdleThread

NAME = "a thread that rests"


def running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def test_it_answers_in_order_and_on_one_thread() -> None:
    thread, gate = IdleThread(NAME), threading.Event()
    order: list[int] = []
    first = thread.submit(lambda: gate.wait(60))
    others = [thread.submit(lambda number=number: order.append(number)) for number in range(20)]
    assert len(running()) == 1 and not order
    gate.set()
    assert first.result(60)
    for other in others:
        other.result(60)
    assert order == list(range(20))
    thread.close()
    until(lambda: not running())


def test_it_ends_when_it_is_not_asked_and_is_begun_again() -> None:
    thread = IdleThread(NAME, idle_seconds=0.01)
    for number in range(5):
        assert thread.submit(lambda number=number: number).result(60) == number
        until(lambda: not running())


def test_none_of_many_questions_is_lost_while_it_comes_and_goes() -> None:
    thread = IdleThread(NAME, idle_seconds=0.0)
    for number in range(2000):
        assert thread.submit(lambda number=number: number).result(60) == number
    until(lambda: not running())


def test_whoever_asked_is_told_of_an_error_and_the_next_is_answered() -> None:
    thread = IdleThread(NAME, idle_seconds=0.01)
    with pytest.raises(ZeroDivisionError):
        thread.submit(lambda: 1 // 0).result(60)
    assert thread.submit(lambda: 7).result(60) == 7


def test_closed_it_does_what_was_submitted_and_takes_no_more() -> None:
    thread, gate = IdleThread(NAME), threading.Event()
    submitted = [thread.submit(lambda: gate.wait(60)), thread.submit(lambda: True)]
    thread.close()
    with pytest.raises(RuntimeError, match="closed"):
        thread.submit(lambda: True)
    gate.set()
    assert all(future.result(60) for future in submitted)
    until(lambda: not running())


def test_python_exits_at_once_while_it_rests_but_not_while_it_works() -> None:
    program = """
import threading
from mnist_app.ui.shared.idle_thread import IdleThread
resting, working, begun = IdleThread("r", 3600), IdleThread("w", 3600), threading.Event()
resting.submit(lambda: None).result()
working.submit(lambda: (begun.set(), threading.Event().wait(0.5), print("done", flush=True)))
begun.wait()
"""
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
