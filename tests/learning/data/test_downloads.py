"""Downloads from a real server on this machine that behaves badly in every way we could think of."""

import hashlib
import os
import resource
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mnist_app.errors import DatasetUnavailable, StorageUnavailable
from mnist_app.learning.data.downloads import RemoteFile, download

CONTENT = bytes(range(256)) * 1000
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers GET with what its server was told to do."""

    server: "Server"

    def do_GET(self) -> None:
        """Let the test decide."""
        self.server.requests += 1
        self.server.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def begin(self, length: int | None = len(CONTENT)) -> None:
        """Send a good answer's head."""
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


class Server(ThreadingHTTPServer):
    """A server whose `answer` a test sets; `closing` is set when the test is over."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: Answer = serve(CONTENT)
        self.closing = threading.Event()
        self.requests = 0
        self.address = f"http://127.0.0.1:{self.server_address[1]}/mnist.npz"


def serve(content: bytes, *, with_length: bool = True) -> Answer:
    """Answer as one should."""

    def answer(handler: Handler) -> None:
        handler.begin(len(content) if with_length else None)
        handler.wfile.write(content)

    return answer


def say_nothing(handler: Handler) -> None:
    """Accept the request and never answer."""
    handler.server.closing.wait()


def stall_half_way(handler: Handler) -> None:
    """Send half and never go on."""
    handler.begin()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])
    handler.wfile.flush()
    handler.server.closing.wait()


def break_off(handler: Handler) -> None:
    """Send half and hang up."""
    handler.begin()
    handler.wfile.write(CONTENT[: len(CONTENT) // 2])


def trickle(handler: Handler) -> None:
    """Send a byte now and then, each too soon for silence to be noticed."""
    handler.begin()
    for byte in CONTENT:
        if handler.server.closing.wait(0.02):
            return
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return


def never_end(handler: Handler) -> None:
    """Send the content over and over, without saying how much it will be."""
    handler.begin(None)
    try:
        while not handler.server.closing.is_set():
            handler.wfile.write(CONTENT)
    except OSError:
        return


def status(code: int) -> Answer:
    """Answer with an error page."""
    return lambda handler: handler.send_error(code)


def redirect(target: str) -> Answer:
    """Send the client elsewhere."""

    def answer(handler: Handler) -> None:
        if target != "loop" and handler.path == "/moved":
            return serve(CONTENT)(handler)
        handler.send_response(302)
        handler.send_header("Location", handler.path if target == "loop" else target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that runs during the test."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


def remote(server: Server, content: bytes = CONTENT) -> RemoteFile:
    """What the server ought to bring."""
    return RemoteFile(server.address, hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("with_length", [True, False])
def test_good_file_arrives_whole(server: Server, tmp_path: Path, with_length: bool) -> None:
    server.answer = serve(CONTENT, with_length=with_length)
    target = tmp_path / "keras" / "datasets" / "mnist.npz"
    seen: list[tuple[int, int]] = []
    download(remote(server), target, lambda done, total: seen.append((done, total)))
    assert target.read_bytes() == CONTENT
    assert os.listdir(target.parent) == ["mnist.npz"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    server.answer = redirect("/moved")
    download(remote(server), tmp_path / "mnist.npz")
    assert (tmp_path / "mnist.npz").read_bytes() == CONTENT
    assert server.requests == 2


def test_file_is_as_readable_as_any_other(server: Server, tmp_path: Path) -> None:
    download(remote(server), tmp_path / "mnist.npz")
    (tmp_path / "other").touch()
    assert (tmp_path / "mnist.npz").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_file_that_is_there_is_not_brought_again(server: Server, tmp_path: Path) -> None:
    for _ in range(2):
        download(remote(server), tmp_path / "mnist.npz")
    assert server.requests == 1


def test_nothing_is_printed(server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    download(remote(server), tmp_path / "mnist.npz")
    assert capfd.readouterr() == ("", "")


FAULTS = {
    "says nothing": (say_nothing, "nothing came for 0.3 seconds"),
    "stalls half-way": (stall_half_way, "nothing came for 0.3 seconds"),
    "trickles": (trickle, "longer than 1 seconds"),
    "breaks off": (break_off, "broke off"),
    "hangs up at once": (lambda handler: handler.connection.close(), "could not be reached"),
    "brings other bytes": (serve(CONTENT[::-1]), "not the expected file"),
    "brings fewer bytes": (serve(CONTENT[:-1]), "not the expected file"),
    "brings more bytes": (serve(CONTENT + b"!"), "not the expected file"),
    "brings nothing": (serve(b""), "not the expected file"),
    "never ends": (never_end, "not the expected file"),
    "404": (status(404), "404 Not Found"),
    "500": (status(500), "500 Internal Server Error"),
    "redirects for ever": (redirect("loop"), "TooManyRedirects"),
    "redirects to a file": (redirect("file:///etc/hostname"), "InvalidSchema"),
}


@pytest.mark.parametrize("there_before", [None, b"an older file"], ids=["empty", "occupied"])
@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_is_told_and_leaves_nothing(
    server: Server, tmp_path: Path, answer: Answer, reason: str, there_before: bytes | None
) -> None:
    server.answer = answer
    target = tmp_path / "mnist.npz"
    if there_before:
        target.write_bytes(there_before)
    with pytest.raises(DatasetUnavailable) as caught:
        download(
            remote(server),
            target,
            timeout=0.3 if "nothing came" in reason else 60,
            time_limit=1 if "longer than" in reason else 60,
        )
    assert reason in str(caught.value)
    assert server.address in str(caught.value)
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == (["mnist.npz"] if there_before else [])
    if there_before:
        assert target.read_bytes() == there_before


def test_no_server_is_told(server: Server, tmp_path: Path) -> None:
    file = remote(server)
    server.server_close()
    with pytest.raises(DatasetUnavailable, match="could not be reached"):
        download(file, tmp_path / "mnist.npz")
    assert os.listdir(tmp_path) == []


def test_stopped_from_outside_leaves_nothing(server: Server, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(remote(server), tmp_path / "mnist.npz", stop)
    assert os.listdir(tmp_path) == []


def test_file_in_the_folders_place(server: Server, tmp_path: Path) -> None:
    (tmp_path / "keras").write_text("in the way")
    for target in (tmp_path / "keras" / "mnist.npz", tmp_path / "keras" / "datasets" / "mnist.npz"):
        with pytest.raises(StorageUnavailable, match="cannot be written"):
            download(remote(server), target)
    assert (tmp_path / "keras").read_text() == "in the way"
    assert server.requests == 0


def test_folder_in_the_files_place(server: Server, tmp_path: Path) -> None:
    (tmp_path / "mnist.npz").mkdir()
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        download(remote(server), tmp_path / "mnist.npz")
    assert os.listdir(tmp_path) == ["mnist.npz"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_folder_without_permission(server: Server, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageUnavailable, match="Permission denied"):
        download(remote(server), tmp_path / "mnist.npz")
    tmp_path.chmod(0o700)
    assert os.listdir(tmp_path) == []


def test_disk_too_small(server: Server, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) // 2, hard))
    try:
        with pytest.raises(StorageUnavailable, match="cannot be written"):
            download(remote(server), tmp_path / "mnist.npz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []
