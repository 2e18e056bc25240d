"""Streamlit's cache of messages is off: a page's message is never only a reference to an earlier one."""

from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed


def test_even_the_largest_message_is_not_to_be_cached() -> None:
    message = ForwardMsg()
    message.delta.new_element.text.body = "x" * (config.get_option("server.maxMessageSize") * 1_000_000)
    populate_hash_if_needed(message)
    assert message.hash and not message.metadata.cacheable
