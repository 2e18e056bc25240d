"""A training configuration as an address, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.training.configuration import LIMITS, OPTIMIZERS, TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.lesson_link.training_link import FIELDS, read_lesson, write_lesson
from mnist_app.workspace.storage.visible_text import is_visible

CONFIGS = st.builds(
    TrainingConfig,
    preset=st.sampled_from(list(PRESETS)),
    dataset=st.sampled_from(["mnist", "synthetic"]),
    epochs=st.integers(1, 200),
    batch_size=st.integers(1, 4096),
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.sampled_from([1e-7, 0.001, 0.01, 1 / 3, 10.0]),
    momentum=st.sampled_from([0.0, 0.9, 0.999]),
    validation_share=st.sampled_from([0.0, 1 / 12, 0.25, 0.5]),
    train_size=st.none() | st.integers(20, 1_000_000),
    seed=st.integers(0, 2**31 - 1),
    name=st.text("abc <>&'\"äß→", max_size=80).filter(is_visible),
)


@given(CONFIGS)
def test_an_address_brings_back_exactly_what_it_was_written_from(config: TrainingConfig) -> None:
    assert read_lesson(write_lesson(config)) == (config, [])


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_preset_as_it_is_published_needs_no_more_than_its_name(preset: str) -> None:
    assert write_lesson(PRESETS[preset].defaults) == {"preset": preset}


@given(st.dictionaries(st.sampled_from([*FIELDS, "run", "other"]), st.text(max_size=200)))
def test_any_address_gives_a_configuration_and_sentences(address: dict[str, str]) -> None:
    config, messages = read_lesson(address)
    assert isinstance(config, TrainingConfig)
    assert all(message.endswith(".") and "\n" not in message for message in messages)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("epochs", "5000", 200),
        ("epochs", "-3", 1),
        ("epochs", "2.6", 3),
        ("epochs", "many", PRESETS["cnn"].defaults.epochs),
        ("epochs", "nan", PRESETS["cnn"].defaults.epochs),
        ("learning_rate", "inf", LIMITS["learning_rate"].maximum),
        ("train_size", "1e99", 1_000_000),
        ("validation_share", "0.9", 0.5),
        ("optimizer", "magic", "momentum"),
        ("dataset", "../../etc", "mnist"),
        ("name", "x" * 10_000, "x" * 80),
        ("name", "\u202eevil \u2066\x00name", "evil name"),
    ],
)
def test_what_is_wrong_in_an_address_is_put_right_and_said(field: str, text: str, value: object) -> None:
    config, messages = read_lesson({field: text})
    assert getattr(config, field) == value
    assert len(messages) == 1


def test_a_preset_that_is_not_there_is_said_with_those_that_are() -> None:
    config, messages = read_lesson({"preset": "gpt"})
    assert config == PRESETS["cnn"].defaults
    assert "dense, cnn, accurate" in messages[0]
