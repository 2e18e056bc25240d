"""A thread that works through a queue of tasks, and ends after a while without any.

An executor's thread stays until the executor is shut down, so each network that a class has used would keep
one.
"""

import atexit
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

IDLE_SECONDS = 60.0
"""The thread ends after so long without a task. The next task begins another one."""


class IdleThread:
    """A thread that exists only while there are tasks or were some lately. Safe to share among threads."""

    def __init__(self, name: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """Make an executor whose thread, when it begins, has this name."""
        self._name = name
        self._idle_seconds = idle_seconds
        self._tasks: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called after all that were submitted before.

        Raises:
            RuntimeError: this was closed.
        """
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
        """Refuse further tasks, and end the thread after those that were submitted."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _begin(self) -> None:
        # Python does not wait for a daemon, which may be idle; `_finish` waits for one that works.
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        thread.start()
        self._thread = thread
        atexit.register(self._finish)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            task()
            del task  # or an idle thread would keep alive what the task refers to

    def _next(self) -> Callable[[], None] | None:
        """Wait for the next task; return None when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._tasks or self._closed, self._idle_seconds)
            if self._tasks:
                return self._tasks.popleft()
            self._thread = None
            atexit.unregister(self._finish)
            return None

    def _finish(self) -> None:
        """Wait for the thread as Python exits, so that TensorFlow does not work while it is taken down."""
        thread = self._thread
        self.close()
        if thread is not None:
            thread.join()


def _fulfil(future: Future[T], function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # the future raises it where the result is asked for
        future.set_exception(error)
    else:
        future.set_result(result)
