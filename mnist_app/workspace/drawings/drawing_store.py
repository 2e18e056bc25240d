"""The class's drawings, labelled by the people who drew them, in the same database as the runs.

A drawing is kept only on request. Its owner is the person who drew or imported it, known by the pseudonym of
the browser's token (`writer_of`). The same drawing of one person is kept only once.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exc,
    func,
    insert,
    literal,
    select,
    update,
)

from mnist_app.errors import DrawingNotFound, InvalidSetting, TooManyDrawings, UnreadableDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.workspace.classroom.person_name import check_person, in_usual_form
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing, check_kept, ink_png, strokes_json
from mnist_app.workspace.drawings.outcomes import Added, Kept, Writer
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.definitions import LATEST
from mnist_app.workspace.storage.identifiers import is_id, new_id, shown
from mnist_app.workspace.storage.tables import drawing_owner, drawings

MOST_PER_PERSON = 2_000
MOST_DRAWINGS = 20_000
"""The limit of all people together, which is that of one archive, too."""
DIGITS = 10

T = TypeVar("T")
_COLUMNS = [drawings.c[name] for name in KeptDrawing.model_fields]


class Drawings:
    """The labelled drawings in a database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        """Use a database; `clock` gives seconds since 1970."""
        self._database = database
        self._clock = clock

    # Adding, changing and removing

    def keep(
        self, drawing: Drawing, label: int, owner: str, *, answer: int | None = None, person: str = ""
    ) -> Kept:
        """Keep a drawing of a digit, or relabel it where its owner has kept it before.

        Args:
            drawing: The drawing.
            label: The digit that it is.
            owner: The owner's token.
            answer: The digit that the network said; None where it was not asked.
            person: The owner's name; may be empty.

        Raises:
            EmptyDrawing: There is no ink.
            UnreadableDrawing: It is too large.
            InvalidSetting: The label or the name is not valid.
            TooManyDrawings: No more can be kept.
        """
        _check_label(label)
        new = KeptDrawing.model_construct(
            id=new_id(),
            writer=writer_of(owner),
            person=check_person(person),
            label=label,
            answer=answer,
            source=drawing.source,
            created=min(max(self._clock(), 0.0), LATEST),
            png=ink_png(drawing),
            strokes=strokes_json(drawing.strokes),
        )
        _check_can_be_kept(new)
        return _again_if_overtaken(lambda: self._keep(new))

    def relabel(self, drawing_id: str, label: int) -> None:
        """Change the label of a drawing; raises `DrawingNotFound` or `InvalidSetting`."""
        _check_label(label)
        with self._database.writing() as connection:
            chosen = update(drawings).where(drawings.c.id == _checked(drawing_id))
            if not connection.execute(chosen.values(label=label)).rowcount:
                raise _not_found()

    def remove(self, drawing_id: str) -> KeptDrawing:
        """Remove a drawing and return it, so that it can be put back; raises `DrawingNotFound`."""
        removed = self.get(drawing_id)
        with self._database.writing() as connection:
            connection.execute(delete(drawings).where(drawings.c.id == drawing_id))
        return removed

    def put_back(self, drawing: KeptDrawing) -> bool:
        """Undo a `remove`; return False if the drawing has been kept again meanwhile."""
        return self.add([drawing]).added > 0

    def add(self, brought: Sequence[KeptDrawing]) -> Added:
        """Add drawings, all of them or none, except those that are here already.

        A drawing is here already if its id is, or if the same picture by the same writer is. A date in the
        future becomes the present.

        Raises:
            TooManyDrawings: They are more than can be kept.
        """

        def write() -> Added:
            with self._database.writing() as connection:
                return self.add_within(connection, brought)

        return _again_if_overtaken(write)

    def add_within(self, connection: Connection, brought: Sequence[KeptDrawing]) -> Added:
        """Add drawings as `add` does, within a transaction that writes more."""
        here = connection.execute(select(drawings.c.id, drawings.c.writer, drawings.c.png_sha256)).all()
        ids, pictures = {row.id for row in here}, {(row.writer, row.png_sha256) for row in here}
        new = [
            each for each in brought if each.id not in ids and (each.writer, each.png_sha256) not in pictures
        ]
        if new:
            now = self._clock()
            past = [each.model_copy(update={"created": min(each.created, now)}) for each in new]
            connection.execute(insert(drawings), [_values(each) for each in past])
        self._check_room(connection)
        return Added(len(new), len(brought) - len(new))

    # Reading

    def get(self, drawing_id: str) -> KeptDrawing:
        """Return the drawing of that id; raises `DrawingNotFound`."""
        found = self._read(drawings.c.id == _checked(drawing_id), limit=1)
        if not found:
            raise _not_found()
        return found[0]

    def find(
        self,
        *,
        label: int | None = None,
        writer: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[KeptDrawing]:
        """Return drawings, the newest first: of one label, of one writer, or a page of them."""
        return self._read(_of(label, writer), limit, offset)

    def count(self, *, label: int | None = None, writer: str | None = None, **of: str) -> int:
        """Return the number of drawings: of one label, of one writer, of one `owner` or `import_id`."""
        query = select(func.count()).select_from(drawings).where(_of(label, writer, **of))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def count_per_digit(self, *, writer: str | None = None) -> list[int]:
        """Return the number of drawings of each of the ten digits, of all writers or of one."""
        query = select(drawings.c.label, func.count()).where(_of(None, writer)).group_by(drawings.c.label)
        with self._database.reading() as connection:
            counts = {int(label): int(count) for label, count in connection.execute(query)}
        return [counts.get(digit, 0) for digit in range(DIGITS)]

    def writers(self) -> list[Writer]:
        """Return the writers in the order of their first drawings."""
        newest = func.max(drawings.c.number).label("newest")
        groups = (
            select(
                drawings.c.writer,
                func.count().label("kept"),
                newest,
                func.min(drawings.c.created).label("first"),
            )
            .group_by(drawings.c.writer)
            .subquery()
        )
        query = (
            select(groups.c.writer, drawings.c.person, groups.c.kept, drawings.c.importer)
            .join(drawings, drawings.c.number == groups.c.newest)
            .order_by(groups.c.first, groups.c.writer)
        )
        with self._database.reading() as connection:
            return [Writer(*row) for row in connection.execute(query)]

    def _read(
        self, condition: ColumnElement[bool], limit: int | None = None, offset: int = 0
    ) -> list[KeptDrawing]:
        order = drawings.c.created.desc(), drawings.c.id
        query = select(*_COLUMNS).where(condition).order_by(*order).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_kept(row) for row in connection.execute(query)]

    def _keep(self, new: KeptDrawing) -> Kept:
        """Insert a drawing, or relabel the same one, in one transaction."""
        same = and_(drawings.c.writer == new.writer, drawings.c.png_sha256 == new.png_sha256)
        with self._database.writing() as connection:
            row = connection.execute(select(drawings.c.id, drawings.c.label).where(same)).first()
            if row is not None:
                connection.execute(update(drawings).where(same).values(label=new.label, answer=new.answer))
                return Kept(row.id, row.label)
            connection.execute(insert(drawings).values(**_values(new)))
            self._check_room(connection, new.writer)
        return Kept(new.id, None)

    def _check_room(self, connection: Connection, owner: str | None = None) -> None:
        """Raise `TooManyDrawings` where there are too many now, which rolls the transaction back."""
        counts = select(func.count()).where(drawing_owner != "").group_by(drawing_owner)
        if owner is not None:
            counts = counts.where(drawing_owner == owner)
        of_people = [int(count) for count in connection.execute(counts).scalars()]
        if max(of_people, default=0) > MOST_PER_PERSON:
            raise TooManyDrawings(
                f"One person can keep at most {MOST_PER_PERSON:,} drawings; remove some first."
            )
        total = connection.execute(select(func.count()).select_from(drawings)).scalar_one()
        if total > MOST_DRAWINGS:
            raise TooManyDrawings(
                f"At most {MOST_DRAWINGS:,} drawings can be kept altogether; remove some first."
            )


def _again_if_overtaken(write: Callable[[], T]) -> T:
    """Write, and try once more where another process inserts the same drawing at the same moment."""
    try:
        return write()
    except exc.IntegrityError:
        return write()


def _of(
    label: int | None, writer: str | None, owner: str | None = None, import_id: str | None = None
) -> ColumnElement[bool]:
    return and_(
        literal(True),
        *([] if owner is None else [drawing_owner == owner]),
        *([] if import_id is None else [drawings.c.import_id == import_id]),
        *([] if label is None else [drawings.c.label == label]),
        *([] if writer is None else [drawings.c.writer == writer]),
    )


def _values(drawing: KeptDrawing) -> dict[str, object]:
    return {**dict(drawing), "png_sha256": drawing.png_sha256}


def _kept(row: Row[tuple[object, ...]]) -> KeptDrawing:
    values: dict[str, Any] = dict(row._mapping)
    person = in_usual_form(str(values["person"]))  # an earlier version kept longer names
    return KeptDrawing.model_construct(**{**values, "person": person, "png": bytes(values["png"])})


def _check_can_be_kept(new: KeptDrawing) -> None:
    """Raise `UnreadableDrawing` for a drawing that an archive would not take."""
    try:
        check_kept(new)
    except UnreadableDrawing as error:
        raise UnreadableDrawing(
            f"This drawing cannot be kept: {error} Draw the digit alone, in a few strokes."
        ) from error


def _check_label(label: int) -> None:
    if type(label) is not int or not 0 <= label < DIGITS:
        raise InvalidSetting(f"The label is {shown(label)}; it must be a digit from 0 to 9.")


def _checked(drawing_id: str) -> str:
    if not is_id(drawing_id):
        raise _not_found()
    return drawing_id


def _not_found() -> DrawingNotFound:
    """Return the error without an id, because pupils see it and know no ids."""
    return DrawingNotFound("This drawing is no longer here, because it has been removed.")
