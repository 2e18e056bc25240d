"""A visitor without a browser, who speaks Streamlit's own protocol over its websocket.

It answers the app's component as a browser would, sends what the canvas would send, and measures the time
from a message to the end of the run that it caused. It raises the errors that the server shows.
"""

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import websockets
from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from mnist_app.ui.session.draw_page import CanvasMessage

PATIENCE = 60.0
"""Seconds to wait for the end of a run."""
_DIGIT = re.compile(r'data-testid="digit">(.)<')


class ServerFault(Exception):
    """The server showed an error, or fell silent."""


class Pupil:
    """One session, opened with `visit`; one request at a time."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket
        self._widgets: dict[str, str] = {}
        """Ids of components and buttons, by key or label."""
        self._values: dict[str, WidgetState] = {}
        self._fragments: dict[str, str] = {}
        """The fragment that each of them is in."""
        self._page = ""
        self._pages: dict[str, str] = {}
        """Streamlit's hash of each page, by its path."""
        self._query = ""
        """Of the page's address, which a browser sends along with whatever it says."""
        self._waiting = 0
        self._refreshes: dict[str, float] = {}
        """Fragments that refresh themselves, with their seconds."""
        self._finished = asyncio.Event()
        self.digit: str | None = None
        """The answer's large sign; None where there is no answer."""
        self.kept: dict[str, str | None] = {"text": None, "owner": secrets.token_urlsafe(24)}
        """What the browser tells the page that it kept."""
        self.live: Mapping[str, Any] = {}
        """What the page's script needs to ask while the pen moves."""
        self.progress = ""
        """What the page says of the run that it watches."""
        self.notes: list[str] = []
        """What the page says in coloured boxes, since its script last began."""
        self.labels: set[str] = set()
        """Of the buttons that the page has shown since then."""
        self.heard: list[bytes] | None = None
        """Everything that the server said, where somebody wants to know."""
        self.fault: Exception | None = None
        self.session = ""
        """What the server calls this session, as the addresses of its uploads do."""

    async def open(self, path: str = "", query: str = "") -> float:
        """Open a page and answer its component, until it waits for nothing; seconds until then."""
        begun = time.perf_counter()
        self._widgets.clear()  # of the page that is left
        self._fragments.clear()
        self._query = query
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = path
        await self._ask(message)
        if "browser" in self._widgets:
            self._put("browser", WidgetState(json_value=json.dumps({"kept": self.kept})))
            await self._rerun("browser")
        while self._waiting:
            events = json.dumps([{"event": "waiting", "value": self._waiting}])
            name = f"$$STREAMLIT_INTERNAL_KEY_{self._widgets['browser']}__events"
            await self._rerun("browser", WidgetState(id=name, json_trigger_value=events))
        return time.perf_counter() - begun

    async def click(self, path: str) -> None:
        """Click on another page in the sidebar; what the components of the last page hold goes along."""
        message = BackMsg()
        message.rerun_script.page_script_hash = self._pages[path]
        message.rerun_script.widget_states.widgets.extend(self._values.values())
        await self._ask(message)

    async def draw(self, message: CanvasMessage) -> float:
        """Send what the canvas sends after a stroke; milliseconds until the run that it caused has ended."""
        data = "data:image/png;base64," + base64.b64encode(message.png).decode("ascii")
        drawing = {"drawing": {"raw": message.json_data, "data": data}}
        begun = time.perf_counter()
        await self.say("canvas", json.dumps(drawing))
        return 1000 * (time.perf_counter() - begun)

    async def say(self, key: str, value: str, beside: str | None = None) -> None:
        """Have a component say what it holds, as JSON, and wait for the end of the run that it caused.

        Args:
            key: Key of the component.
            value: What it holds.
            beside: Key of a widget that is touched at the same moment. The browser then sends both at once,
                and asks for the part of the page that this widget is in.
        """
        self._put(key, WidgetState(json_value=value))
        await self._rerun(beside or key)

    async def press(self, label: str) -> float:
        """Press the button of that label; milliseconds until the run that it caused has ended."""
        begun = time.perf_counter()
        await self._rerun(label, WidgetState(id=self._widgets[label], trigger_value=True))
        return 1000 * (time.perf_counter() - begun)

    async def train(self) -> float:
        """Press Train; milliseconds until the run that it caused has ended.

        Where a run is shown, its folded settings are opened first, and that time does not count.
        """
        if "Change" in self.labels:
            await self.press("Change")
        return await self.press("Train")

    async def fill(self, label: str, text: str) -> None:
        """Write into the field of that label; a form sends it with its button."""
        self._put(label, WidgetState(string_value=text))

    async def watch(self, seconds: float) -> list[float]:
        """Let the page refresh itself for so long; the milliseconds that each refresh took."""
        times = []
        end = time.monotonic() + seconds
        while self._refreshes and time.monotonic() < end:
            fragment, interval = next(iter(self._refreshes.items()))
            await asyncio.sleep(min(interval, max(0.0, end - time.monotonic())))
            begun = time.perf_counter()
            message = self._request(fragment)
            message.rerun_script.is_auto_rerun = True
            await self._ask(message)
            times.append(1000 * (time.perf_counter() - begun))
        return times

    async def listen(self) -> None:
        """Hear what the server says until the connection ends; `visit` has this run beside."""
        try:
            async for data in self._socket:
                if isinstance(data, bytes):
                    if self.heard is not None:
                        self.heard.append(data)
                    self._hear(ForwardMsg.FromString(data))
        except Exception as error:  # whatever it is, whoever waits is to know
            self.fault = error
        self._finished.set()

    def _hear(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "navigation":
                self._page = message.navigation.page_script_hash
                self._pages = {
                    page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
                }
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "new_session":
                self.session = message.new_session.initialize.session_id
                self.notes.clear()
                if not message.metadata.run.fragment_ids:
                    self._refreshes.clear()
                    self.labels.clear()
            case "delta":
                self._see(message.delta)
            case "auto_rerun":
                self._refreshes[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._refreshes.pop(fragment, None)
            case "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    self._finished.set()
            case "session_event":
                if message.session_event.WhichOneof("type") == "script_compilation_exception":
                    self.fault = ServerFault(message.session_event.script_compilation_exception.message)

    def _see(self, delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.fault = ServerFault(f"{element.exception.type}: {element.exception.message}")
        elif kind == "progress":
            self.progress = element.progress.text
        elif kind == "button":
            self._place(element.button.label, element.button.id, delta.fragment_id)
            self.labels.add(element.button.label)
        elif kind == "button_group":
            group = element.button_group.id
            self._place(group.rsplit("-", 1)[-1], group, delta.fragment_id)
        elif kind == "text_input":
            self._place(element.text_input.label, element.text_input.id, delta.fragment_id)
        elif kind == "alert":
            self.notes.append(element.alert.body)
        elif kind == "bidi_component":
            component = element.bidi_component
            key = component.id.rsplit("-", 1)[-1]
            self._place(key, component.id, delta.fragment_id)
            if key == "browser":
                self._waiting = _data(component).get("waiting", 0)
            elif key == "answer_panel":
                data = _data(component)
                found = _DIGIT.search(data.get("answer", ""))
                self.digit = found[1] if found else None
                self.live = data.get("live") or {}

    def _place(self, key: str, identifier: str, fragment: str) -> None:
        self._widgets[key], self._fragments[key] = identifier, fragment

    def _put(self, key: str, value: WidgetState) -> None:
        value.id = self._widgets[key]
        self._values[value.id] = value

    async def _rerun(self, key: str, trigger: WidgetState | None = None) -> None:
        await self._ask(self._request(self._fragments[key], trigger))

    def _request(self, fragment: str, trigger: WidgetState | None = None) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.query_string = self._query
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(self._values.values())
        if trigger is not None:
            message.rerun_script.widget_states.widgets.append(trigger)
        return message

    async def _ask(self, message: BackMsg) -> None:
        self._finished.clear()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            await self._finished.wait()
        if self.fault is not None:
            raise self.fault


@asynccontextmanager
async def visit(address: str, **connection: Any) -> AsyncIterator[Pupil]:
    """A session of the app at that address (http://…), ended when the block is left.

    Args:
        address: Where the app is served.
        connection: More for `websockets.connect`, such as the `local_addr` to come from.
    """
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with websockets.connect(
        stream,
        max_size=None,
        origin=websockets.Origin(address),
        subprotocols=[websockets.Subprotocol("streamlit")],
        **connection,
    ) as socket:
        pupil = Pupil(socket)
        hearing = asyncio.create_task(pupil.listen())
        try:
            yield pupil
        finally:
            hearing.cancel()


def _data(component: Message) -> Mapping[str, Any]:
    """Return the app's data for its component, which are JSON within its message."""
    for text in _texts(component):
        if text.startswith("{"):
            found: Mapping[str, Any] = json.loads(text)
            return found
    return {}


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.name in {"js_content", "html_content", "css_content"}:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, Message):
            yield from _texts(value)
