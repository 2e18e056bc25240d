"""The memory of the Draw page while its visitor is on other pages."""

from dataclasses import dataclass, field
from typing import Any, Literal

InputWay = Literal["Pen", "Picture", "Camera"]
INPUT_WAYS: tuple[InputWay, ...] = ("Pen", "Picture", "Camera")
CANVAS_SIDE = 320
"""Pixels; the whole canvas fits a telephone of 390."""
BRUSHES = (8, 40)
"""The thinnest and the thickest brush, in pixels of the canvas."""
DEFAULT_BRUSH = 20
MOST_UNDONE = 40
"""Number of changes that Undo can take back."""


@dataclass(frozen=True)
class CanvasMessage:
    """A message of the canvas: its picture and its strokes."""

    png: bytes
    json_data: dict[str, Any]

    @property
    def objects(self) -> list[Any]:
        """The objects on the canvas, in the order in which they were drawn."""
        objects = self.json_data.get("objects")
        return objects if isinstance(objects, list) else []


@dataclass(frozen=True)
class OnCanvas:
    """The content of the canvas at one moment."""

    canvas: CanvasMessage | None
    """The drawing; None for an empty canvas."""
    written: int | None
    """The digit, if the app drew it."""


@dataclass
class DrawPage:
    """Memory of the Draw page: what is drawn, and how."""

    turn: int = 0
    """Times that the browser's component was shown in this session."""
    is_restored: bool = False
    """Whether the browser has answered with what it kept of an earlier session."""
    canvas: CanvasMessage | None = None
    """What is on the canvas now; None while it is empty."""
    initial_drawing: dict[str, Any] = field(default_factory=lambda: {"objects": []})
    """What was last put on the canvas. As long as it stays the same, the canvas keeps its drawing."""
    revision: int = 0
    """Times that something was put there. Part of `initial_drawing`, so that a second Clear clears, too."""
    heard: dict[str, Any] | None = None
    """The canvas's last message. One that says the same is no news."""
    is_news_due: bool = False
    """Whether the canvas has sent something that no run of the page has read yet."""
    echo_due: int | None = None
    """Number of strokes of what was put there, while the canvas has yet to confirm it."""
    past: list[OnCanvas] = field(default_factory=list)
    """What was on the canvas before, for Undo; the newest last."""
    future: list[OnCanvas] = field(default_factory=list)
    """What Undo took from the canvas, for Redo; the newest last."""
    put: tuple[OnCanvas, list[OnCanvas], list[OnCanvas]] | None = None
    """What was last put there, with `past` and `future` then."""
    brush_width: int = DEFAULT_BRUSH
    """In pixels of the canvas."""
    input_way: InputWay = "Pen"
    """Way in that is shown, and so what is recognised."""
    picture: bytes | None = None
    """Picture last uploaded, as a small file of its own."""
    photo: bytes | None = None
    """Photo last taken with the camera, likewise."""
    picture_error: str | None = None
    """Reason why the last picture could not be read."""
    photo_error: str | None = None
    """Reason why the last photo could not be read."""
    written: int | None = None
    """Digit that "Draw one for me" wrote, while nothing was added to it."""

    @property
    def on_canvas(self) -> OnCanvas:
        """Return the present content of the canvas."""
        return OnCanvas(self.canvas, self.written)

    def take_picture(self, picture: bytes | None, error: str | None) -> None:
        """Replace the uploaded picture, and the reason why there is none."""
        self.picture, self.picture_error = picture, error

    def take_photo(self, photo: bytes | None, error: str | None) -> None:
        """Replace the photo, and the reason why there is none."""
        self.photo, self.photo_error = photo, error

    def put_on_canvas(self, message: CanvasMessage | None, written: int | None = None) -> None:
        """Replace what is on the canvas. Undo brings it back.

        Args:
            message: The new drawing; None for an empty canvas.
            written: The digit, if the app drew it.
        """
        if self.canvas or message:
            self._remember()
        self._put(OnCanvas(message, written))

    def undo(self) -> None:
        """Put back what was on the canvas before the last change."""
        if self.past:
            self.future.append(self.on_canvas)
            self._put(self.past.pop())

    def redo(self) -> None:
        """Put back what the last Undo took from the canvas."""
        if self.future:
            self.past.append(self.on_canvas)
            self._put(self.future.pop())

    def expect_news(self) -> None:
        """Note that the canvas has sent something.

        The browser may send it together with a press in Look inside; then only that part of the page runs.
        """
        self.is_news_due = True

    def begin_canvas(self) -> None:
        """Put what was drawn on a canvas that appears, which does not confirm it."""
        self._put(self.on_canvas)
        self.heard = self.echo_due = None

    def hear(self, message: CanvasMessage) -> None:
        """Take over a message of the canvas, unless it repeats the last one or what was put there."""
        if message.json_data == self.heard:
            return
        self.heard = message.json_data
        if len(message.objects) == self.echo_due and self.put:
            # A message that crossed with what was put there counts no more, nor does Undo lead to it.
            (shown, past, future), self.echo_due = self.put, None
            self.canvas, self.written, self.past, self.future = shown.canvas, shown.written, past, future
        else:
            self._remember()
            self.canvas, self.written = message if message.objects else None, None

    def _remember(self) -> None:
        self.past = [*self.past, self.on_canvas][-MOST_UNDONE:]
        self.future = []

    def _put(self, shown: OnCanvas) -> None:
        self.canvas, self.written = shown.canvas, shown.written
        self.put = shown, [*self.past], [*self.future]
        self.revision += 1
        drawing = shown.canvas.json_data if shown.canvas else {"objects": []}
        self.initial_drawing = {**drawing, "revision": self.revision}
        self.echo_due = len(shown.canvas.objects) if shown.canvas else 0
