"""How tests upload: as a page does, or as no page would."""

import http.client
import select
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

BOUNDARY = "boundary"
START = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n'
    "Content-Type: application/zip\r\n\r\n"
).encode()
END = f"\r\n--{BOUNDARY}--\r\n".encode()
PATIENCE = 60.0
"""Seconds to wait for what must come."""


@contextmanager
def connection(address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to the server."""
    place = urlsplit(address)
    assert place.hostname
    connected = http.client.HTTPConnection(place.hostname, place.port, timeout=PATIENCE)
    try:
        yield connected
    finally:
        connected.close()


def token(address: str) -> str:
    """What Streamlit asks a page to bring along, as a protection against other sites."""
    with connection(address) as connected:
        connected.request("GET", "/_stcore/health")
        cookie = connected.getresponse().headers["Set-Cookie"]
    return str(cookie).partition("=")[2].partition(";")[0]


def headers(xsrf: str) -> dict[str, str]:
    return {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Cookie": f"_streamlit_xsrf={xsrf}",
        "X-Xsrftoken": xsrf,
    }


def begin(connected: http.client.HTTPConnection, xsrf: str, session: str, **more: str) -> str:
    """Say that a file comes, without its first byte; the file's id."""
    name = str(uuid.uuid4())
    connected.putrequest("PUT", f"/_stcore/upload_file/{session}/{name}")
    for header, value in {**headers(xsrf), **more}.items():
        connected.putheader(header.replace("_", "-"), value)
    connected.endheaders()
    return name


def upload(address: str, xsrf: str, session: str, size: int) -> int:
    """Upload a file of that size as a page does; the status of the answer."""
    with connection(address) as connected:
        begin(connected, xsrf, session, Content_Length=str(len(START) + size + len(END)))
        return status(connected, START + bytes(size) + END)


def status(connected: http.client.HTTPConnection, body: bytes = b"") -> int:
    """Send that, or as much of it as the server takes; the status of its answer."""
    with suppress(BrokenPipeError, ConnectionResetError):  # it has answered already
        connected.send(body)
    try:
        return connected.getresponse().status
    except ConnectionResetError:  # closed upon what it did not read; its answer went with it
        return 0


def chunked(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Parts of a body whose length nobody says before."""
    for part in parts:
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
    yield b"0\r\n\r\n"


def trickle(connected: http.client.HTTPConnection) -> int:
    """Send a byte now and then, for as long as the server takes them; the status of its answer."""
    connected.send(START)
    while not select.select([connected.sock], [], [], 0.1)[0]:
        connected.send(b"a")
    return status(connected)
