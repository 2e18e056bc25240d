"""What a lesson link asks besides a training: to the address and back, and what is wrong in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_app.ui.frame import navigation
from mnist_app.ui.lesson_link.class_rules import CONTROLS
from mnist_app.ui.lesson_link.rules_link import FIELDS, read_rules, write_rules
from mnist_app.workspace.classroom.class_settings import (
    CLASS_LIMITS,
    HIDEABLE_CONTROLS,
    HIDEABLE_PAGES,
    ClassSettings,
)

ANY_RULES = st.builds(
    ClassSettings,
    **{name: st.integers(int(limit.minimum), int(limit.maximum)) for name, limit in CLASS_LIMITS.items()},
    hidden_pages=st.frozensets(st.sampled_from(sorted(HIDEABLE_PAGES))),
    hidden_controls=st.frozensets(st.sampled_from(sorted(HIDEABLE_CONTROLS))),
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
    assert not any("ddress" in message or "start_model" in message for message in messages)


def test_a_link_hides_nothing_that_the_teacher_could_not_choose() -> None:
    rules, messages = read_rules({"hide": "draw,learn,teacher", "put_away": "camera,teacher_access"})
    assert rules == ClassSettings(hidden_pages=frozenset({"learn"}), hidden_controls=frozenset({"camera"}))
    assert messages == [
        "This link also wants to hide 'draw', 'teacher', which cannot be hidden.",
        "This link also wants to hide 'teacher_access', which cannot be hidden.",
    ]


def test_what_can_be_hidden_is_what_the_teacher_s_page_offers() -> None:
    assert {page.name for page in navigation.OTHERS} == HIDEABLE_PAGES
    assert {control.name for control in CONTROLS} == HIDEABLE_CONTROLS


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60), max_size=6))
def test_no_address_is_a_fault(address: dict[str, str]) -> None:
    rules, messages = read_rules(address)
    assert read_rules(write_rules(rules)) == (rules, [])
    assert all(len(message) < 300 for message in messages)
