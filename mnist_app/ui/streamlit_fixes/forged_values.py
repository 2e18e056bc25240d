"""Values of widgets that no page of ours sends, such as NaN in a field for whole numbers, or text.

Streamlit 1.67 hands such a value to the widget, which raises while callbacks or the page run, and the log
gets a traceback. Here a value that its widget cannot take counts as none: the widget has its default.
A value with an id that no widget has would break every later run of that session: it is dropped.
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
"""Fields of a message that one and the same widget may use: for whole numbers, say, and for others."""
_ID_PREFIXES = (f"{GENERATED_ELEMENT_ID_PREFIX}-", STREAMLIT_INTERNAL_KEY_PREFIX)
"""The beginnings of all ids of widgets; the second is of the events of components."""
_original = WStates.__getitem__
_original_set = WStates.set_widget_from_proto


def refuse_forged_values() -> None:
    """Let no value reach a widget that cannot take it. May be called any number of times.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    uses = {"states", "widget_metadata", "WhichOneof", "unpack_widget_state_value", "deserializer"}
    check_patched(_original, ("self", "k"), uses, __name__)
    check_patched(_original_set, ("self", "widget_state"), {"Serialized", "id"}, __name__)
    WStates.__getitem__ = _value_or_default  # type: ignore[method-assign]
    WStates.set_widget_from_proto = _set_unless_foreign  # type: ignore[method-assign]


def _set_unless_foreign(self: WStates, widget_state: WidgetState) -> None:
    """Replace `WStates.set_widget_from_proto`, which takes in what the browser sent."""
    if widget_state.id.startswith(_ID_PREFIXES):
        _original_set(self, widget_state)


def _value_or_default(states: WStates, key: str) -> Any:
    """Replace `WStates.__getitem__`, which reads the value that the browser sent."""
    state, metadata = states.states.get(key), states.widget_metadata.get(key)
    if not isinstance(state, Serialized) or metadata is None:
        return _original(states, key)
    if _may_send(state.value, metadata.value_type):
        try:
            return _original(states, key)
        except Exception as error:  # whatever a deserializer raises for what it does not expect
            logger.warning("A widget's value was refused: %s", type(error).__name__)
    states.states[key] = Value(metadata.deserializer(None))
    return _original(states, key)


def _may_send(state: WidgetState, expected: str) -> bool:
    """Return whether a message is of the kind that its widget sends."""
    field = state.WhichOneof("value")
    if field == "json_value" and not _is_object(state.json_value):
        return False
    return field in (None, expected) or any({field, expected} <= kind for kind in _KINDS)


def _is_object(text: str) -> bool:
    """Return whether a text is a JSON object, which is what components send."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
