"""What each page remembers while its visitor is on other pages; a tab's `Session` has one of each."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing

if TYPE_CHECKING:
    from mnist_app.workspace.archives.class_archive import Archived

MOST_ALIKE = "Most alike"
"""View of Look inside that other pages open, too."""
RUNS_AT_ONCE = 200
"""Rows that the Runs page shows before older ones are asked for."""


@dataclass
class Keeping:
    """Memory of the drawings that the visitor kept on the Draw page."""

    content: bytes | None = None
    """The drawing that was kept last, as it came from the browser."""
    drawing_id: str | None = None
    label: int | None = None
    """Digit that it was kept as; None where nothing was kept, or it was undone."""
    label_before: int | None = None
    """Label that it had before that, if it was kept already."""
    count: int | None = None
    """Drawings that this visitor has kept; None where that is not known."""
    is_counted: bool = False
    """Whether the store has been asked for the count."""
    fault: str | None = None
    """Reason why the last press of a button had no effect."""

    def forget(self) -> None:
        """Forget the drawing that was kept last."""
        self.content = self.drawing_id = self.label = self.label_before = None


@dataclass(frozen=True)
class ImportResult:
    """Outcome of an import, in a sentence."""

    sentence: str
    is_good: bool


@dataclass
class Identity:
    """The visitor's name, beside the token that owns what they make."""

    name: str | None = None
    """Empty for somebody who was asked and wants none; None while nobody was asked."""
    is_asked: bool = False
    """Whether the sidebar asks for a name now."""
    is_question_shown: bool = False
    """Whether the sidebar does so already. A fragment cannot change it."""
    is_new_to_browser: bool = False
    """Whether the browser has yet to store a token or name that it did not give itself."""
    proposed: str = ""
    """Name that a sign-in proposes; empty without one."""
    name_in_field: str = ""
    """Name that the field was last set to; the visitor may have typed another one since."""
    message: str | None = None
    """Outcome of the last press of a button, to be shown once."""
    is_deleting: bool = False
    """Whether the dialog is open that asks before all of the visitor's things are deleted."""


@dataclass
class TrainPage:
    """Memory of the Train page."""

    lesson: TrainingConfig | None = None
    """Settings chosen on the page; None before it was opened."""
    lesson_messages: list[str] = field(default_factory=list)
    """Corrections of the address that the settings came from."""
    is_asked_by_address: bool = False
    """Whether the settings came from the address that the page was opened by."""
    typed: dict[str, str] = field(default_factory=dict)
    """Texts in the fields of numbers that are refused, by setting."""
    typed_before: dict[str, str] = field(default_factory=dict)
    """The same when the page last began."""
    submitted_run: str | None = None
    """Run that the address is to name when the page next begins without one."""
    run_shown: str | None = None
    """Run whose settings were folded last."""
    are_settings_open: bool = False
    """Whether the settings are open though a run is shown."""
    unseen_digit: int = field(default_factory=lambda: secrets.randbelow(10_000))
    """Number that decides which digit is watched where nothing was drawn."""


@dataclass
class RunsPage:
    """Memory of the Runs page."""

    chosen: tuple[str, ...] = ()
    """Ids of the runs that are ticked."""
    shown: int = RUNS_AT_ONCE
    """Number of runs in the table, the newest ones."""
    names_in_fields: dict[str, str] = field(default_factory=dict)
    """Names of runs, by id, when their fields for another name were last shown."""


@dataclass
class ClassDrawingsPage:
    """Memory of the Class drawings page."""

    removed: KeptDrawing | None = None
    """Drawing that was removed last, while it can be put back."""
    message: str | None = None
    """Outcome of the last removal or undo, in words, where the page does not show it by itself."""
    import_result: ImportResult | None = None
    """Outcome of the last import, while its file is there."""
    left_out: str = ""
    """What the last export left out, in sentences; empty for nothing."""


STALE_SECONDS = 3.0
"""Time within which a request may still carry the address from before a change."""


@dataclass
class AddressPart:
    """A part of the address that a page both obeys and writes, such as the chapter.

    A request that the browser sent before it learned of a change still carries the address from before. It
    must not undo the change.
    """

    clock: Callable[[], float] = time.monotonic
    written: str | None = None
    """Value that the page wrote last."""
    before: set[str | None] = field(default_factory=set)
    """Values that requests may still carry."""
    changed_at: float = -STALE_SECONDS

    def wanted(self, carried: str | None) -> str | None:
        """Return the value that a request asks for; None where it asks for no other than the last."""
        if carried == self.written:
            self.before.clear()
            return None
        is_stale = carried in self.before and self.clock() - self.changed_at < STALE_SECONDS
        return None if is_stale else carried

    def note(self, value: str, carried: str | None) -> None:
        """Note that the page writes a value over the one that the request carried."""
        if value != self.written:
            self.before |= {self.written, carried} - {value}
            self.written, self.changed_at = value, self.clock()


@dataclass
class LearnPage:
    """Memory of the Learn page."""

    preset: str = "cnn"
    """Network whose program is explained."""
    chapter: str = ""
    """Open chapter; empty for the first."""
    image: int = 0
    """Number of the training image that goes through the chapters."""
    turned: int = 0
    """Times that another chapter was turned to from the end of one."""
    preset_in_address: AddressPart = field(default_factory=AddressPart)
    chapter_in_address: AddressPart = field(default_factory=AddressPart)

    def begin(self) -> None:
        """Obey the address that the page is opened by, whatever it was before."""
        self.preset_in_address, self.chapter_in_address = AddressPart(), AddressPart()


@dataclass
class LookInside:
    """Memory of Look inside on the Draw page."""

    view: str | None = None
    """Name of the view that is open; None while none is."""
    place_of: Callable[[NDArray[np.float32]], list[int]] | None = None
    """Returns a (28, 28) image's place on the map of Most alike; None while that is not on the page."""


@dataclass
class ClassExport:
    """Archive of the class that the teacher had written."""

    content: bytes = field(repr=False)
    archived: "Archived"
    """What is in it, and so what a reset removes."""
    sentence: str
    """The amount of what is in it."""
    left_out: str = ""
    """What is not in it and why, in sentences; empty for nothing."""
    is_downloaded: bool = False


@dataclass
class TeacherPage:
    """Memory of the teacher's page."""

    entry_fault: str | None = None
    """Reason why the page stayed closed at the last try."""
    rules_form: int = 0
    """Number of the form with the class's settings; another one begins with what is stored then."""
    rules_shown: ClassSettings | None = None
    """Settings that the form began with, or that were saved in it last; None before it is shown."""
    export: ClassExport | None = None
    """Archive that was written last."""
    import_result: ImportResult | None = None
    """Outcome of the last import of a class, or of its reset."""

    def begin_rules_form(self) -> None:
        """Have the form with the class's settings begin anew."""
        self.rules_form += 1
        self.rules_shown = None
