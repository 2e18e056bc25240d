"""What the pages remember while one walks about the others; a session's `state` keeps one of each."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mnist_app.workspace.archives.class_archive import Archived

InputWay = Literal["Pen", "Picture", "Camera"]
INPUT_WAYS: tuple[InputWay, ...] = ("Pen", "Picture", "Camera")
CANVAS_SIDE = 320
"""Pixels; whole on a telephone of 390."""
BRUSHES = (8, 40)
"""The thinnest and the thickest brush, in pixels of the canvas."""
DEFAULT_BRUSH = 20


@dataclass(frozen=True)
class CanvasMessage:
    """What the canvas last said."""

    png: bytes
    json_data: dict[str, Any]

    @property
    def objects(self) -> list[Any]:
        """What is on the canvas, in the order in which it was drawn."""
        objects = self.json_data.get("objects")
        return objects if isinstance(objects, list) else []


@dataclass
class DrawPage:
    """What the Draw page remembers while one walks about the other pages."""

    turn: int = 0
    """How often the browser's component was shown in this session."""
    is_restored: bool = False
    """Whether what the browser kept of an earlier session has been taken over."""
    canvas: CanvasMessage | None = None
    """What is on the canvas now; None while it is empty."""
    initial_drawing: dict[str, Any] = field(default_factory=lambda: {"objects": []})
    """What was last put on the canvas; while it stays the same, the canvas keeps what is drawn on it."""
    revision: int = 0
    """How often something was put there. Part of `initial_drawing`, so that a second Clear clears, too."""
    heard: dict[str, Any] | None = None
    """What the canvas last said; while it says the same, there is no news."""
    is_echo_due: bool = False
    """Whether the canvas has yet to say that it shows what was put there."""
    brush_width: int = DEFAULT_BRUSH
    """In pixels of the canvas."""
    input_way: InputWay = "Pen"
    """Which way in is shown, and so what is recognised."""
    picture: bytes | None = None
    """The picture last uploaded, as a small file of its own."""
    photo: bytes | None = None
    """The photo last taken with the camera, likewise."""
    picture_error: str | None = None
    """Why the picture last given could not be read."""
    written: int | None = None
    """The digit that "Draw one for me" wrote, while nothing was added to it."""

    def put_on_canvas(self, message: CanvasMessage | None) -> None:
        """Replace what is on the canvas by `message`, or clear it."""
        self.canvas = message
        self.written = None
        self.revision += 1
        drawing = message.json_data if message else {"objects": []}
        self.initial_drawing = {**drawing, "revision": self.revision}
        self.is_echo_due = True

    def begin_canvas(self) -> None:
        """A canvas appears, for the first time or again: it begins with what was drawn, and says nothing."""
        written = self.written
        self.put_on_canvas(self.canvas)
        self.written, self.heard, self.is_echo_due = written, None, False

    def hear(self, message: CanvasMessage) -> None:
        """Take over what the canvas says, unless it is what it said before or what was put there."""
        if message.json_data == self.heard:
            return
        self.heard = message.json_data
        put_there = len(self.canvas.objects) if self.canvas else 0
        is_echo = self.is_echo_due and len(message.objects) == put_there
        self.is_echo_due = False
        if not is_echo:
            self.canvas = message if message.objects else None
            self.written = None


@dataclass
class Keeping:
    """What the Draw page remembers of the drawings that its visitor kept."""

    content: bytes | None = None
    """What was drawn when a drawing was last kept, as it came from the browser."""
    drawing_id: str | None = None
    label: int | None = None
    """What it was kept as; None where there is none, or it was taken back."""
    label_before: int | None = None
    """The label that it had before that, if it was kept already."""
    count: int | None = None
    """How many drawings this visitor has kept; None where that is not known."""
    is_counted: bool = False
    """Whether the store has been asked for it."""
    fault: str | None = None
    """Why the last press of a button came to nothing."""

    def forget(self) -> None:
        """The drawing that was kept last is not kept any more."""
        self.content = self.drawing_id = self.label = self.label_before = None


@dataclass(frozen=True)
class ImportResult:
    """What came of an import."""

    sentence: str
    is_good: bool


@dataclass
class Identity:
    """What a visitor is called, beside the token that owns what they make."""

    name: str | None = None
    """Empty for somebody who was asked and wants none; None while nobody was asked."""
    is_asked: bool = False
    """Whether the sidebar asks for a name now."""
    is_question_shown: bool = False
    """Whether the sidebar does so already: a fragment cannot change it."""
    is_new_to_browser: bool = False
    """Whether the browser is to keep another token or name than it gave."""
    proposed: str = ""
    """What a sign-in proposes as a name; empty without one."""
    name_in_field: str = ""
    """The name that the field for it was last given to show; since then somebody may have typed another."""
    message: str | None = None
    """What came of the last press of a button, to be said once."""
    is_deleting: bool = False
    """Whether the question stands open that is asked before all that is one's own is deleted."""


@dataclass
class LearnPage:
    """What the Learn page remembers while one walks about the other pages."""

    preset: str = "cnn"
    """Whose program is explained."""
    chapter: str = ""
    """The chapter that is open; empty for the first."""
    image: int = 0
    """The number of the training image that goes through the chapters."""
    turned: int = 0
    """How often another chapter was turned to from the end of one."""


@dataclass
class LookInside:
    """What Look inside remembers while one walks about the other pages."""

    is_open: bool = False
    view: str = "Each layer"
    """The name of the view chosen."""


@dataclass
class ClassExport:
    """An archive of the class that the teacher had written."""

    content: bytes = field(repr=False)
    archived: "Archived"
    """What is in it, and so what a reset removes."""
    sentence: str
    """How much is in it."""
    left_out: str = ""
    """What is not in it and why, in sentences; empty for nothing."""
    is_downloaded: bool = False
