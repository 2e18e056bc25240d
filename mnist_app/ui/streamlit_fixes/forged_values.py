"""The repair against forged values of widgets, such as NaN or a text for a whole number.

Streamlit 1.67 passes such a value to the widget, which raises while callbacks or the page run, and the log
gets a traceback. With this repair, the widget has its default instead. A value for an id that no widget can
have would break every later run of the session, so it is dropped.
"""

import json
import logging
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import GENERATED_ELEMENT_ID_PREFIX
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX, Serialized, Value, WStates

from mnist_app.ui.streamlit_fixes.patched import check_patched

logger = logging.getLogger(__name__)
_KINDS = (
    {"int_value", "double_value"},
    {"int_array_value", "double_array_value"},
)
"""Fields of a message that the same widget may use, such as those for whole and for other numbers."""
_ID_PREFIXES = (f"{GENERATED_ELEMENT_ID_PREFIX}-", STREAMLIT_INTERNAL_KEY_PREFIX)
"""Prefixes of all ids of widgets; the second is for the events of components."""
ORIGINAL = WStates.__getitem__
ORIGINAL_SET = WStates.set_widget_from_proto


def refuse_forged_values() -> None:
    """Keep values from widgets that cannot take them. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    uses = {"states", "widget_metadata", "WhichOneof", "unpack_widget_state_value", "deserializer"}
    check_patched(ORIGINAL, ("self", "k"), uses, __name__)
    check_patched(ORIGINAL_SET, ("self", "widget_state"), {"Serialized", "id"}, __name__)
    WStates.__getitem__ = _value_or_default  # type: ignore[method-assign]
    WStates.set_widget_from_proto = _set_unless_foreign  # type: ignore[method-assign]


def _set_unless_foreign(self: WStates, widget_state: WidgetState) -> None:
    """Replace `WStates.set_widget_from_proto`, which stores a value from the browser."""
    if widget_state.id.startswith(_ID_PREFIXES):
        ORIGINAL_SET(self, widget_state)


def _value_or_default(states: WStates, key: str) -> Any:
    """Replace `WStates.__getitem__`, which reads a value from the browser."""
    state, metadata = states.states.get(key), states.widget_metadata.get(key)
    if not isinstance(state, Serialized) or metadata is None:
        return ORIGINAL(states, key)
    if _may_send(state.value, metadata.value_type):
        try:
            return ORIGINAL(states, key)
        except Exception as error:  # a deserializer may raise anything for an unexpected value
            logger.warning("A widget's value was refused: %s", type(error).__name__)
    states.states[key] = Value(metadata.deserializer(None))
    return ORIGINAL(states, key)


def _may_send(state: WidgetState, expected: str) -> bool:
    """Return whether a message has a type that its widget sends."""
    field = state.WhichOneof("value")
    if field == "json_value" and not _is_object(state.json_value):
        return False
    return field in (None, expected) or any({field, expected} <= kind for kind in _KINDS)


def _is_object(text: str) -> bool:
    """Return whether a text is a JSON object, as components send."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
