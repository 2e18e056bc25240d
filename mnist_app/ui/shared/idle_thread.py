"""A thread that does one thing after another, and ends when it has not been asked for a while.

An executor's thread stays until the executor is shut down: of each network that a class has used, one would
stay after all have left.
"""

import atexit
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

IDLE_SECONDS = 60.0
"""Without a question for so long, the thread ends; the next question begins another."""


class RestingThread:
    """Begun by the first question, and again by the first one after a rest. Safe to ask from many threads."""

    def __init__(self, name: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """No thread is begun yet; `name` is what it will be called."""
        self._name = name
        self._idle_seconds = idle_seconds
        self._tasks: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Have the function called, after all that was submitted before; raises RuntimeError once closed."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise RuntimeError("This thread was closed and takes no more questions.")
            self._tasks.append(lambda: _fulfil(future, function))
            self._changed.notify()
            if self._thread is None:
                self._begin()
        return future

    def close(self) -> None:
        """Take no more; the thread ends once it has done what was submitted."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _begin(self) -> None:
        # A daemon is not waited for while it rests; that it is not cut off while it works, `_finish` sees to.
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        thread.start()
        self._thread = thread
        atexit.register(self._finish)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            task()
            del task  # what it holds is not to be held while this waits

    def _next(self) -> Callable[[], None] | None:
        """What is to be done next; None when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._tasks or self._closed, self._idle_seconds)
            if self._tasks:
                return self._tasks.popleft()
            self._thread = None
            atexit.unregister(self._finish)
            return None

    def _finish(self) -> None:
        """As Python exits: TensorFlow is not to be at work while it is being taken down."""
        thread = self._thread
        self.close()
        if thread is not None:
            thread.join()


def _fulfil(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # whoever asked is told, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)
