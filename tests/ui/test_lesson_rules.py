"""What a lesson link asks besides a training: to the address and back, and what is wrong in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_app.runs.class_settings import CLASS_LIMITS, ClassSettings
from mnist_app.ui.lesson_rules import FIELDS, read_rules, write_rules

NAMES = st.frozensets(st.sampled_from(["train", "learn", "camera", "optimiser"]))
ANY_RULES = st.builds(
    ClassSettings,
    **{name: st.integers(int(limit.minimum), int(limit.maximum)) for name, limit in CLASS_LIMITS.items()},
    hidden_pages=NAMES,
    hidden_controls=NAMES,
    start_model=st.sampled_from(["shipped", "abcdefghij"]),
)


@settings(deadline=None)
@given(ANY_RULES)
def test_what_is_written_is_read_again(rules: ClassSettings) -> None:
    assert read_rules(write_rules(rules)) == (rules, [])


def test_nothing_set_asks_nothing() -> None:
    assert write_rules(ClassSettings()) == {}
    assert read_rules({"preset": "dense", "run": "abcdefghij"}) == (ClassSettings(), [])


def test_what_is_wrong_is_put_right_and_said() -> None:
    rules, messages = read_rules({"most_epochs": "1000000", "hide": "../learn", "start_model": "<b>"})
    assert rules == ClassSettings()
    assert len(messages) == 3 and "most epochs" in messages[0] and "hide" in messages[1]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60), max_size=6))
def test_no_address_is_a_fault(address: dict[str, str]) -> None:
    rules, messages = read_rules(address)
    assert read_rules(write_rules(rules)) == (rules, [])
    assert all(len(message) < 300 for message in messages)
