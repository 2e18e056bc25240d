"""The check of records against their one definition, a class with pydantic's types.

This is the one place that reads pydantic's errors. It turns them into the name of the wrong field, and the
module of the record has a sentence for each field.
"""

import unicodedata
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

T = TypeVar("T")

STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, revalidate_instances="always")
"""Text is no number, unknown fields are refused, and a record that was made unchecked is checked again."""
LATEST = 4_102_444_800.0
"""The year 2100, in seconds since 1970. No time is later."""

Time = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
"""Seconds since 1970 (UTC)."""
Digit = Annotated[int, Field(ge=0, le=9)]
MOST = 2**31 - 1
"""The largest whole number that every database keeps in an integer column."""
Count = Annotated[int, Field(ge=0, le=MOST)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _without_control_characters(text: str) -> str:
    """Return a text for pydantic, which takes a ValueError for a refusal."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("control characters")
    return text


Line = Annotated[str, AfterValidator(_without_control_characters)]
"""A text that every database keeps."""

_OF_SHAPE = {"missing", "extra_forbidden", "unexpected_keyword_argument", "dict_type", "model_type"}
_OF_SHAPE |= {"dataclass_type", "list_type", "model_attributes_type"}


class RecordFault(Exception):
    """A value is not what its definition says."""

    def __init__(self, field: str | None) -> None:
        """Remember the fault.

        Args:
            field: The first wrong field; None if the value does not have the record's fields.
        """
        super().__init__(field)
        self.field = field


def checked(definition: TypeAdapter[T], value: Any) -> T:
    """Return the record that a value describes.

    Raises:
        RecordFault: The value is not what the definition says.
    """
    try:
        return definition.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = first["loc"]
        is_of_shape = not place or (len(place) == 1 and first["type"] in _OF_SHAPE - {"dict_type"})
        raise RecordFault(None if is_of_shape else str(place[0])) from error
